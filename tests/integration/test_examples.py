"""Every example in the documents runs as it stands, on an empty home."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.tree import ROOT

PAGE = ROOT / "docs" / "extending.md"
LONGEST = 40  # lines
EXAMPLES = re.findall(
    r"^## ([^\n]+)\n(?:(?!^## ).)*?```python\n(.*?)```", PAGE.read_text(), re.M | re.S
)


def test_there_is_one_of_each() -> None:
    named = [name for name, _ in EXAMPLES]
    wanted = [
        "forecaster",
        "source",
        "check",
        "page",
        "metric of forecasts",
        "metric for Prometheus",
    ]
    assert named == [f"A {name}" for name in wanted]


@pytest.mark.parametrize(("name", "code"), EXAMPLES, ids=lambda text: text.split("\n")[0])
def test_an_example_runs(tmp_path: Path, name: str, code: str) -> None:
    assert len(code.splitlines()) <= LONGEST
    environment = {**os.environ, "TICKERLENS_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    (tmp_path / "example.py").write_text(code)
    done = subprocess.run(
        [sys.executable, "example.py"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{name}: {done.stderr}"
    assert done.stdout.strip()
