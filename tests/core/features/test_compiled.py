"""Numba is imported when something is computed with it, and computes what it always did."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numba
import numpy as np
import pytest

from core.features import kernels
from core.features.compiled import compiled
from tests.house.tree import ROOT
from tests.support.bars import walk


@pytest.mark.parametrize(
    "statement",
    [
        "import core.wiring, core.models, core.lifecycle.train, core.workflows.nightly",
        "import runpy; sys.argv = ['flows', '--help']; runpy.run_module('flows', alter_sys=True)",
        "import app.server",
    ],
)
def test_nothing_imports_numba_that_forecasts_nothing(statement: str) -> None:
    code = f"""
import atexit, sys
atexit.register(lambda: print("numba" in sys.modules))
{statement}
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "False"


def test_a_function_computes_what_numba_alone_makes_of_it() -> None:
    bars = walk("A", 400, 1)
    prices = [bars[name].to_numpy() for name in ("open", "high", "low", "close")]
    first = np.array([0, len(bars)])
    plain = numba.njit(kernels.daily_variance.function)(first, *prices)
    np.testing.assert_array_equal(kernels.daily_variance(first, *prices), plain)


def test_a_function_may_call_another_and_itself() -> None:
    assert _sum_of_squares(4) == 30
    assert type(_sum_of_squares.dispatcher()) is type(numba.njit(_square.function))


def test_threads_that_call_at_once_share_one_compilation() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: _tripled.dispatcher(), range(8)))
    assert len(set(map(id, found))) == 1


@compiled(cache=False)
def _square(number: int) -> int:
    return number * number


@compiled(cache=False)
def _sum_of_squares(number: int) -> int:
    if number == 0:
        return 0
    return _square(number) + _sum_of_squares(number - 1)


@compiled(cache=False)
def _tripled(number: int) -> int:
    return 3 * number
