"""Give people access and take it from them; each goes on record."""

from dataclasses import dataclass
from datetime import datetime

from core.foundation.audit import Action
from core.foundation.errors import StorageError
from core.foundation.keys.person import PersonRole
from core.foundation.keys.tokens import DEFAULT_DAYS
from core.wiring import Workspace


@dataclass(frozen=True)
class WantedToken:
    """A token that somebody is to get; without `days` it never expires."""

    name: str
    role: PersonRole = PersonRole.VIEWER
    days: int | None = DEFAULT_DAYS


def add_token(workspace: Workspace, wanted: WantedToken, actor: str, at: datetime) -> str:
    """A new token, to be shown once.

    Raises
    ------
    InvalidInputError : the name or the days are not understood, or the name is taken.
    StorageError : it cannot be put on record; there is no such token then.
    """
    tokens = workspace.access.tokens
    secret = tokens.add(wanted.name, wanted.role, wanted.days, at)
    until = "for ever" if wanted.days is None else f"for {wanted.days} days"
    try:
        workspace.audit.add(Action(at, actor, "add token", f"{wanted.name}, {wanted.role}", until))
    except StorageError:
        tokens.revoke(wanted.name)
        raise
    return secret


def revoke_token(workspace: Workspace, name: str, actor: str, at: datetime) -> int:
    """Make a token good for nothing; how many sessions that began with it end.

    Raises
    ------
    NotFoundError : there is no token of that name.
    """
    ended = workspace.access.revoke(name)
    workspace.audit.add(Action(at, actor, "revoke token", name))
    return ended


def sign_out_everywhere(workspace: Workspace, name: str, actor: str, at: datetime) -> int:
    """End every session of a person; how many there were."""
    ended = workspace.access.close_sessions(name)
    workspace.audit.add(Action(at, actor, "sign out everywhere", name))
    return ended
