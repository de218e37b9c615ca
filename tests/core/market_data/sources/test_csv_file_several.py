"""Several files at once, and the same table between other separators and in other encodings."""

from pathlib import Path

import pytest

from core.foundation.errors import SourceError
from core.market_data.sources.csv_file import CsvSource
from tests.core.market_data.sources.test_csv_file import AAPL, HEAD, NEXT, ROW, fetched


def test_a_folder_and_a_pattern_stand_for_their_files(tmp_path: Path) -> None:
    (tmp_path / "1.csv").write_text(f"{HEAD}\n{ROW}\n")
    (tmp_path / "2.TXT").write_text(f"{HEAD}\n{NEXT}\n".replace(",", ";"))
    (tmp_path / "notes.md").write_text("no bars")
    for named in (tmp_path, [tmp_path / "1.csv", tmp_path / "*.TXT"], tmp_path / "[12].*"):
        assert list(fetched(CsvSource(named, AAPL))["close"]) == [1.5, 1.6]
    with pytest.raises(SourceError, match="^There is no CSV file in "):
        CsvSource(tmp_path / "*.gz", AAPL)


@pytest.mark.parametrize("separator", [";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_another_separator_and_encoding_is_read(
    separator: str, encoding: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(f"{HEAD}\n{ROW}\n{NEXT}\n".replace(",", separator).encode(encoding))
    assert list(fetched(CsvSource(path, AAPL))["close"]) == [1.5, 1.6]
