"""Sums over a market: what is left out, what is capped, and who is not there."""

import numpy as np
import pandas as pd

from core.features.market_state import MarketState
from core.features.spec import HAR

OWN = len(HAR.own_names)
DAYS = pd.bdate_range("2024-01-01", periods=3).to_numpy("datetime64[ns]")


def state_of(own: np.ndarray, session: np.ndarray, excess: np.ndarray | None = None) -> MarketState:
    none = np.zeros((len(own), 3)) if excess is None else excess
    return MarketState.of(("XNYS",), np.zeros(len(own), np.int64), session, own, none)


def test_two_tickers_have_the_mean_of_both() -> None:
    own = np.array([[-8.0] * OWN, [-9.0] * OWN])
    state = state_of(own, DAYS[[0, 0]])
    assert (state.means[0] == -8.5).all() and state.counted[0] == 2


def test_a_row_with_an_unknown_feature_counts_as_a_session_alone() -> None:
    own = np.full((2, OWN), 2.0)
    own[1, 3] = np.nan
    excess = np.array([[1.0, 0.0, 0.0], [3.0, 0.0, 0.0]])
    state = state_of(own, DAYS[[0, 0]], excess)
    assert state.counted[0] == 1 and (state.means[0] == 2.0).all()
    assert state.beyond_others(np.array([0, 0]), excess)[:, 0].tolist() == [-2.0, 2.0]


def test_a_session_that_nobody_has_is_unknown_and_takes_nothing_out() -> None:
    state = state_of(np.ones((1, OWN)), DAYS[:1])
    rows = state.rows(("XTAI", "XNYS"), np.array([0, 1, 1]), DAYS[[0, 0, 2]])
    assert rows.tolist() == [1, 0, 1]
    assert np.isnan(state.means[1]).all() and state.counted[1] == 0
    one = np.array([[0.5, 0.25, 0.0]])
    np.testing.assert_array_equal(state.beyond_others(np.array([1]), one), one)


def test_what_lies_far_beyond_all_others_counts_as_the_most() -> None:
    state = state_of(np.full((1, OWN), 1e9), DAYS[:1], np.full((1, 3), -1e9))
    assert (state.means[0] == 1024.0).all()


def test_a_part_is_taken_out_again_and_leaves_no_empty_session() -> None:
    one = state_of(np.full((2, OWN), 0.1), DAYS[[0, 1]])
    other = state_of(np.full((2, OWN), 0.7), DAYS[[1, 2]])
    left = MarketState.joined([one, other]).without(other)
    for name in ("calendar", "session", "sums"):
        np.testing.assert_array_equal(getattr(left, name), getattr(one, name))


def test_no_ticker_is_no_market() -> None:
    assert MarketState.joined([]).sums.shape == (0, 15)
