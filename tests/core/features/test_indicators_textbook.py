"""All indicators of a ticker against their definitions, the chart's and hostile series."""

import numpy as np
import pandas as pd
import pytest

from core.features import indicators
from core.features.indicators import NAMES, textbook
from tests.support.bars import walk


def test_windows_are_what_pandas_rolls() -> None:
    bars = walk(sessions=200)
    found, close = textbook(bars), bars["close"]
    assert list(found.columns) == ["ticker", "session", *NAMES]
    for name, expected in {
        **{f"return_{sessions}": close / close.shift(sessions) - 1 for sessions in (1, 5, 10, 20)},
        "sma_5": close.rolling(5).mean(),
        "sma_20": close.rolling(20).mean(),
        "bollinger_upper": close.rolling(20).mean() + 2 * close.rolling(20).std(ddof=0),
        "volume_20": bars["volume"].rolling(20).mean(),
        "volatility_20": (np.log(close / close.shift()) ** 2).rolling(20).mean() ** 0.5,
    }.items():
        np.testing.assert_allclose(found[name], expected, rtol=1e-9, atol=1e-12, err_msg=name)


def test_the_true_range_is_averaged_as_wilder_does() -> None:
    bars = walk(sessions=100)
    high, low, close = (bars[name].tolist() for name in ("high", "low", "close"))
    reach = [
        max(high[at], close[at - 1]) - min(low[at], close[at - 1]) for at in range(1, len(close))
    ]
    expected = [sum(reach[:14]) / 14]
    for one in reach[14:]:
        expected.append(expected[-1] * 13 / 14 + one / 14)
    np.testing.assert_allclose(textbook(bars)["atr_14"][14:], expected, rtol=1e-12)


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


def test_row_order_changes_nothing() -> None:
    bars = walk(sessions=120)
    shuffled = textbook(bars.sample(frac=1, random_state=1))
    pd.testing.assert_frame_equal(shuffled, textbook(bars))


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
