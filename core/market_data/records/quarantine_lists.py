"""Long lists of faults, counted, filtered and cut into pages by the database."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from core.foundation.sql.database import Database
from core.market_data.records.quarantine_rows import (
    QuarantineEntry,
    QuarantineStatus,
    entry_of,
    once,
    quarantine,
)
from core.reference.renames import Renames


@dataclass(frozen=True)
class Listed:
    """Which faults a list has, and in which order.

    Parameters
    ----------
    statuses : those with one of these.
    ticker : of this ticker alone, by the symbol that it has now; of all if empty.
    code : of this kind alone; of all if empty.
    newest_first : the last decided first, or found where nobody decided; else, and among equals,
        by ticker and first session.
    """

    statuses: tuple[QuarantineStatus, ...]
    ticker: str = ""
    code: str = ""
    newest_first: bool = False


class QuarantineLists:
    """The same faults as `Quarantine.entries` gives, of which only a page is read.

    Faults of renamed tickers alone are read whole: of those that several symbols had, one counts.
    """

    def __init__(self, database: Database, renames: Callable[[], Renames]) -> None:
        self._database = database
        self._renames = renames

    def count(self, listed: Listed) -> int:
        """How many there are."""
        with self._database.read() as connection:
            query = sa.select(sa.func.count()).where(*self._conditions(connection, listed))
            return int(connection.execute(query).scalar_one())

    def tickers(self, listed: Listed) -> list[str]:
        """The tickers that have any, in alphabetical order."""
        with self._database.read() as connection:
            ticker = _present(self._renames(), connection)
            conditions = self._conditions(connection, listed)
            return sorted(
                connection.execute(sa.select(ticker).where(*conditions).distinct()).scalars()
            )

    def codes(self, listed: Listed) -> list[str]:
        """The kinds that any is of, in alphabetical order."""
        with self._database.read() as connection:
            query = sa.select(quarantine.c.code).where(*self._conditions(connection, listed))
            return sorted(connection.execute(query.distinct()).scalars())

    def numbers(self, listed: Listed) -> list[int]:
        """Of all of them."""
        with self._database.read() as connection:
            query = sa.select(quarantine.c.id).where(*self._conditions(connection, listed))
            return list(connection.execute(query.order_by(quarantine.c.id)).scalars())

    def page(self, listed: Listed, limit: int, skip: int = 0) -> list[QuarantineEntry]:
        """So many of them without the first `skip`, in order."""
        renames = self._renames()
        with self._database.read() as connection:
            query = sa.select(quarantine).where(*self._conditions(connection, listed))
            query = query.order_by(*_order(listed, renames, connection)).limit(limit).offset(skip)
            return [entry_of(row, renames) for row in connection.execute(query)]

    def place_of(self, listed: Listed, ticker: str) -> int:
        """How many of them come before the first of a ticker; 0 where it has none."""
        renames = self._renames()
        with self._database.read() as connection:
            place = sa.func.row_number().over(order_by=_order(listed, renames, connection))
            every = (
                sa.select(_present(renames, connection).label("now"), place.label("place"))
                .where(*self._conditions(connection, listed))
                .subquery()
            )
            query = sa.select(sa.func.min(every.c.place)).where(every.c.now == ticker)
            return int(connection.execute(query).scalar() or 1) - 1

    def _conditions(
        self, connection: sa.Connection, listed: Listed
    ) -> list[sa.ColumnElement[bool]]:
        renames, of = self._renames(), quarantine.c
        found: list[sa.ColumnElement[bool]] = [of.standing.in_(listed.statuses)]
        if listed.ticker:
            found.append(of.ticker.in_(renames.names(listed.ticker)))
        if listed.code:
            found.append(of.code == listed.code)
        double = _not_counted(connection, renames)
        return [*found, of.id.not_in(double)] if double else found


def _not_counted(connection: sa.Connection, renames: Renames) -> list[int]:
    """Entries of renamed tickers that are the same fault as one that counts."""
    several = [symbol for pair in renames.pairs for symbol in pair]
    if not several:
        return []
    query = sa.select(quarantine).where(quarantine.c.ticker.in_(several))
    found = [entry_of(row, renames) for row in connection.execute(query)]
    counted = {entry.id for entry in once(found)}
    return [entry.id for entry in found if entry.id not in counted]


def _present(renames: Renames, connection: sa.Connection) -> sa.ColumnElement[str]:
    """The symbol that a fault's ticker has now, which sorts as Python does."""
    ticker: sa.ColumnElement[str] = quarantine.c.ticker
    changed = {old: renames.now(old) for old, _ in renames.pairs}
    if changed:
        ticker = sa.case(changed, value=ticker, else_=ticker)
    return ticker.collate("C") if connection.dialect.name == "postgresql" else ticker


def _order(
    listed: Listed, renames: Renames, connection: sa.Connection
) -> tuple[sa.ColumnElement[Any], ...]:
    of = quarantine.c
    rest = _present(renames, connection), of.first, of.id
    if not listed.newest_first:
        return rest
    return sa.func.coalesce(of.decided_at, of.found_at).desc(), *rest
