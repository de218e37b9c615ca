"""A ticker's own bars and the market's sums give what the whole panel gives, to the bit."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.features import build
from core.features.market_state import MarketState
from core.features.panel import Panel
from core.features.spec import HAR
from core.models import NAMES, create
from core.models.short_history import Averaged
from core.models.width_drivers import drivers
from tests.support.bars import walk, walks

YOUNG, TAIPEI = "NEW", "2330.TW"


def market_of_all() -> pd.DataFrame:
    """Two exchanges, a young ticker, one that stopped, and one that misses sessions."""
    bars = walks(5, 420, seed=11)
    sessions = pd.DatetimeIndex(bars["session"].unique())
    names = sorted(bars["ticker"].unique())
    rows = [
        bars[(bars["ticker"] != names[1]) | (bars["session"] <= sessions[300])],
        walk(YOUNG, 420, seed=12)[-60:],
        walk(TAIPEI, 420, seed=13),
        walk("2317.TW", 420, seed=14),
    ]
    found = pd.concat(rows, ignore_index=True)
    missing = (found["ticker"] == names[2]) & found["session"].isin(sessions[200:240:7])
    return found[~missing].reset_index(drop=True)


BARS = market_of_all()
TICKERS = sorted(BARS["ticker"].unique())
WHOLE = Panel.of(BARS)
FITTED = [create(name).fit_panel(WHOLE) for name in NAMES]


def of(tickers: Sequence[str]) -> pd.DataFrame:
    return BARS[BARS["ticker"].isin(tickers)]


def equal(one: MarketState, other: MarketState) -> None:
    assert one.calendars == other.calendars
    for name in ("calendar", "session", "sums"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))


@pytest.mark.parametrize("ticker", TICKERS)
def test_every_forecaster_needs_no_more_than_its_own_bars_and_the_market(ticker: str) -> None:
    alone = Panel.of(of([ticker]), WHOLE.market_state)
    code = WHOLE.tickers.index(ticker)
    mine = np.arange(WHOLE.first[code], WHOLE.first[code + 1])
    np.testing.assert_array_equal(alone.features, WHOLE.features[mine])
    np.testing.assert_array_equal(alone.season(mine - mine[0]), WHOLE.season(mine))
    for forecaster in FITTED:
        found, expected = forecaster.quantiles(alone, mine - mine[0]), forecaster.quantiles(
            WHOLE, mine
        )
        np.testing.assert_array_equal(found, expected, forecaster.name)
        if len(mine) >= forecaster.min_observations:
            predicted = forecaster.predict(of([ticker]), market=WHOLE.market_state)
            whole = forecaster.predict_panel(WHOLE, tickers=[ticker])
            pd.testing.assert_frame_equal(predicted, whole, check_exact=True)
            one, other = drivers(forecaster, alone, len(mine) - 1), drivers(
                forecaster, WHOLE, mine[-1]
            )
            assert (one is None) == (other is None)
            if one is not None and other is not None:
                pd.testing.assert_frame_equal(one, other, check_exact=True)


def test_so_it_is_of_a_young_ticker() -> None:
    both = Averaged(FITTED[NAMES.index("har")], create("random_walk_gauss"))
    code = WHOLE.tickers.index(YOUNG)
    last = np.array([WHOLE.first[code + 1] - 1])
    alone = Panel.of(of([YOUNG]), WHOLE.market_state)
    found, expected = both.quantiles(alone, np.array([59])), both.quantiles(WHOLE, last)
    assert np.isfinite(expected).all()
    np.testing.assert_array_equal(found, expected)


def test_alone_in_the_world_it_has_no_market() -> None:
    """Of a market of one, a young ticker knows nothing; with a past it is its own market."""
    young = Panel.of(of([YOUNG]))
    assert np.isnan(young.young_features(np.array([59]))).all()
    one = build(of([TAIPEI]))
    half = len(HAR.own_names)
    inputs = one[list(HAR.names)].to_numpy()
    assert np.isfinite(inputs[-1]).all()
    np.testing.assert_allclose(inputs[-1, half:], inputs[-1, :half], rtol=0, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(st.permutations(TICKERS), st.lists(st.integers(1, len(TICKERS) - 1), max_size=4))
def test_no_split_into_parts_and_no_order_changes_a_sum(order: list[str], cuts: list[int]) -> None:
    edges = [0, *sorted(set(cuts)), len(order)]
    parts = [
        Panel.of(of(order[a:b])).market_state for a, b in zip(edges[:-1], edges[1:], strict=True)
    ]
    equal(MarketState.joined(parts), WHOLE.market_state)


@settings(max_examples=10, deadline=None)
@given(st.integers(150, 410))
def test_a_session_knows_nothing_of_later_ones(at: int) -> None:
    sessions = np.unique(BARS["session"].to_numpy())
    until = sessions[at]
    later = BARS["session"].to_numpy() > until
    altered = BARS.copy()
    altered.loc[later, ["open", "high", "low", "close", "volume"]] *= 10.0
    for other in (BARS[~later], altered):
        found = Panel.of(other).market_state
        before, then = found.session <= until, WHOLE.market_state.session <= until
        np.testing.assert_array_equal(found.session[before], WHOLE.market_state.session[then])
        np.testing.assert_array_equal(found.sums[before], WHOLE.market_state.sums[then])


def test_the_means_are_those_of_the_sums() -> None:
    """Against pandas, over the tickers of an exchange that have all features of a session."""
    frame = build(BARS).assign(calendar=lambda rows: rows["ticker"].str.endswith(".TW"))
    own = list(HAR.own_names)
    known = frame.dropna(subset=own)
    expected = known.groupby(["calendar", "session"])[own].transform("mean")
    found = known[[f"market_{name}" for name in own]]
    assert len(found) > 1000
    np.testing.assert_allclose(found.to_numpy(), expected.to_numpy(), rtol=0, atol=1e-11)
    missing = frame[own].isna().any(axis=1)
    assert frame.loc[missing, [f"market_{name}" for name in own]].isna().all(axis=None)
