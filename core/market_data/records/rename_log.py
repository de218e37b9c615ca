"""The record of symbols that changed: who said so, when, why, and whether it was taken back."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.foundation.audit import Action, note
from core.foundation.errors import InvalidInputError, StorageError
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames
from core.reference.renames import Renames
from core.reference.tickers import Ticker

_renames = sa.Table(
    "renames",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("old", sa.String(20), nullable=False),
    sa.Column("new", sa.String(20), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("taken_back_at", Instant, nullable=True),
    sa.Column("taken_back_by", sa.String(64), nullable=True),
    sa.Column("taken_back_reason", sa.Text, nullable=True),
)
_NAMES = StoredNames(actor="who")
_IN_FORCE = (
    sa.select(_renames.c.old, _renames.c.new)
    .where(_renames.c.taken_back_at.is_(None))
    .order_by(_renames.c.id)
)
_REST_SECONDS, _TRUSTED_SECONDS = 30.0, 5.0


@dataclass(frozen=True)
class Rename:
    """One change of a symbol.

    Parameters
    ----------
    actor, at, reason : who said so, when, and why.
    taken_back_at, taken_back_by, taken_back_reason : the same of its taking back; None while it is
        in force.
    """

    old: str
    new: str
    at: datetime
    actor: str
    reason: str
    taken_back_at: datetime | None = None
    taken_back_by: str | None = None
    taken_back_reason: str | None = None

    @property
    def in_force(self) -> bool:
        """Whether it was not taken back."""
        return self.taken_back_at is None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        back = {
            "taken_back_at": self.taken_back_at and self.taken_back_at.isoformat(),
            "taken_back_by": self.taken_back_by,
            "taken_back_reason": self.taken_back_reason,
        }
        found = {"from": self.old, "to": self.new, "at": self.at.isoformat(), "who": self.actor}
        return {**found, "reason": self.reason, **({} if self.in_force else back)}


@dataclass(frozen=True)
class _LastRead:
    """What was in force when, under which edition of the records; None if they tell of none."""

    renames: Renames
    edition: str | None = None
    at: float = 0.0


class RenameLog:
    """Stores renames and their takings back; one row is one rename, and none is deleted.

    Parameters
    ----------
    records : gives the records database; asked whenever something is read or written.
    """

    def __init__(self, records: Callable[[], Database]) -> None:
        self._records = records
        self._last_read = _LastRead(Renames())
        self._resting_until = 0.0

    def in_force(self) -> Renames:
        """What every reader goes by, read anew unless the edition of the records says that none
        came: another process may have said something.

        While the records cannot be reached, what was read last: bars can be read without them.
        """
        if time.monotonic() >= self._resting_until:
            try:
                self._last_read = self._read()
            except StorageError:
                self._resting_until = time.monotonic() + _REST_SECONDS
        return self._last_read.renames

    def _read(self) -> "_LastRead":
        records, last, now = self._records(), self._last_read, time.monotonic()
        known = last.edition is not None and now < last.at + _TRUSTED_SECONDS
        if known and last.edition == records.edition.number():
            return last
        edition = records.edition.settled()
        with records.read() as connection:
            return _LastRead(_in_force(connection), edition, now)

    def latest(self, old: Ticker, new: Ticker) -> Rename | None:
        """The newest rename of one symbol to another, in force or taken back; None if none was."""
        query = sa.select(_renames).where(_renames.c.old == old.symbol)
        query = query.where(_renames.c.new == new.symbol).order_by(_renames.c.id.desc()).limit(1)
        with self._records().read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _rename(row)

    def all(self) -> list[Rename]:
        """Every rename, oldest first."""
        with self._records().read() as connection:
            rows = connection.execute(sa.select(_renames).order_by(_renames.c.id)).all()
        return [_rename(row) for row in rows]

    def add(self, rename: Rename, action: Action) -> None:
        """Put a rename into force and on the audit, both or none.

        Raises
        ------
        InvalidInputError : one of the two symbols is another now, or the new one was the old one's
            symbol before; nothing was written.
        """
        with self._records().write() as connection:
            renames = _in_force(connection)
            for symbol in (rename.old, rename.new):
                renames.refuse(Ticker(symbol))
            connection.execute(sa.insert(_renames).values(**_NAMES.stored(vars(rename))))
            note(connection, action)

    def take_back(self, rename: Rename, action: Action) -> None:
        """End a rename by who, when and why of the action, and put that on the audit; once.

        Raises
        ------
        InvalidInputError : its new symbol was renamed since; nothing was written.
        """
        values = dict(
            taken_back_at=action.at, taken_back_by=action.actor, taken_back_reason=action.reason
        )
        mine = sa.and_(
            _renames.c.old == rename.old,
            _renames.c.new == rename.new,
            _renames.c.taken_back_at.is_(None),
        )
        with self._records().write() as connection:
            now = _in_force(connection).now(rename.new)
            if now != rename.new:
                raise InvalidInputError(
                    "rename.later-first",
                    "{ticker} is {now} now; take that back first.",
                    {"ticker": rename.new, "now": now},
                    parameter="to",
                )
            if connection.execute(sa.update(_renames).where(mine).values(**values)).rowcount:
                note(connection, action)


def _in_force(connection: sa.Connection) -> Renames:
    return Renames(tuple((row.old, row.new) for row in connection.execute(_IN_FORCE)))


def _rename(row: sa.Row[Any]) -> Rename:
    values = _NAMES.own(row._asdict())
    del values["id"]
    return Rename(**values)
