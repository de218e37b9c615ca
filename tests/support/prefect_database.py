"""Prefect's own database as its migrations leave it, which takes them ten seconds each time."""

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

_NAME = "prefect.db"


def migrated(home: Path) -> Path:
    """The same home, with the database that its Prefect server would otherwise make first."""
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = home / "prefect"
    folder.mkdir(mode=0o700, exist_ok=True)
    if (folder / _NAME).exists():
        return home
    shutil.copyfile(_made(), folder / _NAME)
    (folder / _NAME).chmod(0o600)
    return home


def _made() -> Path:
    """Made once a machine and version of Prefect, whichever test process asks first."""
    folder = Path(tempfile.gettempdir()) / f"tickerlens-prefect-{version('prefect')}-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    made = folder / _NAME
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            making = folder / "making"
            shutil.rmtree(making, ignore_errors=True)
            making.mkdir(mode=0o700)
            unfinished = making / _NAME
            own = {
                "PREFECT_HOME": str(making),
                "PREFECT_SERVER_DATABASE_CONNECTION_URL": f"sqlite+aiosqlite:///{unfinished}",
            }
            subprocess.run(
                [sys.executable, "-m", "prefect", "server", "database", "upgrade", "-y"],
                env={**os.environ, **own},
                check=True,
                capture_output=True,
                timeout=120,
            )
            unfinished.rename(made)
    return made
