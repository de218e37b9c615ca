"""The API keeps to its own document, whatever is asked: Schemathesis asks a real app with data."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.foundation.access import Access
from tests.support import outbound
from tests.support.chromium import NO_RATES, ROOT, served
from tests.support.homes import Home
from tests.support.trials import TRIALS

pytestmark = pytest.mark.slow

# A name that nobody knows and a start after the end are refused, which no schema can say.
_NOT_CHECKED = "positive_data_acceptance"
_EXAMPLES = 3 * TRIALS  # a route and phase
_SECONDS = 60 + 3 * TRIALS


@pytest.fixture(scope="module")
def folder(watched_home: Path) -> Path:
    return watched_home.parent


@pytest.fixture(scope="module")
def watched_home(watched: Home, tmp_path_factory: pytest.TempPathFactory) -> Path:
    watched.database.close()
    return Path(shutil.copytree(watched.path, tmp_path_factory.mktemp("schema") / "home"))


@pytest.fixture(scope="module")
def address(watched_home: Path, folder: Path) -> Iterator[str]:
    environment = outbound.watched(folder / "watched")
    with served(watched_home, TICKERLENS_PREFECT_PORT="9", **NO_RATES, **environment) as found:
        yield found


@pytest.mark.timeout(_SECONDS + 120)
@pytest.mark.parametrize("signed_in", [True, False], ids=["developer", "anybody"])
def test_every_answer_is_as_the_document_says(
    address: str, watched_home: Path, folder: Path, tmp_path: Path, signed_in: bool
) -> None:
    token = Access(watched_home).ensure_token("amy").read_text().strip()
    sent = ["--header", f"Authorization: Bearer {token}"] if signed_in else []
    command = [
        *(str(Path(sys.executable).with_name("st")), "run", f"{address}/api/openapi.json", *sent),
        *("--exclude-checks", _NOT_CHECKED, "--seed", "1", "--no-color"),
        *("--max-examples", str(_EXAMPLES), "--request-timeout", "60"),
        *(() if signed_in else ("--phases", "examples,fuzzing")),
    ]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.support.problem_checks",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=_SECONDS + 100,
    )
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-2000:]
    assert "9 selected / 9 total" in done.stdout
    print(done.stdout[done.stdout.index("SUMMARY") :])
    assert outbound.outbound(folder / "watched") == []
