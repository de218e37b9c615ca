"""Folds in time order: refits, embargo, origins."""

import pandas as pd
import pytest

from core.evaluation.walk_forward.splits import last_origins, walk_forward
from core.foundation.errors import InvalidInputError

SESSIONS = pd.bdate_range("2020-01-01", periods=300)


def test_last_origins_leave_room_for_the_longest_horizon() -> None:
    found = last_origins(SESSIONS, span=100, every=4)
    assert found[-1] == SESSIONS[279]
    assert len(found) == 25
    assert (SESSIONS.get_indexer(found[1:]) - SESSIONS.get_indexer(found[:-1]) == 4).all()
    assert len(last_origins(SESSIONS[:20])) == 0


def test_folds_refit_and_keep_their_distance() -> None:
    folds = walk_forward(SESSIONS, SESSIONS[100:220:4], refit_every=60, embargo=20)
    assert [fold.until for fold in folds] == [SESSIONS[80], SESSIONS[140]]
    assert [len(fold.origins) for fold in folds] == [15, 15]
    together = folds[0].origins.append(folds[1].origins)
    assert together.equals(SESSIONS[100:220:4])


def test_origins_come_in_any_order_and_once() -> None:
    origins = SESSIONS[[200, 100, 200]]
    folds = walk_forward(SESSIONS, origins, refit_every=500)
    assert len(folds) == 1 and folds[0].origins.equals(SESSIONS[[100, 200]])


def test_no_origins_are_no_folds() -> None:
    assert walk_forward(SESSIONS, SESSIONS[:0]) == []


def test_strangers_and_impossible_numbers_are_refused() -> None:
    with pytest.raises(InvalidInputError, match="2020-01-04 is not a session"):
        walk_forward(SESSIONS, pd.DatetimeIndex(["2020-01-04"]))
    with pytest.raises(InvalidInputError, match="refit_every"):
        walk_forward(SESSIONS, SESSIONS[100:], refit_every=0)
