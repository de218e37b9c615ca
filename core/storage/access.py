"""People's keys: named tokens, one-time sign-in links and the cookie they are exchanged for."""

import hashlib
import hmac
import re
import secrets
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from core.errors import AccessError, InvalidInputError
from core.storage.files import write_atomic

TOKEN_BYTES = 32
LINK_SECONDS = 24 * 3600
COOKIE_SECONDS = 30 * 24 * 3600
_NAME = re.compile(r"[a-z][a-z0-9-]{0,31}")


@dataclass(frozen=True)
class Person:
    """Who is acting. A viewer sees; a developer also acts."""

    name: str
    role: str

    @property
    def may_act(self) -> bool:
        return self.role == "developer"


VIEWER = Person("viewer", "viewer")


class Access:
    """Keys kept as files under the home folder, readable by its owner alone.

    Parameters
    ----------
    home : the folder of all state; `tokens/` and `links/` are created inside when needed.
    """

    def __init__(self, home: Path) -> None:
        self._tokens = home / "tokens"
        self._links = home / "links"
        self._secret_file = home / "cookie.secret"

    def ensure_token(self, name: str) -> Path:
        """The file holding the developer token of that name, made on first use."""
        path = self._tokens / _checked(name)
        if not path.is_file():
            token = secrets.token_urlsafe(TOKEN_BYTES)
            write_atomic(path, lambda temporary: temporary.write_text(token + "\n"), 0o600)
        return path

    def holder(self, token: str) -> Person:
        """Whose token this is.

        Raises
        ------
        AccessError : nobody's.
        """
        found = ""
        for path in sorted(self._tokens.glob("[a-z]*")) if self._tokens.is_dir() else ():
            stored = path.read_text().strip()
            # Every token is compared, so that the time taken says nothing about the match.
            same = hmac.compare_digest(stored.encode(), token.encode("utf-8", "replace"))
            if same and stored:
                found = path.name
        if not found:
            raise AccessError("This token is not known here.", "authorization")
        return Person(found, "developer")

    def new_link(self, name: str) -> str:
        """A key that makes one browser, once and within a day, the developer of that name."""
        self._forget_old_links()
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
        self._forget_old_links()
        path = self._links / _digest(key)
        try:
            name = path.read_text()
            path.unlink()  # of two visitors with the same link, one fails here
        except FileNotFoundError:
            raise AccessError(
                "This sign-in link was used already or is too old; "
                "`make run` and `python -m app signin` print a new one.",
                "key",
            ) from None
        return Person(name, "developer")

    def seal(self, person: Person) -> str:
        """A signed cookie value that `unseal` turns back into the person, for 30 days."""
        body = f"{person.name}.{person.role}.{int(time.time()) + COOKIE_SECONDS}"
        return f"{body}.{self._signature(body)}"

    def unseal(self, cookie: str) -> Person:
        """Who a cookie speaks for; a missing, altered or old one is a viewer."""
        body, _, signature = cookie.rpartition(".")
        parts = body.split(".")
        known = self._secret_file.is_file() and len(parts) == 3 and cookie.isascii()
        if not known or not hmac.compare_digest(self._signature(body), signature):
            return VIEWER
        name, role, until = parts
        return Person(name, role) if time.time() < int(until) else VIEWER

    def _signature(self, body: str) -> str:
        if not self._secret_file.is_file():
            secret = secrets.token_hex(TOKEN_BYTES)
            write_atomic(self._secret_file, lambda path: path.write_text(secret), 0o600)
        key = self._secret_file.read_bytes()
        return hmac.new(key, body.encode(), hashlib.sha256).hexdigest()

    def _forget_old_links(self) -> None:
        for path in self._links.glob("[0-9a-f]*") if self._links.is_dir() else ():
            with suppress(FileNotFoundError):  # another visitor used it up meanwhile
                if time.time() - path.stat().st_mtime > LINK_SECONDS:
                    path.unlink()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise InvalidInputError(
            f'"{name[:32]}" is not a name for a token; use a-z, 0-9 and -, a letter first.', "name"
        )
    return name
