"""The Dockerfile: pinned, unprivileged, quiet, and given nothing that it does not need."""

import re
import subprocess
import sys
from pathlib import Path

from app.launcher.launch import QUIET
from tests.house.tree import ROOT

TEXT = (ROOT / "Dockerfile").read_text()
RUNTIME = TEXT[TEXT.rindex("\nFROM ") :]


def test_hadolint_finds_nothing() -> None:
    command = [Path(sys.executable).parent / "hadolint", "--failure-threshold", "style", "-"]
    done = subprocess.run(command, input=TEXT, cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_base_is_one_exact_image() -> None:
    bases = re.findall(r"^FROM (\S+)", TEXT, re.M)
    assert len(bases) == 2 and len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.1[13]\.\d+-slim-[a-z]+", bases[0])


def test_only_locked_wheels_are_installed() -> None:
    lines = TEXT.replace("\\\n", " ").splitlines()
    installs = [line.split() for line in lines if re.search(r"\bpip (--\S+ \S+ )*install ", line)]
    assert len(installs) == 1
    assert {"--require-hashes", "--no-deps", ":all:", "requirements.txt"} <= set(installs[0])
    assert "requirements-dev" not in TEXT and "apt-get" not in TEXT


def test_the_runtime_has_no_installer_and_no_root() -> None:
    assert "pip uninstall" in RUNTIME and "pip install" not in RUNTIME
    users = re.findall(r"^USER (\d+):(\d+)$", RUNTIME, re.M)
    assert users == [("10001", "10001")]
    assert RUNTIME.index("USER") > RUNTIME.rindex("RUN")
    assert "--owner 10001 --group 10001 --mode 0700 /data" in RUNTIME


def test_nothing_in_it_phones_home() -> None:
    variables = dict(re.findall(r"([A-Z_]+)=(\S+)", RUNTIME[RUNTIME.index("\nENV ") :]))
    assert {name: variables.get(name) for name in QUIET} == QUIET
    assert variables["TICKERLENS_HOME"] == "/data" and variables["NUMBA_CACHE_DIR"].startswith(
        "/tmp/"
    )


def test_health_is_asked_without_curl() -> None:
    code = re.search(r'^ *CMD \["python", "-c", "(.*)"\]$', RUNTIME, re.M)
    assert code is not None and "HEALTHCHECK" in RUNTIME and "curl" not in RUNTIME
    nobody = {"HEALTH_URL": "http://127.0.0.1:9/api/health"}
    done = subprocess.run([sys.executable, "-c", code[1]], env=nobody, capture_output=True)
    assert done.returncode == 1 and b"Connection refused" in done.stderr


def test_docker_is_sent_what_is_copied_and_nothing_else() -> None:
    copied = set(re.findall(r"^COPY (?!--from)(\S+)", TEXT, re.M))
    lines = (ROOT / ".dockerignore").read_text().splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    assert rules[0] == "*" and "**/__pycache__" in rules
    assert {line[1:] for line in rules if line.startswith("!")} == copied
    assert copied == {"requirements.txt", ".streamlit", "app", "core", "flows", "monitoring"}
    assert [name for name in copied if not (ROOT / name).exists()] == []
