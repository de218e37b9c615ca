"""Folds come back to the last bit, and what is torn or foreign is not taken for one."""

from pathlib import Path

import pandas as pd

from core.lifecycle.fold_cache import FileFoldCache
from tests.support.backtests import backtest
from tests.support.bars import walk


def test_a_fold_comes_back_to_the_last_bit(tmp_path: Path) -> None:
    bars = walk("A", 420)
    origins = pd.DatetimeIndex(bars["session"])[330:380:10]
    cache = FileFoldCache(tmp_path / "folds")
    expected = backtest("har", bars, origins, fold_cache=cache)
    files = list((tmp_path / "folds").iterdir())
    assert len(files) == 1
    found = backtest("har", bars, origins, fold_cache=FileFoldCache(tmp_path / "folds"))
    pd.testing.assert_frame_equal(found, expected, check_exact=True)
    assert list((tmp_path / "folds").iterdir()) == files


def test_nothing_and_torn_files_are_nothing(tmp_path: Path) -> None:
    cache = FileFoldCache(tmp_path)
    assert cache.read("a") is None
    (tmp_path / "a.parquet").write_bytes(b"PAR1 torn")
    (tmp_path / "b.parquet").write_bytes(b"")
    assert cache.read("a") is None and cache.read("b") is None


def test_cleared_it_keeps_nothing(tmp_path: Path) -> None:
    cache = FileFoldCache(tmp_path / "folds")
    cache.clear()
    cache.keep("a", pd.DataFrame({"x": [1.0]}))
    assert cache.read("a") is not None
    cache.clear()
    assert cache.read("a") is None
