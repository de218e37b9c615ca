"""People's keys: named tokens, one-time sign-in links and the sessions they are exchanged for."""

import hashlib
import hmac
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from core.foundation.errors import AccessError, InvalidInputError
from core.foundation.files import age_seconds, write_atomic

TOKEN_BYTES = 32
LINK_SECONDS = 24 * 3600
SESSION_SECONDS = 7 * 24 * 3600
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


class PersonRole(StrEnum):
    """What somebody may do."""

    VIEWER = "viewer"
    DEVELOPER = "developer"


@dataclass(frozen=True)
class Person:
    """Who is acting. A viewer sees; a developer also acts."""

    name: str
    role: PersonRole

    @property
    def may_act(self) -> bool:
        return self.role == PersonRole.DEVELOPER


@dataclass(frozen=True)
class Scheduler:
    """Where Prefect's API is, the user:password it asks for, and where its clients keep things."""

    url: str
    auth: str
    folder: Path

    def environment(self) -> dict[str, str]:
        """What a Prefect client reads. A Prefect of the user's own is neither read nor changed."""
        return {
            "PREFECT_HOME": str(self.folder),
            "PREFECT_PROFILES_PATH": str(self.folder / "profiles.toml"),
            "PREFECT_API_URL": self.url,
            "PREFECT_API_AUTH_STRING": self.auth,
            "PREFECT_CLIENT_METRICS_ENABLED": "false",
            "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
            "PREFECT_LOGGING_TO_API_BATCH_INTERVAL": "0.5",
            "PREFECT_RUNNER_POLL_FREQUENCY": "1",
        }


VIEWER = Person("viewer", PersonRole.VIEWER)


class Access:
    """Keys kept as files under the home folder, readable by its owner alone.

    Parameters
    ----------
    home : the folder of all state; `tokens/`, `links/`, `sessions/` and `prefect/` are
        created inside when needed.
    """

    def __init__(self, home: Path) -> None:
        self._tokens = home / "tokens"
        self._links = home / "links"
        self._sessions = home / "sessions"
        self._prefect = home.absolute() / "prefect"

    def ensure_token(self, name: str) -> Path:
        """The file holding the developer token of that name, made on first use."""
        path = self._tokens / _checked(name)
        if not path.is_file():
            token = secrets.token_urlsafe(TOKEN_BYTES)
            write_atomic(path, lambda temporary: temporary.write_text(token + "\n"), 0o600)
        return path

    def scheduler(self, url: str, auth: str) -> Scheduler:
        """Prefect at that address; without an `auth`, one is made on first use and kept."""
        return Scheduler(url, auth or f"tickerlens:{self._password()}", self._prefect)

    def _password(self) -> str:
        path = self._prefect / "password"
        if not path.is_file():
            password = secrets.token_urlsafe(TOKEN_BYTES)
            write_atomic(path, lambda temporary: temporary.write_text(password + "\n"), 0o600)
        return path.read_text().strip()

    def holder(self, token: str) -> Person:
        """Whose token this is; white space around it, as pasting adds, does not matter.

        Raises
        ------
        AccessError : nobody's.
        """
        found, given = "", token.strip().encode("utf-8", "replace")
        for path in sorted(self._tokens.glob("[a-z]*")) if self._tokens.is_dir() else ():
            stored = path.read_text().strip()
            # Every token is compared, so that the time taken says nothing about the match.
            same = hmac.compare_digest(stored.encode(), given)
            if same and stored:
                found = path.name
        if not found:
            raise AccessError(
                "access.token-unknown", "This token is not known here.", parameter="authorization"
            )
        return Person(found, PersonRole.DEVELOPER)

    def new_link(self, name: str) -> str:
        """A key that makes one browser, once and within a day, the developer of that name."""
        _forget_old(self._links, LINK_SECONDS)
        key = secrets.token_urlsafe(TOKEN_BYTES)
        write_atomic(
            self._links / _digest(key),
            lambda temporary: temporary.write_text(_checked(name)),
            0o600,
        )
        return key

    def redeem(self, key: str) -> Person:
        """Use up a sign-in key.

        Raises
        ------
        AccessError : the key is wrong, used already, or older than a day.
        """
        _forget_old(self._links, LINK_SECONDS)
        path = self._links / _digest(key)
        try:
            name = path.read_text()
            path.unlink()  # of two visitors with the same link, one fails here
        except FileNotFoundError:
            raise AccessError(
                "access.link-used",
                "This sign-in link was used already or is too old; .venv/bin/python -m app "
                "signin prints a new one.",
                parameter="key",
            ) from None
        return Person(name, PersonRole.DEVELOPER)

    def open_session(self, person: Person) -> str:
        """A token `<cookie>.<key>` that speaks for this person for 7 days, or until
        `close_session`; neither half does alone."""
        _forget_old(self._sessions, SESSION_SECONDS)
        cookie, key = secrets.token_urlsafe(TOKEN_BYTES), secrets.token_urlsafe(TOKEN_BYTES)
        stored = f"{_checked(person.name)} {person.role} {_digest(key)}"
        write_atomic(
            self._sessions / _digest(cookie), lambda temporary: temporary.write_text(stored), 0o600
        )
        return f"{cookie}.{key}"

    def session(self, token: str) -> Person:
        """Whom a session token speaks for; an unknown, closed or old one is a viewer's."""
        cookie, _, key = token.partition(".")
        path = self._sessions / _digest(cookie)
        try:
            old = age_seconds(path) > SESSION_SECONDS
            name, stored, wanted = path.read_text().split()
            role = PersonRole(stored)
        except (OSError, ValueError):  # not there, or not as it was written
            return VIEWER
        right = hmac.compare_digest(wanted.encode(), _digest(key).encode())
        return Person(name, role) if right and not old else VIEWER

    def close_session(self, token: str) -> None:
        """End a session, by its token or the cookie alone, wherever these are still kept;
        unknown ones are ended already."""
        (self._sessions / _digest(token.partition(".")[0])).unlink(missing_ok=True)


def _forget_old(folder: Path, seconds: int) -> None:
    for path in folder.glob("[0-9a-f]*") if folder.is_dir() else ():
        with suppress(FileNotFoundError):  # somebody else used it up or removed it meanwhile
            if age_seconds(path) > seconds:
                path.unlink()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            "access.bad-name",
            '"{name}" is not a name for a token; use a-z, 0-9 and -, a letter first.',
            {"name": name[:32]},
            parameter="name",
        )
    return name
