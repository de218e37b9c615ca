"""docker-compose.yml as written, and as Compose itself resolves it with secrets of `make up`."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.launcher import stack
from tests.house.tree import ROOT

COMPOSE = Path(sys.executable).parent / "docker-compose"
Done = subprocess.CompletedProcess[str]


def compose(env_file: Path | str, *words: str, **more: str) -> Done:
    """Run Compose on the project's file, away from what this machine happens to have set."""
    environment = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [COMPOSE, "--env-file", str(env_file), *words],
        cwd=ROOT,
        env={**environment, **more},
        capture_output=True,
        text=True,
    )


@pytest.fixture(scope="session")
def env_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of secrets as `make up` writes it."""
    root = tmp_path_factory.mktemp("stack")
    stack.ensure_secrets(str(root))
    return root / stack.ENV_FILE


@pytest.fixture(scope="session")
def secrets_of(env_file: Path) -> set[str]:
    """The secrets in that file."""
    lines = [line for line in env_file.read_text().splitlines() if line.startswith("STACK_")]
    return {line.partition("=")[2] for line in lines}


@pytest.fixture(scope="session")
def resolve(env_file: Path) -> Callable[..., dict[str, Any]]:
    """The services with all variables filled in, given what the environment says."""

    def services(**more: str) -> dict[str, Any]:
        done = compose(env_file, "config", "--format", "json", **more)
        assert done.returncode == 0, done.stderr
        found = json.loads(done.stdout)["services"]
        assert len(found) == 13
        return dict(found)

    return services


@pytest.fixture(scope="session")
def services(resolve: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    """The services where the environment says nothing."""
    return resolve()


@pytest.fixture(scope="session")
def written() -> dict[str, Any]:
    """docker-compose.yml as written."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text()))
