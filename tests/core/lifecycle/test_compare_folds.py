"""Forecasters side by side, as a person asks for it."""

from pathlib import Path

import pandas as pd
import pytest

from core.lifecycle.compare_folds import code_hash, compare_folds
from tests.support.bars import walks

NAMES = ("har", "constant_width", "random_walk")
BARS = walks(2, 700, seed=12)
ORIGINS = pd.DatetimeIndex(BARS["session"].unique())[400:680:4]


def test_a_proof_that_was_interrupted_is_the_same_and_leaves_nothing(tmp_path: Path) -> None:
    expected = compare_folds(NAMES, BARS, tmp_path / "one", ORIGINS)

    def stop(step: str, done: int, total: int) -> None:
        if done == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        compare_folds(NAMES, BARS, tmp_path / "two", ORIGINS, progress=stop)
    assert len(list((tmp_path / "two").rglob("*.parquet"))) == 5
    calls: list[tuple[str, int, int]] = []
    found = compare_folds(
        NAMES, BARS, tmp_path / "two", ORIGINS, progress=lambda *part: calls.append(part)
    )
    assert not list(tmp_path.rglob("*.parquet"))
    assert calls[-1][1] == calls[-1][2] == len(calls) and {part[0] for part in calls} == {
        "Walk-forward"
    }
    for table in ("overall", "by_horizon", "pairs"):
        pd.testing.assert_frame_equal(
            getattr(found, table), getattr(expected, table), check_exact=True
        )
    assert len(found.overall) == 3 and len(found.by_horizon) == 9 and len(found.pairs) == 6


def test_the_code_has_a_hash() -> None:
    assert len(code_hash()) == 64 and code_hash() == code_hash()
