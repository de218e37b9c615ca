"""`make setup` as a person meets it: again, half done, without a network, with an old Python."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from app.launcher import bootstrap
from tests.house.tree import ROOT

# An address on this machine where nobody listens stands for a network that is gone.
OFFLINE = {
    "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
    "PIP_CONFIG_FILE": os.devnull,
    "UV_INDEX_URL": "http://127.0.0.1:9/simple",
}


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone, in a folder with a space in its name, with tiny locks."""
    root = tmp_path / "a clone"
    folder = root / "app" / "launcher"
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "app" / "launcher" / "bootstrap.py", folder)
    for name in bootstrap.LOCKS:
        (root / name).write_text("# nothing\n")
    return root


def setup(root: Path, **more: str) -> "subprocess.CompletedProcess[str]":
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("PIP", "UV"))
    }
    return subprocess.run(
        [sys.executable, "app/launcher/bootstrap.py"],
        cwd=root,
        env={**environment, **OFFLINE, **more},
        capture_output=True,
        text=True,
    )


def test_an_old_python_gets_one_sentence() -> None:
    sentence = bootstrap.refusal((3, 10, 13), "/usr/bin/python3")
    assert sentence.startswith("TickerLens needs Python 3.11 to 3.13; this is 3.10.13")
    assert "\n" not in sentence


def test_which_pythons_are_accepted() -> None:
    versions = [(3, minor, 9) for minor in range(8, 16)] + [(2, 7, 18), (4, 0, 0)]
    assert [one[1] for one in versions if bootstrap.in_range(one)] == [11, 12, 13]


def test_a_python_without_venv_names_the_package_to_install(tmp_path: Path) -> None:
    """As on Debian and Ubuntu, where venv is a package of its own."""
    python = tmp_path / "python3"
    python.write_text(
        f'#!/bin/sh\ncase "$*" in *ensurepip*) exit 1;; esac\nexec \'{sys.executable}\' "$@"\n'
    )
    python.chmod(0o755)
    with pytest.raises(bootstrap.Stop, match=r"sudo apt install python3\.1[123]-venv$"):
        bootstrap.make_venv(str(python))


@pytest.mark.slow
def test_no_network_is_one_sentence(checkout: Path) -> None:
    done = setup(checkout)
    assert done.returncode == 1
    assert done.stderr.strip().startswith("The package index cannot be reached")
    assert len(done.stderr.strip().splitlines()) == 1
    assert not (checkout / bootstrap.STAMP).exists()


@pytest.mark.slow
def test_a_finished_setup_is_silent_until_a_lock_changes(
    checkout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    subprocess.run([sys.executable, "-m", "venv", checkout / ".venv"], check=True)
    monkeypatch.chdir(checkout)
    version = bootstrap.version_of(bootstrap.VENV_PYTHON)
    assert version is not None
    (checkout / bootstrap.STAMP).write_text(bootstrap.stamp_text(version))

    started = time.monotonic()
    done = setup(checkout)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert time.monotonic() - started < 5

    (checkout / "requirements.txt").write_text("# something else\n")
    assert setup(checkout).returncode == 1  # it tried, and there is no network here


@pytest.mark.slow
def test_half_a_venv_is_made_again(checkout: Path) -> None:
    (checkout / ".venv" / "bin").mkdir(parents=True)
    (checkout / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (checkout / ".venv" / "bin" / "python").chmod(0o755)
    done = setup(checkout)
    assert "Making .venv" in done.stdout
    subprocess.run([checkout / ".venv" / "bin" / "python", "-c", "import pip"], check=True)
