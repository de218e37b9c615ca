"""Blocks of time against a naive loop."""

import numpy as np
import pandas as pd
import pytest

from core.features.panel import Panel
from core.models.blocked_cv import blocked_folds, subsample
from tests.support.bars import walk


def test_blocks_hold_every_row_once_and_none_learns_from_near_its_own() -> None:
    gap = walk("B", 160).drop(index=range(60, 90))
    panel = Panel.of(pd.concat([walk("A", 120), gap, walk("2330.TW", 90, end="2024-05-31")]))
    rows = np.flatnonzero(panel.age % 2 == 0)
    found = list(blocked_folds(panel, rows, 4, purge=7))
    assert len(found) == 4
    assert (np.sum([inside for inside, _ in found], axis=0) == 1).all()
    for inside, outside in found:
        assert inside.any() and outside.any()
        first, last = panel.session[rows[inside]].min(), panel.session[rows[inside]].max()
        for at, row in enumerate(rows):
            own = np.flatnonzero(panel.code == panel.code[row])
            near = own[np.abs(own - row) <= 7]
            near = panel.session[near]
            clear = not ((near >= first) & (near <= last)).any()
            # A purge that jumps over a whole block is no leak, so equal is asked one way only.
            assert clear or not outside[at]


def test_blocks_are_of_about_as_many_sessions() -> None:
    panel = Panel.of(walk("A", 100))
    sizes = [int(inside.sum()) for inside, _ in blocked_folds(panel, np.arange(100), 5)]
    assert sizes == [20] * 5


@pytest.mark.parametrize(
    ("count", "most", "left"), [(10, 10, 10), (11, 10, 6), (3, 1, 1), (0, 5, 0)]
)
def test_thinning_keeps_an_even_part(count: int, most: int, left: int) -> None:
    chosen = subsample(np.arange(count), most)
    assert len(chosen) == left <= most and (np.diff(np.diff(chosen)) == 0).all()
