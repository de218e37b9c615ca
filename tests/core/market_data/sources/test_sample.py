"""The sample bars against what is known of these companies and of the file itself."""

import hashlib
import re

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import NotFoundError
from core.market_data.sources.sample import FILE, NAMES, SampleSource
from core.reference.adjustments import adjust
from core.reference.schema import validate_bars
from core.reference.tickers import Ticker
from tests.support.homes import AT

REAL = ["AAPL", "FB", "GOOG", "IBM", "MSFT"]


def bars_of(symbol: str, start: str | None = None, end: str | None = None) -> pd.DataFrame:
    first, last = (None if text is None else pd.Timestamp(text) for text in (start, end))
    return SampleSource().fetch(Ticker.parse(symbol), first, last, AT)


def on(bars: pd.DataFrame, date: str) -> pd.Series:
    return bars.set_index("session").loc[date]


def test_the_file_is_the_one_of_the_provenance() -> None:
    text = re.search(r"sha256 ([0-9a-f]{64})", (FILE.parent / "PROVENANCE.md").read_text())
    assert text is not None
    assert hashlib.sha256(FILE.read_bytes()).hexdigest() == text[1]


def test_the_sample_holds_six_tickers_in_order() -> None:
    assert [str(ticker) for ticker in SampleSource().tickers()] == ["9999.TW", *REAL]
    assert set(NAMES) == {"9999.TW", *REAL}


@pytest.mark.parametrize("symbol", [*REAL, "9999.TW"])
def test_every_ticker_keeps_the_contract(symbol: str) -> None:
    bars = bars_of(symbol)
    pd.testing.assert_frame_equal(validate_bars(bars), bars)
    assert len(bars) > 150 and set(bars["ticker"]) == {symbol}
    assert set(bars["source"]) == {"sample"} and (bars["ingested_at"] == AT).all()
    inside = bars["low"].le(bars[["open", "close"]].min(axis=1)) & bars["high"].ge(
        bars[["open", "close"]].max(axis=1)
    )
    assert inside.mean() > 0.99


SPLITS = {
    "AAPL": ["2000-06-21", "2005-02-28"],
    "MSFT": ["2003-02-18"],
    "IBM": [],
    "GOOG": [],
    "FB": [],
}


@pytest.mark.parametrize("symbol", REAL)
def test_splits_are_the_known_ones(symbol: str) -> None:
    bars = bars_of(symbol)
    split = bars[bars["split_ratio"] != 1.0]
    assert [f"{session:%Y-%m-%d}" for session in split["session"]] == SPLITS[symbol]
    assert (split["split_ratio"] == 2.0).all()


DIVIDENDS = [
    ("AAPL", "2012-08-09", 2.65),
    ("AAPL", "2012-11-07", 2.65),
    ("AAPL", "2013-02-07", 2.65),
    ("MSFT", "2003-02-19", 0.08),
    ("MSFT", "2004-11-15", 3.08),
    ("MSFT", "2012-11-13", 0.23),
    ("IBM", "2000-05-08", 0.13),
    ("IBM", "2013-02-06", 0.85),
]


@pytest.mark.parametrize(("symbol", "date", "amount"), DIVIDENDS)
def test_known_dividends(symbol: str, date: str, amount: float) -> None:
    assert on(bars_of(symbol), date)["dividend"] == pytest.approx(amount, abs=1e-3)


@pytest.mark.parametrize(("symbol", "count"), [("AAPL", 3), ("IBM", 52), ("GOOG", 0), ("FB", 0)])
def test_as_many_dividends_as_were_paid(symbol: str, count: int) -> None:
    """IBM paid every quarter from May 2000 to February 2013; rounding must not invent more."""
    paid = bars_of(symbol)["dividend"]
    assert (paid > 0).sum() == count
    assert paid[paid > 0].ge(0.05).all()


def test_apple_s_fall_of_2000_is_kept() -> None:
    bars = bars_of("AAPL")
    at = bars.index[bars["session"] == "2000-09-29"][0]
    change = bars["close"][at] / bars["close"][at - 1] - 1.0
    assert change == pytest.approx(-0.52, abs=0.005)
    assert bars["split_ratio"][at] == 1.0 and bars["dividend"][at] == 0.0


# Dividends are found from the file's own adjustment and rounded to a hundredth of a cent.
@pytest.mark.parametrize(
    ("symbol", "tolerance"),
    [("GOOG", 1e-12), ("FB", 1e-12), ("AAPL", 3e-4), ("IBM", 3e-4), ("MSFT", 3e-4)],
)
def test_adjusted_close_is_proportional_to_the_file_s_own(symbol: str, tolerance: float) -> None:
    file = pd.read_csv(FILE, parse_dates=["Date"])
    theirs = file[file["Ticker"] == symbol].sort_values("Date", ignore_index=True)
    ours = adjust(bars_of(symbol))
    assert ours["session"].equals(theirs["Date"].astype("datetime64[ns]"))
    ratio = (ours["close"] / theirs["Adj Close"]).to_numpy()
    np.testing.assert_allclose(ratio / ratio[-1], 1.0, rtol=tolerance)


def test_a_split_is_no_return() -> None:
    for symbol, dates in SPLITS.items():
        change = adjust(bars_of(symbol)).set_index("session")["close"].pct_change()
        assert change.loc[pd.DatetimeIndex(dates)].abs().max() < 0.1 or not dates


def test_a_range_holds_both_its_ends() -> None:
    bars = bars_of("AAPL", "2012-08-08", "2012-08-09")
    assert [f"{session:%d}" for session in bars["session"]] == ["08", "09"]
    assert len(bars_of("FB", "2000-01-01", "2012-05-17")) == 0


def test_what_the_sample_does_not_hold_is_named_with_what_it_does() -> None:
    with pytest.raises(
        NotFoundError, match="^TSLA is not in the sample data, which holds 9999.TW, A"
    ):
        bars_of("TSLA")


def test_a_caller_cannot_spoil_the_sample() -> None:
    bars = bars_of("IBM")
    bars.loc[:, "close"] = 1.0
    assert bars_of("IBM")["close"].min() > 50
