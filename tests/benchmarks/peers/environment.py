"""The peers' own environment, and the way to have something computed in it."""

import hashlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
ROOT = HERE.parents[2]
LOCK = HERE / "requirements.txt"
VENV = HERE / ".venv"
_PYTHON = VENV / "bin" / "python"
_STAMP = VENV / "installed"


def ask(module: str, given: dict[str, np.ndarray], *words: str) -> dict[str, np.ndarray]:
    """What `python -m tests.benchmarks.peers.<module> words` makes of these arrays."""
    _install()
    with tempfile.TemporaryDirectory() as name:
        question, response = Path(name) / "question.npz", Path(name) / "answer.npz"
        np.savez(question, **given)
        whole = f"tests.benchmarks.peers.{module}"
        _run([_PYTHON, "-m", whole, question, response, *words])
        with np.load(response) as found:
            return dict(found)


def _install() -> None:
    """Install what the lock says, unless it is there; 600 MB."""
    lock = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if _STAMP.exists() and _STAMP.read_text() == lock:
        return
    print(f"Installing the packages to compare with into {VENV.relative_to(ROOT)}", flush=True)
    _run([sys.executable, "-m", "venv", "--clear", VENV])
    quiet = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
    _run([_PYTHON, "-m", "pip", "install", *quiet, "-r", LOCK])
    _STAMP.write_text(lock)


def _run(command: list[object]) -> None:
    # One thread each: the peers run two processes at a time, as many as the machine has cores.
    single = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS"), "1")
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=ROOT, env=os.environ | single, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(words[:4])} failed:\n{done.stderr[-2000:]}")
