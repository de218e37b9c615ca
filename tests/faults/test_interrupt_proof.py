"""A proof that is interrupted keeps its finished folds and goes on from them."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from core.services.prove import prove
from tests.house.tree import ROOT
from tests.services.test_prove import BARS, NAMES, ORIGINS

pytestmark = pytest.mark.slow

CHILD = """
import signal, sys, time
from pathlib import Path
from core.services.prove import prove
from tests.services.test_prove import BARS, NAMES, ORIGINS

signal.signal(signal.SIGINT, signal.default_int_handler)  # even if the parent ignores it
prove(NAMES, BARS, Path(sys.argv[1]), ORIGINS, progress=lambda *part: time.sleep(0.3))
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
    kept = len(list(folder.rglob("*.parquet")))
    assert 2 <= kept < 3 * 5
    found = prove(NAMES, BARS, folder, ORIGINS)
    expected = prove(NAMES, BARS, tmp_path / "other", ORIGINS)
    pd.testing.assert_frame_equal(found.overall, expected.overall, check_exact=True)
    for name in NAMES:
        pd.testing.assert_frame_equal(found.scores[name], expected.scores[name], check_exact=True)
