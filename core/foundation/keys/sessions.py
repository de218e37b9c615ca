"""Sessions: what a token, a link or a sign-in at the provider is exchanged for."""

import hmac
import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from core.foundation.files import age_seconds, write_atomic
from core.foundation.keys import key_files
from core.foundation.keys.person import Person, PersonRole

SESSION_SECONDS = 7 * 24 * 3600


class SignInKind(StrEnum):
    """What a session began with."""

    LINK = "link"
    TOKEN = "token"
    OIDC = "oidc"


@dataclass(frozen=True)
class Grant:
    """What a session rests on: it ends with the token, and has the groups' role.

    `token` is a token's digest, `groups` what the provider says of the person, `address` where
    the browser was.
    """

    kind: SignInKind = SignInKind.LINK
    token: str = ""
    expires_at: datetime | None = None
    groups: tuple[str, ...] = ()
    address: str = ""


@dataclass(frozen=True)
class Session:
    """One browser that is signed in; `id` names it and opens nothing."""

    id: str
    person: Person
    grant: Grant
    made_at: datetime
    expires_at: datetime
    used_at: datetime | None


@dataclass(frozen=True)
class _Stored:
    session: Session
    key: str


class Sessions:
    """The sessions of one home, each a file named by the digest of its cookie."""

    def __init__(self, folder: Path, uses: key_files.Uses) -> None:
        self._folder, self._uses = folder, uses

    def open(self, person: Person, grant: Grant) -> str:
        """A token `<cookie>.<key>` that speaks for this person; neither half does alone."""
        for known in key_files.forget_old(self._folder, SESSION_SECONDS):
            self._uses.forget(known)
        cookie, key = key_files.new_secret(), key_files.new_secret()
        stored: dict[str, Any] = {
            "name": person.name,
            "role": person.role.value,
            "key": key_files.digest(key),
            "kind": grant.kind.value,
            "token": grant.token,
            "expires": None if grant.expires_at is None else grant.expires_at.isoformat(),
            "groups": list(grant.groups),
            "address": grant.address,
        }
        write_atomic(
            self._folder / key_files.digest(cookie),
            lambda temporary: temporary.write_text(json.dumps(stored)),
            0o600,
        )
        return f"{cookie}.{key}"

    def find(self, token: str, now: datetime) -> Session | None:
        """The session a token opens; None of one that is unknown, closed, over or damaged."""
        cookie, _, key = token.partition(".")
        stored = self._read(self._folder / key_files.digest(cookie), now)
        if stored is None:
            return None
        right = hmac.compare_digest(stored.key.encode(), key_files.digest(key).encode())
        if not right:
            return None
        self._uses.note(stored.session.id)
        return stored.session

    def by_cookie(self, cookie: str, now: datetime) -> Session | None:
        """The session whose cookie this is, which is not enough to speak for its person."""
        stored = self._read(self._folder / key_files.digest(cookie.partition(".")[0]), now)
        return None if stored is None else stored.session

    def all(self, now: datetime) -> list[Session]:
        """Every open session, the newest first."""
        paths = list(self._folder.glob("[0-9a-f]*")) if self._folder.is_dir() else []
        read = [self._read(path, now) for path in paths]
        found = [stored.session for stored in read if stored is not None]
        return sorted(found, key=lambda session: session.made_at, reverse=True)

    def close(self, token: str) -> None:
        """End a session by its token or the cookie alone; unknown ones are ended already."""
        self.end(key_files.digest(token.partition(".")[0]))

    def end(self, session_id: str) -> bool:
        """End a session by its id; whether it was open."""
        known = len(session_id) == 64 and set(session_id) <= set("0123456789abcdef")
        if not known or not (self._folder / session_id).is_file():
            return False
        (self._folder / session_id).unlink(missing_ok=True)
        self._uses.forget(session_id)
        return True

    def _read(self, path: Path, now: datetime) -> _Stored | None:
        try:
            age, text = age_seconds(path), path.read_text()
            made_at = key_files.written_at(path)
            if age > SESSION_SECONDS or made_at is None:
                return None
            stored = json.loads(text) if text.startswith("{") else _before(text)
            person = Person(str(stored["name"]), PersonRole(stored["role"]))
            grant = _grant(stored)
            key = str(stored["key"])
        except (OSError, ValueError, KeyError, TypeError):  # not there, or not as it was written
            return None
        ends = made_at + timedelta(seconds=SESSION_SECONDS)
        if grant.expires_at is not None:
            ends = min(ends, grant.expires_at)
        if grant.expires_at is not None and now >= grant.expires_at:
            return None
        used_at = self._uses.last(path.name)
        return _Stored(Session(path.name, person, grant, made_at, ends, used_at), key)


def _before(text: str) -> dict[str, Any]:
    """What stood in a file before it said more."""
    name, role, key = text.split()
    return {"name": name, "role": role, "key": key}


def _grant(stored: dict[str, Any]) -> Grant:
    ends = stored.get("expires")
    return Grant(
        SignInKind(stored.get("kind", SignInKind.LINK)),
        str(stored.get("token", "")),
        None if ends is None else datetime.fromisoformat(ends).astimezone(UTC),
        tuple(str(group) for group in stored.get("groups", ())),
        str(stored.get("address", "")),
    )
