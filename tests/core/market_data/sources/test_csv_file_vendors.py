"""Exports of vendors that nobody had read before, made by somebody who did not know the reader.

Beside each stands what is right (`.right`); the prices are invented.
"""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import SchemaError
from core.market_data.sources.csv_file import CsvSource
from core.reference.tickers import Ticker

VENDORS = Path(__file__).parent / "vendors"
AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
READ = sorted(path.stem for path in VENDORS.glob("*.right"))


def file(name: str) -> Path:
    (found,) = [path for path in VENDORS.glob(f"{name}.*") if path.suffix != ".right"]
    return found


@pytest.mark.parametrize("name", READ)
def test_every_value_is_read(name: str) -> None:
    right = pd.read_csv(VENDORS / f"{name}.right", parse_dates=["session"])
    tickers = list(map(Ticker.parse, right["ticker"].unique()))
    source = CsvSource(file(name), tickers[0] if len(tickers) == 1 else None)
    bars = pd.concat([source.fetch(one, None, None, AT) for one in tickers])
    found = bars[list(right.columns)].reset_index(drop=True)
    right["session"] = right["session"].astype(found["session"].dtype)
    pd.testing.assert_frame_equal(found, right, check_dtype=False)


def test_ten_and_two_more_are_read() -> None:
    assert len(READ) == 12


@pytest.mark.parametrize(
    ("name", "symbol", "sentence"),
    [
        (
            "tiingo-adjusted-only",
            "NVDA",
            "has adjusted prices only, adjOpen, adjHigh, adjLow, adjClose, in row 1; give those as",
        ),
        (
            "tongdaxin-adjusted",
            "600000.SS",
            'says in row 1 that its prices are adjusted, "600000 浦发银行 日线 前复权"; give those',
        ),
        (
            "yahoo-japan-split-row",
            "9983.T",
            'row 15 names an action, "分割：1株 -> 5株"; take the row out, and say it in a column',
        ),
    ],
)
def test_what_cannot_be_read_says_what_to_do(name: str, symbol: str, sentence: str) -> None:
    with pytest.raises(SchemaError) as caught:
        CsvSource(file(name), Ticker.parse(symbol))
    assert sentence in caught.value.message


def test_a_bloomberg_title_names_no_ticker_px() -> None:
    with pytest.raises(SchemaError, match="name one ticker with --tickers"):
        CsvSource(file("bloomberg"))


def test_words_of_one_s_own_have_a_header(tmp_path: Path) -> None:
    own = tmp_path / "columns.csv"
    own.write_text("column,means\nkurs,close\n")
    with pytest.raises(SchemaError, match="its first line should be meaning,vendor,words"):
        CsvSource(file("nasdaq"), Ticker.parse("AAPL"), words=own)
