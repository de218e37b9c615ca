"""Files as people have them, held to what is right of each: sessions, closes, volumes, counts."""

from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import NotFoundError, SchemaError
from core.market_data.sources.csv_file import CsvSource
from core.reference.tickers import Ticker
from tests.support.homes import AT

FIELD = Path(__file__).parent / "field"
AUTUMN = ("2026-09-02", 100.52, 2235201, "2026-11-25", 95.7, 8121095, 60)
TWENTY = ("2026-09-02", 2010.4, 2235201, "2026-11-25", 1914.0, 8121095, 60)
MONTH = ("2026-10-27", 927.98, 6432525, "2026-11-25", 885.57, 5753721, 22)
TAIPEI = ("2026-08-28", 100.52, 2235201, "2026-11-25", 95.7, 8121095, 60)
EPOCH = ("2026-08-28", 100.52, 2235201, "2026-10-13", 97.07, 3515182, 30)
# file, ticker, then of the first and of the last session: date, close, volume; and how many.
RIGHT = [
    ("01-yfinance-three-headers.csv", "ZZA", AUTUMN),
    ("01b-yfinance-two-tickers-wide.csv", "ZZA", AUTUMN),
    (
        "01b-yfinance-two-tickers-wide.csv",
        "ZZB",
        ("2026-09-02", 100.28, 6590747, "2026-11-25", 107.41, 7928592, 60),
    ),
    ("01c-yfinance-flattened-tuples.csv", "ZZA", AUTUMN),
    ("01d-index-column.csv", "ZZA", AUTUMN),
    (
        "02-investing.csv",
        "ZZA",
        ("2026-09-02", 2010.4, 2240000, "2026-11-25", 1914.0, 8120000, 60),
    ),
    ("02b-investing-renamed.csv", "ZZA", TWENTY),
    ("02c-investing-dayfirst.csv", "ZZA", AUTUMN),
    ("02d-german-semicolon.csv", "ZZA", AUTUMN),
    ("02e-newest-first.csv", "ZZA", AUTUMN),
    ("03-twse-month-big5.csv", "9998.TW", MONTH),
    ("03b-twse-month-utf8.csv", "9998.TW", MONTH),
    ("03c-twse-chinese-header-iso.csv", "9998.TW", MONTH),
    ("03e-roc-dates.csv", "9998.TW", MONTH),
    ("03f-roc-listing-star.csv", "9998.TW", MONTH),
    ("03g-halted-dashes.csv", "9998.TW", (*MONTH[:6], 21)),
    ("03h-null-row.csv", "9998.TW", MONTH),
    ("03i-footer-empty-lines.csv", "9998.TW", MONTH),
    ("03j-joined-months-second-header.csv", "9998.TW", MONTH),
    ("03k-slashes.csv", "9998.TW", MONTH),
    ("03l-utf16-tabs.txt", "9998.TW", MONTH),
    ("03m-excel-serial.csv", "9998.TW", MONTH),
    ("03n-yyyymmdd.csv", "9998.TW", MONTH),
    ("03o-roc-compact.csv", "9998.TW", MONTH),
    (
        "25-naive-utc-stamps.csv",
        "2330.TW",
        ("2025-09-02", 99.99, 8082088, "2026-11-25", 120.07, 6707884, 300),
    ),
    ("31-ticker-disagrees.csv", "2330.TW", TAIPEI),
    ("32-overlapping-months.csv", "2330.TW", (*TAIPEI[:6], 80)),
    ("34-finmind-columns.csv", "2330.TW", TAIPEI),
    ("35-tradingview-epoch.csv", "2330.TW", EPOCH),
    ("35b-tradingview-epoch-renamed.csv", "2330.TW", EPOCH),
    ("36-stooq-ascii.csv", "AAPL", TAIPEI),
    ("36b-stooq-polish.csv", "AAPL", TAIPEI),
    ("37-alphavantage.csv", "AAPL", TAIPEI),
    ("37b-alphavantage-date-renamed-dividend-lost.csv", "AAPL", TAIPEI),
]


def fetched(name: str, symbol: str) -> pd.DataFrame:
    ticker = Ticker.parse(symbol)
    return CsvSource(FIELD / name, ticker).fetch(ticker, None, None, AT)


@pytest.mark.parametrize(("name", "symbol", "right"), RIGHT)
def test_a_file_is_read_rightly(name: str, symbol: str, right: tuple[object, ...]) -> None:
    bars = fetched(name, symbol)
    first, last = bars.iloc[0], bars.iloc[-1]
    found = (
        *(str(first["session"].date()), first["close"], first["volume"]),
        *(str(last["session"].date()), last["close"], last["volume"], len(bars)),
    )
    assert found == right
    assert (bars["high"].isna() | (bars["high"] >= bars["low"])).all()
    assert bars["session"].is_monotonic_increasing


def test_the_same_bars_come_out_of_every_spelling_of_one_file() -> None:
    plain = fetched("02e-newest-first.csv", "ZZA").drop(columns="ticker")
    for name in ("01-yfinance-three-headers.csv", "01c-yfinance-flattened-tuples.csv"):
        pd.testing.assert_frame_equal(fetched(name, "ZZA").drop(columns="ticker"), plain)
    for name in ("02c-investing-dayfirst.csv", "02d-german-semicolon.csv"):
        pd.testing.assert_frame_equal(fetched(name, "ZZA").drop(columns="ticker"), plain)
    month = fetched("03n-yyyymmdd.csv", "9998.TW")
    others = [one for one, symbol, _ in RIGHT if symbol == "9998.TW" and one[:3] not in "03g03h"]
    assert len(others) > 10
    for name in others:
        bars = fetched(name, "9998.TW")
        unknown = bars["session"][bars["dividend"].isna()]
        # As downloaded they say X0.00 on one day: the exchange compares it with no other.
        downloaded = name.startswith(("03-", "03b-"))
        assert list(unknown) == [pd.Timestamp("2026-11-10")] * downloaded
        plain = bars.fillna({"dividend": 0.0}).drop(columns="change", errors="ignore")
        pd.testing.assert_frame_equal(plain, month)


def test_a_wide_file_lists_its_tickers() -> None:
    source = CsvSource(FIELD / "01b-yfinance-two-tickers-wide.csv")
    assert [str(one) for one in source.tickers()] == ["ZZA", "ZZB"]


def test_a_dividend_beside_a_coefficient_of_one_is_read() -> None:
    bars = fetched("37b-alphavantage-date-renamed-dividend-lost.csv", "AAPL")
    assert (bars["split_ratio"] == 1).all()
    (paid,) = bars.index[bars["dividend"] > 0]
    assert str(bars["session"][paid].date()) == "2026-10-13" and bars["dividend"][paid] == 2.5
    assert list(bars["vendor_close"]) == list(bars["close"])


def test_minute_bars_are_refused_in_one_sentence() -> None:
    with pytest.raises(SchemaError, match="such as 9 on 2026-11-23; minute bars are not read.$"):
        fetched("26-minute-bars.csv", "2330.TW")


def test_a_file_of_another_ticker_is_refused() -> None:
    with pytest.raises(NotFoundError, match="^2317.TW is not in the CSV file.$"):
        fetched("31-ticker-disagrees.csv", "2317.TW")
    with pytest.raises(SchemaError, match="that it is of 9998, not of 2330.TW.$"):
        fetched("03-twse-month-big5.csv", "2330.TW")


def test_epoch_seconds_of_taipei_are_no_session_of_new_york() -> None:
    with pytest.raises(SchemaError, match="are of another time zone than AAPL trades in"):
        fetched("35-tradingview-epoch.csv", "AAPL")
