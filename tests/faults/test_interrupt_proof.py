"""A proof that is interrupted keeps its finished folds and goes on from them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from core.lifecycle.compare_folds import compare_folds
from tests.core.lifecycle.test_compare_folds import BARS, NAMES, ORIGINS
from tests.house.tree import ROOT

pytestmark = pytest.mark.slow

CHILD = """
import signal, sys, time
from pathlib import Path
from core.lifecycle.compare_folds import compare_folds
from tests.core.lifecycle.test_compare_folds import BARS, NAMES, ORIGINS

signal.signal(signal.SIGINT, signal.default_int_handler)  # even if the parent ignores it
compare_folds(NAMES, BARS, Path(sys.argv[1]), ORIGINS, progress=lambda *part: time.sleep(0.3))
"""


def test_a_proof_stopped_with_ctrl_c_goes_on(tmp_path: Path) -> None:
    folder = tmp_path / "folds"
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD, str(folder)], cwd=ROOT, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 120
        while len(list(folder.rglob("*.parquet"))) < 2:
            assert child.poll() is None and time.monotonic() < deadline
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        assert child.wait(60) != 0
    finally:
        child.kill()
        child.wait()
    finished = len(list(folder.rglob("*.parquet")))
    assert 2 <= finished < 3 * 5
    found = compare_folds(NAMES, BARS, folder, ORIGINS)
    expected = compare_folds(NAMES, BARS, tmp_path / "other", ORIGINS)
    pd.testing.assert_frame_equal(found.overall, expected.overall, check_exact=True)
    for name in NAMES:
        pd.testing.assert_frame_equal(found.scores[name], expected.scores[name], check_exact=True)
