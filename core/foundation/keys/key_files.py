"""What the files of keys have in common: secrets are kept as digests, uses as times."""

import hashlib
import re
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from core.foundation.errors import InvalidInputError
from core.foundation.files import age_seconds

TOKEN_BYTES = 32
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")
_NOTED_SECONDS = 60.0  # uses closer together than this are one


def new_secret() -> str:
    """A secret of `TOKEN_BYTES` random bytes, as text."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def digest(key: str) -> str:
    """By what a secret is known again."""
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def validate_name(name: str) -> str:
    """The name of a token.

    Raises
    ------
    InvalidInputError : it is none.
    """
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            "access.bad-name",
            '"{name}" is not a name for a token; use a-z, 0-9 and -, a letter first.',
            {"name": name[:32]},
            parameter="name",
        )
    return name


class Uses:
    """When which key was used last: an empty file each, named by the digest of the key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, known: str) -> None:
        """Remember that a key was used now. Where that cannot be written it is not remembered."""
        path = self._folder / known
        with suppress(OSError):
            if not path.exists() or not 0 <= age_seconds(path) < _NOTED_SECONDS:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                path.touch(mode=0o600)

    def last(self, known: str) -> datetime | None:
        """When a key was used last, to a minute; None if never, or if that is not known."""
        return written_at(self._folder / known)

    def forget(self, known: str) -> None:
        """Remember nothing of a key."""
        with suppress(OSError):
            (self._folder / known).unlink(missing_ok=True)


def forget_old(folder: Path, seconds: int) -> list[str]:
    """Remove the keys of a folder that are older than that; the names of their files."""
    gone = []
    for path in folder.glob("[0-9a-f]*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # somebody else used it up or removed it meanwhile
            if age_seconds(path) > seconds:
                path.unlink()
                gone.append(path.name)
    return gone


def written_at(path: Path) -> datetime | None:
    """When a file was written; None if there is none."""
    with suppress(OSError):
        return datetime.fromtimestamp(path.stat().st_mtime, UTC)
    return None
