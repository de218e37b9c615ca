"""Named tokens: who has one, what it is good for, until when, and when it was used."""

import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from core.foundation.errors import AccessError, InvalidInputError, NotFoundError
from core.foundation.files import exclusive, looks, write_atomic
from core.foundation.keys import key_files
from core.foundation.keys.person import Person, PersonRole

DEFAULT_DAYS, MAX_DAYS = 90, 3650
_LEAST_CHARACTERS = 32  # shorter than this is no secret, whoever wrote it there


@dataclass(frozen=True)
class Token:
    """What is known of a token; the secret is not. `expires_at` None means never.

    `digest` tells it from another of the same name, made after this one was revoked.
    """

    name: str
    role: PersonRole
    made_at: datetime
    expires_at: datetime | None
    used_at: datetime | None
    digest: str

    def is_expired(self, now: datetime) -> bool:
        """Whether it is good for nothing any more."""
        return self.expires_at is not None and now >= self.expires_at

    @property
    def person(self) -> Person:
        """Whom it speaks for."""
        return Person(self.name, self.role)


@dataclass(frozen=True)
class _Known:
    """A token that was found, and how its file looked before it was read."""

    path: Path
    looks: tuple[int, ...]
    token: Token


class Tokens:
    """The tokens of one home.

    Parameters
    ----------
    plain : the folder of tokens that stand in a file, to be read by the owner of the home: a
        developer's each, without an end.
    digests : the folder of all others, of which nothing else is kept.
    uses : where it is noted that one was used.
    """

    def __init__(self, plain: Path, digests: Path, uses: key_files.Uses) -> None:
        self._plain, self._digests, self._uses = plain, digests, uses
        self._known: dict[str, _Known] = {}  # that were found, by digest

    def ensure_plain(self, name: str) -> Path:
        """The file holding the developer token of that name, made on first use."""
        path = self._plain / key_files.validate_name(name)
        if not path.is_file():
            token = key_files.new_secret()
            write_atomic(path, lambda temporary: temporary.write_text(token + "\n"), 0o600)
        return path

    def add(self, name: str, role: PersonRole, days: int | None, now: datetime) -> str:
        """A new token, to be shown once: only its digest is kept.

        Raises
        ------
        InvalidInputError : the name is none, or taken; or so many days are not understood.
        """
        key_files.validate_name(name)
        if days is not None and not 1 <= days <= MAX_DAYS:
            raise InvalidInputError(
                "access.bad-days",
                "A token lasts 1 to {most:,} days, not {days}.",
                {"most": MAX_DAYS, "days": days},
                parameter="days",
            )
        secret = key_files.new_secret()
        ends = None if days is None else (now + timedelta(days=days)).isoformat()
        stored = {
            "digest": key_files.digest(secret),
            "role": role.value,
            "made": now.isoformat(),
            "expires": ends,
        }
        with exclusive(self._digests / ".lock"):
            if self.get(name) is not None:
                raise InvalidInputError(
                    "access.name-taken",
                    "There is a token {name} already; revoke it first, or take another name.",
                    {"name": name},
                    parameter="name",
                )
            write_atomic(
                self._path(name), lambda temporary: temporary.write_text(json.dumps(stored)), 0o600
            )
        return secret

    def all(self) -> list[Token]:
        """Every token by name, expired ones too."""
        return sorted(self._each(), key=lambda token: token.name)

    def get(self, name: str) -> Token | None:
        """The token of that name, if there is one."""
        return next((token for token in self._each() if token.name == name), None)

    def find(self, secret: str, now: datetime) -> Token:
        """Whose token this is; white space around it, as pasting adds, does not matter.

        Raises
        ------
        AccessError : nobody's, or one that has expired.
        """
        found = self._found(key_files.digest(secret.strip()))
        if found is None:
            raise AccessError(
                "access.token-unknown", "This token is not known here.", parameter="authorization"
            )
        if found.is_expired(now):
            raise AccessError(
                "access.token-expired",
                "This token has expired; ask for a new one.",
                parameter="authorization",
            )
        self._uses.note(found.digest)
        return found

    def _found(self, given: str) -> Token | None:
        known = self._known.get(given)
        if known is not None and known.looks == looks(known.path):
            return known.token  # its file is what it was: neither revoked nor another's
        found = None
        for token in self._each():
            # Every token is compared, so that the time taken says nothing about the match.
            if hmac.compare_digest(token.digest.encode(), given.encode()):
                found = token
        self._known.pop(given, None)
        if found is not None:
            self._remember(found)
        return found

    def _remember(self, token: Token) -> None:
        """Let a token be found again by its file alone, without a look at all others."""
        files = ((self._path(token.name), self._read), (self._plain / token.name, self._read_plain))
        for path, read in files:
            seen = looks(path)  # before it is read, so that what is written later shows
            again = read(path)
            if again is not None and again.digest == token.digest:
                self._known[token.digest] = _Known(path, seen, again)

    def by_digest(self, known: str) -> Token | None:
        """The token with that digest, if it is still there."""
        return next((token for token in self._each() if token.digest == known), None)

    def revoke(self, name: str) -> Token:
        """Make a token good for nothing; what it was.

        Raises
        ------
        NotFoundError : there is none of that name.
        """
        token = self.get(name)
        if token is None:
            raise NotFoundError(
                "access.no-such-token",
                "There is no token {name}; python -m app tokens list names those there are.",
                {"name": name[:32]},
                parameter="name",
            )
        for path in (self._path(name), self._plain / name):
            path.unlink(missing_ok=True)
        self._uses.forget(token.digest)
        return token

    def _path(self, name: str) -> Path:
        return self._digests / f"{name}.json"

    def _each(self) -> Iterator[Token]:
        for path in sorted(self._digests.glob("[a-z]*.json")) if self._digests.is_dir() else ():
            token = self._read(path)
            if token is not None:
                yield token
        for path in sorted(self._plain.glob("[a-z]*")) if self._plain.is_dir() else ():
            token = self._read_plain(path)
            if token is not None:
                yield token

    def _read_plain(self, path: Path) -> Token | None:
        try:
            secret = path.read_text().strip()
        except (OSError, ValueError):
            return None
        made_at = key_files.written_at(path)
        if len(secret) < _LEAST_CHARACTERS or made_at is None:
            return None
        known = key_files.digest(secret)
        used_at = self._uses.last(known)
        return Token(path.name, PersonRole.DEVELOPER, made_at, None, used_at, known)

    def _read(self, path: Path) -> Token | None:
        """What a file says of a token; None if it is not as it was written."""
        try:
            stored = json.loads(path.read_text())
            ends, known = stored["expires"], str(stored["digest"])
            return Token(
                path.stem,
                PersonRole(stored["role"]),
                _instant(stored["made"]),
                None if ends is None else _instant(ends),
                self._uses.last(known),
                known,
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None


def _instant(text: str) -> datetime:
    """An aware instant; what is no such thing is a `ValueError`."""
    return datetime.fromisoformat(text).astimezone(UTC)
