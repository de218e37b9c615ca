"""What every command pays for before it begins."""

import subprocess
import sys

from tests.house.tree import ROOT

HEAVY = ("scipy.special", "scipy.stats", "sklearn", "mlflow", "yfinance", "pandera", "prefect")


def test_a_command_loads_no_library_that_it_may_not_need() -> None:
    program = f"import sys, flows.cli; print([one for one in {HEAVY} if one in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
