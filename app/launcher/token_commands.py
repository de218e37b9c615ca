"""`python -m app tokens add|list|revoke`: who may get in with a token."""

import argparse
from datetime import UTC, datetime

from core.foundation.keys.caller import Caller, Entrance, actor, called_from
from core.foundation.keys.person import PersonRole
from core.foundation.keys.tokens import Token
from core.foundation.settings import Settings
from core.wiring import Workspace
from core.workflows.grant_access import WantedToken, add_token, revoke_token

_COLUMNS = ("name", "role", "made", "expires", "last used")


def lines(settings: Settings, options: argparse.Namespace) -> list[str]:
    """Do what was asked for; what to print.

    Raises
    ------
    InvalidInputError : the name or the days are not understood, or the name is taken.
    NotFoundError : there is no such token.
    """
    workspace, now = Workspace(settings), datetime.now(UTC)
    with called_from(Caller(Entrance.COMMAND)):
        if options.change == "add":
            wanted = WantedToken(options.name, PersonRole(options.role), options.days or None)
            secret = add_token(workspace, wanted, actor(), now)
            return [secret]
        if options.change == "revoke":
            ended = revoke_token(workspace, options.name, actor(), now)
            return [f"Revoked {options.name}; sessions ended: {ended}."]
    return table(workspace.access.tokens.all(), now)


def table(tokens: list[Token], now: datetime) -> list[str]:
    """A line each below a heading; instants in UTC, to the minute."""
    rows = [_COLUMNS, *(_row(token, now) for token in tokens)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _row(token: Token, now: datetime) -> tuple[str, ...]:
    ends = "never" if token.expires_at is None else _instant(token.expires_at)
    if token.is_expired(now):
        ends = f"{ends} (expired)"
    used = "none noted" if token.used_at is None else _instant(token.used_at)
    return token.name, token.role.value, _instant(token.made_at), ends, used


def _instant(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}Z"
