"""Files that lie in no folder, and how their tickers were read."""

from pathlib import Path

import pytest

from core.foundation.errors import SourceError
from core.market_data.sources.csv_file import CsvSource
from core.market_data.sources.tables.text import FileBytes
from tests.core.market_data.sources.test_csv_file import AAPL, HEAD, NEXT, ROW, fetched, source


def test_how_a_ticker_of_the_file_was_read_is_noted_once(tmp_path: Path) -> None:
    given = source(tmp_path, f"Ticker,{HEAD}", f"50,{ROW}", f"50,{NEXT}", f"AAPL,{ROW}")
    (understood,) = given.understood
    assert list(map(str, understood.notes)) == [
        "50 was read as 0050.TW 元大台灣50 Yuanta Taiwan 50."
    ]


def test_bytes_are_read_under_the_name_they_were_given(tmp_path: Path) -> None:
    path = tmp_path / "bars.csv"
    path.write_text(f"{HEAD}\n{ROW}\n")
    given = FileBytes("../../bars.csv", f"{HEAD}\n{NEXT}\n".encode())
    found = CsvSource([given, path, given], AAPL)
    assert [one.file for one in found.understood] == ["../../bars.csv", "bars.csv"]
    assert list(fetched(found)["close"]) == [1.5, 1.6]
    with pytest.raises(SourceError, match="^../../bars.csv is no text file"):
        CsvSource([FileBytes("../../bars.csv", b"\0")], AAPL)
