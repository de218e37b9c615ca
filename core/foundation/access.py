"""Who gets in: tokens, one-time sign-in links, sessions, and Prefect's password."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.foundation.errors import AccessError
from core.foundation.files import write_atomic
from core.foundation.keys import key_files
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.foundation.keys.sessions import Grant, Session, Sessions, SignInKind
from core.foundation.keys.tokens import Token, Tokens

LINK_SECONDS = 24 * 3600


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


class Access:
    """Keys kept as files under the home folder, readable by its owner alone.

    Parameters
    ----------
    home : the folder of all state; `tokens/`, `keys/`, `links/`, `sessions/` and `prefect/` are
        created inside when needed.
    developer_groups : the provider's groups whose members are developers; None where nobody
        signs in at a provider.
    """

    def __init__(self, home: Path, developer_groups: frozenset[str] | None = None) -> None:
        self._keys = home / "keys"
        uses = key_files.Uses(self._keys / "used")
        self.tokens = Tokens(home / "tokens", self._keys, uses)
        self.sessions = Sessions(home / "sessions", uses)
        self._developer_groups = developer_groups
        self._links = home / "links"
        self._prefect = home.absolute() / "prefect"

    def ensure_token(self, name: str) -> Path:
        """The file holding the developer token of that name, made on first use."""
        return self.tokens.ensure_plain(name)

    def scheduler(self, url: str, auth: str) -> Scheduler:
        """Prefect at that address; without an `auth`, one is made on first use and kept."""
        return Scheduler(url, auth or f"tickerlens:{self._password()}", self._prefect)

    def cookie_secret(self) -> str:
        """What signs the state of sign-ins at a provider, made on first use and kept."""
        return self._made_once(self._keys / "cookie-secret")

    def _password(self) -> str:
        return self._made_once(self._prefect / "password")

    def _made_once(self, path: Path) -> str:
        if not path.is_file():
            made = key_files.new_secret()
            write_atomic(path, lambda temporary: temporary.write_text(made + "\n"), 0o600)
        return path.read_text().strip()

    def holder(self, token: str) -> Person:
        """Whose token this is; white space around it, as pasting adds, does not matter.

        Raises
        ------
        AccessError : nobody's, or it has expired.
        """
        return self.tokens.find(token, datetime.now(UTC)).person

    def new_link(self, name: str) -> str:
        """A key that makes one browser, once and within a day, the developer of that name."""
        key_files.forget_old(self._links, LINK_SECONDS)
        key = key_files.new_secret()
        write_atomic(
            self._links / key_files.digest(key),
            lambda temporary: temporary.write_text(key_files.validate_name(name)),
            0o600,
        )
        return key

    def redeem(self, key: str) -> Person:
        """Use up a sign-in key.

        Raises
        ------
        AccessError : the key is wrong, used already, or older than a day.
        """
        key_files.forget_old(self._links, LINK_SECONDS)
        path = self._links / key_files.digest(key)
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

    def open_session(self, person: Person, grant: Grant = Grant()) -> str:
        """A token `<cookie>.<key>` that speaks for this person for 7 days, or until the session
        or what it rests on ends; neither half does alone."""
        return self.sessions.open(person, grant)

    def session(self, token: str) -> Person:
        """Whom a session token speaks for; an unknown, closed or old one is a viewer's, as is one
        whose token was revoked or has expired."""
        found = self.sessions.find(token, datetime.now(UTC))
        return VIEWER if found is None else self._speaks_for(found)

    def is_open(self, cookie: str) -> bool:
        """Whether a cookie belongs to an open session; nobody may act on that alone."""
        found = self.sessions.by_cookie(cookie, datetime.now(UTC))
        return found is not None and self._speaks_for(found).is_signed_in

    def open_sessions(self) -> list[Session]:
        """Every session that still speaks for somebody, the newest first."""
        found = self.sessions.all(datetime.now(UTC))
        now = [replace(one, person=self._speaks_for(one)) for one in found]
        return [one for one in now if one.person.is_signed_in]

    def close_session(self, token: str) -> None:
        """End a session, by its token or the cookie alone, wherever these are still kept;
        unknown ones are ended already."""
        self.sessions.close(token)

    def close_sessions(self, name: str) -> int:
        """End every session of a person; how many there were."""
        own = [one for one in self.sessions.all(datetime.now(UTC)) if one.person.name == name]
        return sum(self.sessions.end(one.id) for one in own)

    def revoke(self, name: str) -> int:
        """Make a token good for nothing, and end the sessions that began with it; how many.

        Raises
        ------
        NotFoundError : there is no token of that name.
        """
        sessions = self.sessions.all(datetime.now(UTC))
        token = self.tokens.revoke(name)
        return sum(self.sessions.end(one.id) for one in sessions if one.grant.token == token.digest)

    def _speaks_for(self, session: Session) -> Person:
        if session.grant.kind == SignInKind.OIDC:
            return self._by_groups(session)
        if not session.grant.token:
            return session.person
        token = self.tokens.by_digest(session.grant.token)
        if token is None or token.is_expired(datetime.now(UTC)):
            return VIEWER
        return token.person

    def _by_groups(self, session: Session) -> Person:
        if self._developer_groups is None:
            return VIEWER
        chosen = self._developer_groups.intersection(session.grant.groups)
        role = PersonRole.DEVELOPER if chosen else PersonRole.VIEWER
        return Person(session.person.name, role)


def grant_of(token: Token, address: str) -> Grant:
    """What a session that begins with this token rests on."""
    return Grant(SignInKind.TOKEN, token.digest, token.expires_at, address=address)
