"""Indicators against loops written from their definitions."""

import numpy as np
import pandas as pd
import pytest

from core.features.indicators import bollinger, ema, macd, rsi, sma
from core.foundation.errors import InvalidInputError

PRICES = 50.0 * np.exp(np.cumsum(np.random.default_rng(3).normal(0, 0.02, 120)))


def naive_ema(values: list[float], span: int) -> list[float]:
    found = [float("nan")] * (span - 1) + [sum(values[:span]) / span]
    for value in values[span:]:
        found.append(found[-1] * (1 - 2 / (span + 1)) + value * 2 / (span + 1))
    return found


def naive_rsi(values: list[float], window: int) -> list[float]:
    found = [float("nan")] * window
    rises = [max(b - a, 0) for a, b in zip(values, values[1:])]
    falls = [max(a - b, 0) for a, b in zip(values, values[1:])]
    rise, fall = sum(rises[:window]) / window, sum(falls[:window]) / window
    found.append(100 - 100 / (1 + rise / fall))
    for up, down in zip(rises[window:], falls[window:]):
        rise, fall = (rise * (window - 1) + up) / window, (fall * (window - 1) + down) / window
        found.append(100 - 100 / (1 + rise / fall))
    return found


def test_sma_is_the_rolling_mean() -> None:
    expected = pd.Series(PRICES).rolling(20).mean()
    np.testing.assert_allclose(sma(PRICES, 20), expected, rtol=1e-12)


@pytest.mark.parametrize("span", [1, 12, 26])
def test_ema_follows_its_recursion(span: int) -> None:
    np.testing.assert_allclose(ema(PRICES, span), naive_ema(list(PRICES), span), rtol=1e-12)


def test_ema_forgets_its_seed() -> None:
    long = np.tile(PRICES, 4)
    expected = pd.Series(long).ewm(span=12, adjust=False).mean()
    np.testing.assert_allclose(ema(long, 12)[-100:], expected[-100:], rtol=1e-9)


def test_rsi_follows_wilder() -> None:
    np.testing.assert_allclose(rsi(PRICES), naive_rsi(list(PRICES), 14), rtol=1e-12)


def test_rsi_of_rising_falling_and_still_prices() -> None:
    rising = np.arange(1.0, 31.0)
    assert set(rsi(rising)[14:]) == {100.0}
    assert set(rsi(rising[::-1])[14:]) == {0.0}
    assert set(rsi(np.ones(30))[14:]) == {50.0}


def test_macd_is_the_gap_of_two_averages() -> None:
    line = np.array(naive_ema(list(PRICES), 12)) - np.array(naive_ema(list(PRICES), 26))
    signal = np.r_[np.full(25, np.nan), naive_ema(list(line[25:]), 9)]
    found = macd(PRICES)
    np.testing.assert_allclose(found.line, line, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.signal, signal, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.histogram, line - signal, rtol=1e-9, atol=1e-10)


def test_bollinger_bands_are_two_deviations_wide() -> None:
    rolling = pd.Series(PRICES).rolling(20)
    found = bollinger(PRICES)
    np.testing.assert_allclose(found.upper, rolling.mean() + 2 * rolling.std(ddof=0), rtol=1e-10)
    np.testing.assert_allclose(found.lower, rolling.mean() - 2 * rolling.std(ddof=0), rtol=1e-10)


def test_too_short_a_series_is_all_warm_up() -> None:
    for found in (sma(PRICES[:5], 20), ema(PRICES[:5], 20), rsi(PRICES[:5]), *macd(PRICES[:5])):
        assert len(found) == 5 and np.isnan(found).all()
    assert len(ema(np.empty(0), 3)) == 0


def test_impossible_windows_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="at least one session"):
        sma(PRICES, 0)
    with pytest.raises(InvalidInputError, match="below the slow"):
        macd(PRICES, 26, 12)
