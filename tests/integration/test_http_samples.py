"""Every example of the documents is run as it stands there, against a real app with data."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.api.code_samples import ADDRESS, SAMPLES, Sample
from core.foundation.access import Access
from tests.support.chromium import NO_RATES, served
from tests.support.homes import Home

pytestmark = pytest.mark.slow

ALL = [one for samples in SAMPLES.values() for one in samples]


@pytest.fixture(scope="module")
def address(watched: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    watched.database.close()
    home = Path(shutil.copytree(watched.path, tmp_path_factory.mktemp("samples") / "home"))
    with served(home, TICKERLENS_PREFECT_PORT="9", **NO_RATES) as found:
        token = Access(home).ensure_token("amy").read_text().strip()
        yield f"{found} {token}"


def run(command: list[str], text: str, address: str) -> str:
    """What a sample prints, its address being that of the real app."""
    where, token = address.split()
    assert ADDRESS in text
    done = subprocess.run(
        [*command, text.replace(ADDRESS, f"{where}/api")],
        env={**os.environ, "TOKEN": token},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


# The request that the last sample looks at is made by the one before.
@pytest.mark.parametrize("sample", ALL, ids=lambda one: f"{one.path}-{len(str(one.body))}")
def test_it_does_what_it_says(sample: Sample, address: str) -> None:
    assert json.loads(run(["sh", "-c"], sample.curl(), address))
    printed = run([sys.executable, "-c"], sample.python(), address)
    assert printed.strip() and len(sample.python().splitlines()) <= 12
