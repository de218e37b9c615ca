"""A ticker that is restless every quarter is expected to be so again; nothing else is."""

import numpy as np
import pandas as pd

from core.features.earnings_season import abnormal_volatility
from core.features.panel import Panel
from core.features.spec import HAR
from core.models import create
from tests.support.bars import walk, walks

EVERY = 63


def reporting(count: int = 4, sessions: int = 900, seed: int = 0) -> tuple[pd.DataFrame, int]:
    """Walks of which the first opens with a gap at high volume every quarter, and when."""
    bars = walks(count, sessions, seed)
    of_first = np.flatnonzero(bars["ticker"] == "T0")
    at = of_first[40::EVERY]
    factor = np.ones(sessions)
    factor[40::EVERY] = np.exp(np.where(np.arange(len(at)) % 2, 0.12, -0.12))
    level = np.cumprod(factor)
    for name in ("open", "high", "low", "close"):
        bars.loc[of_first, name] *= level
    bars.loc[at, "volume"] *= 4.0
    return bars, 40


def expected(bars: pd.DataFrame, ticker: int, row: int) -> np.ndarray:
    panel = Panel.of(bars)
    return panel.season(panel.first[ticker] + np.array([row]))[0]


def test_the_sessions_before_a_report_are_told_from_others() -> None:
    bars, start = reporting()
    due = start + 12 * EVERY
    near, far = expected(bars, 0, due - 1), expected(bars, 0, due - 30)
    assert near[0] > 20 * max(far[0], 1e-3) and near[0] > 0.3
    assert expected(bars, 0, due - 10)[9] > 3 * expected(bars, 0, due - 10)[4]
    assert expected(bars, 1, due - 1)[0] < 0.1 * near[0]


def test_what_the_whole_market_did_is_no_event() -> None:
    bars, start = reporting()
    alike = [bars[bars["ticker"] == "T0"].assign(ticker=f"T{k}") for k in range(4)]
    found = expected(pd.concat(alike, ignore_index=True), 0, start + 12 * EVERY - 1)
    assert (found == 0).all()
    assert expected(alike[0], 0, start + 12 * EVERY - 1)[0] > 0.3, "alone, it is its own market"


def test_only_sessions_at_least_forty_one_back_are_read() -> None:
    bars = walks(2, 500, 3)
    row = 400
    before = expected(bars, 0, row)
    altered = bars.copy()
    late = altered.groupby("ticker").cumcount() > row - (HAR.season_lags[0] - 20 - 2)
    altered.loc[late, ["open", "high", "low", "close", "volume"]] *= 7.0
    np.testing.assert_array_equal(expected(altered, 0, row), before)


def test_unknown_opens_and_volumes_say_nothing() -> None:
    bars = walk(sessions=400).assign(volume=np.nan, open=np.nan, high=np.nan, low=np.nan)
    panel = Panel.of(bars)
    assert np.isfinite(panel.season(np.arange(len(bars)))).all()
    assert (
        abnormal_volatility(np.array([[-5.0, -5.0, -5.0], [9.0, 9.0, 9.0]])) == [0.0, 5.0625]
    ).all()


def test_a_young_ticker_has_no_season() -> None:
    assert (expected(walks(2, 300), 0, 30) == 0).all()


def test_har_is_wider_before_a_report() -> None:
    bars, start = reporting(sessions=1400)
    due = start + 20 * EVERY
    panel = Panel.of(bars)
    fitted = create("har").fit_panel(panel)
    rows = np.array([due - 1, due - 25])
    predicted = fitted.quantiles(panel, rows)
    width = (predicted[:, 0, -1] - predicted[:, 0, 0]) / np.sqrt(panel.variance[rows - 1].mean())
    assert width[0] > 1.2 * width[1]
