"""The home folder is its owner's alone: what is made in it, and what an earlier program made."""

import os
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from core.foundation.errors import StorageError

_OTHERS = 0o077
# What TickerLens keeps in a home folder; nothing else that may lie there is touched.
_OWN = (
    "bars forecasts-kept.db* keys links logs mlflow-artifacts mlflow.db* models prefect proofs "
    "records.db* reports run.lock running sessions supervisord.* tokens yahoo"
).split()


def keep_private(home: Path) -> None:
    """Let nobody else read what this process and its children make, nor what lies in `home`.

    A missing home stays missing. What may not be changed, as on a disk that is read-only, stays
    as it is.
    """
    os.umask(_OTHERS)
    home = home.absolute().resolve()
    own = [path for pattern in _OWN for path in home.glob(pattern)]
    if any(_is_open(path) for path in own):
        for path in own:
            for one in (path, *_below(path)):
                _close(one)
    pages = home / "prefect" / "ui"  # copied at each start, with the bits of the package
    for one in (pages, *_below(pages)):
        _close(one)
    if own or _is_empty(home):
        _close(home)


def open_home(home: Path) -> None:
    """Make the home folder, readable by its owner alone.

    Raises
    ------
    StorageError : it cannot be made, or not be written to.
    """
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StorageError(
            "home.no-folder",
            "TICKERLENS_HOME is {home}, which cannot be used as a folder: {reason}.",
            {"home": home, "reason": error.strerror},
        ) from None
    if not os.access(home, os.W_OK | os.X_OK):
        raise StorageError(
            "home.not-writable",
            "TICKERLENS_HOME is {home}, which you may not write to.",
            {"home": home},
        )
    keep_private(home)


def _below(path: Path) -> Iterator[Path]:
    for folder, folders, files in os.walk(path):
        for name in (*folders, *files):
            yield Path(folder, name)


def _is_open(path: Path) -> bool:
    with suppress(OSError):
        return bool(path.stat().st_mode & _OTHERS)
    return False


def _is_empty(home: Path) -> bool:
    with suppress(OSError):
        return not any(home.iterdir())
    return False


def _close(path: Path) -> None:
    with suppress(OSError):
        mode = path.stat().st_mode
        # A folder like /tmp or the home of a person is somebody else's too.
        shared = mode & stat.S_ISVTX or path.resolve() in (Path("/"), Path.home())
        if mode & _OTHERS and not shared and not path.is_symlink():
            path.chmod(stat.S_IMODE(mode) & ~_OTHERS)
