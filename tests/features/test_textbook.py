"""The one-pass indicators against pandas, chart functions, and hostile series."""

import numpy as np
import pandas as pd
import pytest

from core.features import indicators
from core.features.panel import ticker_major
from core.features.textbook import NAMES, indicators_of, textbook
from tests.bars import walk, walks
from tests.benchmarks.peers.indicators import by_pandas


def test_each_ticker_has_what_pandas_computes_once_seeds_are_forgotten() -> None:
    found = textbook(walks(3, 900))
    assert list(found.columns) == ["ticker", "session", *NAMES]
    _, first, series = ticker_major(
        walks(3, 900).sort_values(["ticker", "session"]), ("high", "low", "close", "volume")
    )
    expected = by_pandas(first, tuple(series)).T
    for start in first[:-1]:
        settled = slice(start + 500, start + 900)
        np.testing.assert_allclose(
            found[list(NAMES)][settled], expected[settled], rtol=1e-9, atol=1e-12
        )


def test_charts_show_the_same_numbers() -> None:
    bars = walk(sessions=200)
    found, close = textbook(bars), bars["close"].to_numpy()
    macd, bands = indicators.macd(close), indicators.bollinger(close)
    for name, expected in {
        "sma_10": indicators.sma(close, 10),
        "ema_26": indicators.ema(close, 26),
        "rsi_14": indicators.rsi(close),
        "macd": macd.line,
        "macd_signal": macd.signal,
        "macd_histogram": macd.histogram,
        "bollinger_lower": bands.lower,
        "bollinger_upper": bands.upper,
    }.items():
        np.testing.assert_array_equal(found[name], expected)


def test_row_order_and_the_number_of_cores_change_nothing() -> None:
    bars = walks(5, 120)
    found = textbook(bars)
    pd.testing.assert_frame_equal(textbook(bars.sample(frac=1, random_state=1)), found)
    first = np.arange(6, dtype=np.int64) * 120
    ordered = bars.sort_values(["ticker", "session"])
    series = [ordered[name].to_numpy(float) for name in ("high", "low", "close", "volume")]
    for cores in (1, 3, 8):
        np.testing.assert_array_equal(
            indicators_of(first, *series, cores=cores), found[list(NAMES)].to_numpy().T
        )


def test_the_future_changes_no_past_value() -> None:
    bars = walk(sessions=300)
    whole = textbook(bars)
    loud = bars.copy()
    loud.loc[200:, ["open", "high", "low", "close"]] *= 10.0
    for changed in (bars[:200], loud):
        pd.testing.assert_frame_equal(textbook(changed)[:200], whole[:200])


@pytest.mark.parametrize("scale", [1e-6, 1e9])
def test_an_old_huge_stretch_leaves_no_trace(scale: float) -> None:
    """A running sum would keep the rounding of prices a thousand times as high for ever."""
    calm = walk(sessions=300)
    wild = calm.copy()
    prices = ["open", "high", "low", "close"]
    wild.loc[:99, prices] = wild.loc[:99, prices] * scale
    windowed = ["sma_5", "sma_20", "bollinger_lower", "bollinger_upper", "volatility_20"]
    np.testing.assert_array_equal(textbook(wild)[windowed][140:], textbook(calm)[windowed][140:])


def test_a_missing_volume_and_range_are_missed_only_where_they_count() -> None:
    bars = walk(sessions=120)
    bars.loc[60, "volume"] = np.nan
    bars.loc[60, ["open", "high", "low"]] = np.nan
    found = textbook(bars)
    assert found["volume_20"][60:80].isna().all() and found["volume_20"][80:].notna().all()
    assert found["atr_14"][14:].notna().all()


@pytest.mark.parametrize("sessions", [1, 2, 14, 15, 19, 20, 21, 34])
def test_a_short_series_is_warm_up_as_far_as_it_goes(sessions: int) -> None:
    found = textbook(walk(sessions=sessions))
    ready = {"return_1": 1, "sma_5": 4, "sma_20": 19, "ema_26": 25, "macd_signal": 33} | {
        "rsi_14": 14,
        "atr_14": 14,
        "volume_20": 19,
        "volatility_20": 20,
    }
    for name, warm_up in ready.items():
        known = np.arange(sessions) >= warm_up
        np.testing.assert_array_equal(found[name].notna(), known, err_msg=name)


def test_nothing_gives_nothing() -> None:
    assert textbook(walk(sessions=5)[:0]).empty
