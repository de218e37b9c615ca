"""Which version an alias points at, and every move it made: append-only, one mover at a time."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

import sqlalchemy as sa

from core.foundation.errors import BusyError
from core.foundation.messages import Message
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames
from core.reference.renames import Renames

WHOEVER: Final = -1

_moves = sa.Table(
    "alias_moves",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("alias", sa.String(64), nullable=False),
    sa.Column("version", sa.ForeignKey("model_versions.version")),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("back", sa.Boolean, nullable=False, server_default=sa.false()),
)
_NAMES = StoredNames(actor="who")


class AliasRole(StrEnum):
    """What an alias says of the version it points at."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"


@dataclass(frozen=True)
class AliasMove:
    """A move of an alias to a version, or to none: when, by whom and why.

    `back` says that it undoes an earlier one.
    """

    alias: str
    version: int | None
    at: datetime
    actor: str
    reason: str
    back: bool = False


def alias_of(role: AliasRole, ticker: str = "") -> str:
    """The alias of a role among all tickers, or among the specialists of one."""
    return f"{role}.{ticker}" if ticker else role.value


class Aliases:
    """Moves aliases and lists their moves; no move can be changed or deleted.

    The moves of a renamed ticker's alias are those under each of its symbols.

    Parameters
    ----------
    renames : gives the renames in force.
    """

    def __init__(self, database: Database, renames: Callable[[], Renames] = Renames) -> None:
        self._database = database
        self._renames = renames

    def point(self, move: AliasMove, instead_of: int | None = WHOEVER) -> None:
        """Move an alias, if it still stands where the mover saw it.

        Parameters
        ----------
        instead_of : the version it is to be taken from, None where it points at none yet;
            `WHOEVER` asks nothing.

        Raises
        ------
        BusyError : it was moved meanwhile; nothing was changed.
        """
        of = self._of(move.alias)
        with self._database.write() as connection:
            last = _last(connection, of)
            current = None if last is None else last.version
            if instead_of not in (WHOEVER, current):
                raise BusyError.of(_moved_meanwhile(move.alias, last))
            connection.execute(sa.insert(_moves).values(**_NAMES.stored(vars(move))))

    def last(self, alias: str) -> AliasMove | None:
        """The newest move of an alias; None if it never pointed at a version."""
        of = self._of(alias)
        with self._database.read() as connection:
            return _last(connection, of)

    def moves(self, alias: str, limit: int = 100) -> list[AliasMove]:
        """The newest moves of an alias, newest first."""
        query = self._of(alias).limit(limit)
        with self._database.read() as connection:
            return [_move(row) for row in connection.execute(query)]

    def former(self, alias: str) -> list[int | None]:
        """What it pointed at before, the latest first: where rollbacks lead, step by step.

        A rollback undoes a move, so the version it left is not listed. None is no version, where
        every alias begins. A version is listed as often as the alias was moved to it.
        """
        of = self._of(alias)
        with self._database.read() as connection:
            rows = connection.execute(of).all()
        path: list[int | None] = [None]
        for row in reversed(rows):
            if row.back and row.version in path:
                del path[len(path) - path[::-1].index(row.version) :]
            elif row.version != path[-1]:
                path.append(row.version)
        return path[-2::-1]

    def tickers(self, role: AliasRole) -> list[str]:
        """Tickers that ever had an alias of their own of a role, in order."""
        prefix = f"{role}."
        own = _moves.c.alias.startswith(prefix, autoescape=True)
        renames = self._renames()
        with self._database.read() as connection:
            found = connection.execute(sa.select(_moves.c.alias).where(own).distinct()).scalars()
            return sorted({renames.now(alias.removeprefix(prefix)) for alias in found})

    def all(self) -> list[tuple[int, int | None]]:
        """Number and version of every move of every alias, in order."""
        query = sa.select(_moves.c.id, _moves.c.version).order_by(_moves.c.id)
        with self._database.read() as connection:
            return [(row.id, row.version) for row in connection.execute(query)]

    def in_force(self, alias: str, instant: datetime) -> AliasMove | None:
        """The move that was in force at an instant; None if it pointed at nothing then."""
        query = self._of(alias).where(_moves.c.at <= instant).limit(1)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else _move(row)

    def _of(self, alias: str) -> sa.Select[tuple[object, ...]]:
        """The moves of an alias, newest first."""
        role, dot, ticker = alias.partition(".")
        names = [f"{role}.{one}" for one in self._renames().names(ticker)] if dot else [alias]
        return sa.select(_moves).where(_moves.c.alias.in_(names)).order_by(_moves.c.id.desc())


def _last(connection: sa.Connection, of: sa.Select[tuple[object, ...]]) -> AliasMove | None:
    row = connection.execute(of.limit(1)).one_or_none()
    return None if row is None else _move(row)


def _move(row: sa.Row[tuple[object, ...]]) -> AliasMove:
    return AliasMove(row.alias, row.version, row.at, row.who, row.reason, row.back)


def _moved_meanwhile(alias: str, last: AliasMove | None) -> Message:
    if last is None or last.version is None:
        return Message(
            "alias.nowhere", "The {alias} points at no version; look again.", {"alias": alias}
        )
    return Message(
        "alias.moved-meanwhile",
        "The {alias} was moved to version {version} by {actor} meanwhile; look again before you "
        "move it.",
        {"alias": alias, "version": last.version, "actor": last.actor},
    )
