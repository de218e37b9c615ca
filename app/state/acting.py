"""Who may act, and what only developers see and do of everybody's access."""

from datetime import UTC, datetime

from app.state.stores import stores
from core.foundation.audit import Action
from core.foundation.errors import AccessError
from core.foundation.keys.caller import set_caller
from core.foundation.keys.person import Person
from core.foundation.keys.sessions import Session
from core.foundation.keys.tokens import Token
from core.workflows import grant_access


def must_act(person: Person) -> None:
    """Let a developer act; what this thread puts on record from now on says from where.

    Raises
    ------
    AccessError : the person is none.
    """
    set_caller(person.caller)
    if not person.may_act:
        raise AccessError("access.not-signed-in", "Only a signed-in developer may do this.")


def sign_out_everywhere(person: Person, name: str) -> int:
    """End every session of a person: one's own, or as a developer anybody's; how many."""
    set_caller(person.caller)
    if not (person.is_signed_in and person.name == name):
        must_act(person)
    return grant_access.sign_out_everywhere(stores(), name, person.name, datetime.now(UTC))


def revoke_token(person: Person, name: str) -> int:
    """Make a token good for nothing; how many sessions that began with it end."""
    must_act(person)
    return grant_access.revoke_token(stores(), name, person.name, datetime.now(UTC))


def tokens(person: Person) -> list[Token]:
    """Every token by name, for a developer."""
    must_act(person)
    return stores().access.tokens.all()


def sessions(person: Person) -> list[Session]:
    """Every open session, the newest first, for a developer."""
    must_act(person)
    return stores().access.open_sessions()


def recorded(person: Person, limit: int, skip: int) -> list[Action]:
    """What is on record, the newest first and without the `skip` newest, for a developer."""
    must_act(person)
    return stores().audit.latest(limit, skip)


def count_recorded(person: Person) -> int:
    """How many actions are on record, for a developer."""
    must_act(person)
    return stores().audit.count()
