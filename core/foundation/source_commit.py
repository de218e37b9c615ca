"""Which release this program is, and which state of the source it runs from."""

import subprocess
from functools import lru_cache
from pathlib import Path

VERSION = "0.1.0"
_ROOT = Path(__file__).resolve().parents[2]


@lru_cache(maxsize=1)
def commit() -> str:
    """The git commit, with "-dirty" behind it where files were changed since; empty if unknown.

    It is unknown where the program does not lie in a checkout of its own, or git is not there.
    """
    if not (_ROOT / ".git").exists():
        return ""
    order = ["git", "-C", str(_ROOT), "describe", "--always", "--dirty", "--abbrev=40"]
    try:
        done = subprocess.run(
            [*order, "--exclude=*"], capture_output=True, text=True, timeout=5, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
