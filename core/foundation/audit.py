"""Who did what, when and from where: an append-only table."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

import sqlalchemy as sa

from core.foundation.errors import InvalidInputError
from core.foundation.keys.caller import Caller, current_caller
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames

_audit = sa.Table(
    "audit",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("action", sa.String(64), nullable=False),
    sa.Column("subject", sa.String(256), nullable=False),
    sa.Column("reason", sa.Text, nullable=False, default=""),
    sa.Column("door", sa.String(16), nullable=False, default="", server_default=""),
    sa.Column("address", sa.String(64), nullable=False, default="", server_default=""),
)
_NAMES = StoredNames(actor="who")

MAX_REASON_CHARACTERS = 500
_NO_TEXT = ("Cc", "Cs")  # control characters, and halves of a pair, which no database takes


def validate_reason(text: str) -> str:
    """The reason that a person gives, as it goes on record: on one line, and all of it.

    Raises
    ------
    InvalidInputError : it is empty, longer than `MAX_REASON_CHARACTERS`, or no text.
    """
    reason = " ".join(text.split())
    if not reason:
        raise InvalidInputError(
            "reason.missing", "A reason is needed: it stays on record.", parameter="reason"
        )
    if len(reason) > MAX_REASON_CHARACTERS:
        raise InvalidInputError(
            "reason.too-long",
            "A reason has at most {most} characters, not {length:,}.",
            {"most": MAX_REASON_CHARACTERS, "length": len(reason)},
            parameter="reason",
        )
    if any(unicodedata.category(one) in _NO_TEXT for one in reason):
        raise InvalidInputError(
            "reason.no-text",
            "The reason holds characters that are no text, such as control characters.",
            parameter="reason",
        )
    return reason


@dataclass(frozen=True)
class Action:
    """One thing a person or a process did; `at` is an aware instant.

    An action that does not say from where it came is noted with `current_caller`.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    reason: str = ""
    door: str = ""
    address: str = ""


class Audit:
    """Adds actions and lists them; has no way to change or delete one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, action: Action) -> None:
        """Record an action."""
        with self._database.write() as connection:
            note(connection, action)

    def latest(self, limit: int = 50, skip: int = 0) -> list[Action]:
        """The newest actions first, without the `skip` newest."""
        query = sa.select(_audit).order_by(_audit.c.id.desc()).limit(limit).offset(skip)
        with self._database.read() as connection:
            return [
                Action(row.at, row.who, row.action, row.subject, row.reason, row.door, row.address)
                for row in connection.execute(query)
            ]

    def count(self) -> int:
        """How many actions are on record."""
        query = sa.select(sa.func.count()).select_from(_audit)
        with self._database.read() as connection:
            return int(connection.execute(query).scalar_one())


def note(connection: sa.Connection, action: Action) -> None:
    """Record an action in the same transaction as what it was."""
    if not action.door:
        action = _placed(action, current_caller())
    connection.execute(sa.insert(_audit).values(**_NAMES.stored(vars(action))))


def _placed(action: Action, caller: Caller) -> Action:
    return replace(action, door=caller.door.value, address=caller.address[:64])
