"""Who may act, and what actions on other people's access do."""

from datetime import UTC, datetime

from app.state.stores import stores
from core.foundation.errors import AccessError
from core.foundation.keys.caller import set_caller
from core.foundation.keys.person import Person
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
