"""The quarantine: why bars failed a check, and what a person decided. The bars are in the lake."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa

from core.foundation.errors import NotFoundError
from core.foundation.sql.database import Database
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine_lists import QuarantineLists
from core.market_data.records.quarantine_rows import (
    QuarantineEntry,
    QuarantineStatus,
    entry_of,
    once,
    quarantine,
    values_of,
)
from core.reference.renames import Renames
from core.reference.tickers import Ticker

__all__ = ["Quarantine", "QuarantineEntry", "QuarantineStatus"]


class Quarantine:
    """The register of faults in the records database; nothing is ever deleted from it.

    Faults of a ticker that was renamed are those of each of its symbols, named by the one that it
    has now. A fault that several of them had is one, with the decision if there was one.

    Parameters
    ----------
    renames : gives the renames in force.
    """

    def __init__(self, database: Database, renames: Callable[[], Renames] = Renames) -> None:
        self._database = database
        self._renames = renames

    @property
    def lists(self) -> QuarantineLists:
        """The same faults in pages."""
        return QuarantineLists(self._database, self._renames)

    def entries(
        self,
        ticker: str | None = None,
        statuses: Sequence[QuarantineStatus] = tuple(QuarantineStatus),
    ) -> list[QuarantineEntry]:
        """Faults by ticker and first session, of one ticker or all, of these statuses."""
        renames = self._renames()
        several = [symbol for pair in renames.pairs for symbol in pair]
        of = quarantine.c
        query = sa.select(quarantine).where(of.standing.in_(statuses) | of.ticker.in_(several))
        if ticker is not None:
            query = query.where(of.ticker.in_(renames.names(ticker)))
        with self._database.read() as connection:
            found = once(entry_of(row, renames) for row in connection.execute(query))
        found = [entry for entry in found if entry.status in statuses]
        return sorted(found, key=lambda entry: (entry.ticker, entry.first, entry.id))

    def get(self, number: int) -> QuarantineEntry:
        """One fault.

        Raises
        ------
        NotFoundError : there is no such entry.
        """
        renames = self._renames()
        query = sa.select(quarantine).where(quarantine.c.id == number)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(
                "quarantine.unknown",
                "There is no entry {number} in the quarantine.",
                {"number": number},
                parameter="entry",
            )
        return entry_of(row, renames)

    def record(
        self, ticker: str, found: Sequence[QuarantineEntry], first: date, last: date
    ) -> None:
        """Write down what a check of the sessions from `first` to `last` found.

        A fault that was known keeps its decision and its first instant. An open entry that lies
        in the range and was not found again is resolved. Where that changes nothing, nothing is
        written.

        Raises
        ------
        InvalidInputError : the ticker has another symbol now.
        """
        renames = self._renames()
        with self._database.read() as connection:
            known = _known(connection, ticker, renames)
        same = all(
            one.key in known and _grown(known[one.key], one) == known[one.key] for one in found
        )
        if same and not _gone(known, found, first, last):
            return
        with self._database.write() as connection:
            known = _put_all(connection, ticker, found, renames)
            gone = _gone(known, found, first, last)
            if gone:
                resolved = sa.update(quarantine).where(quarantine.c.id.in_(gone))
                connection.execute(resolved.values(standing=QuarantineStatus.RESOLVED))

    def add(self, found: Sequence[QuarantineEntry]) -> None:
        """Write down faults of one ticker; its other entries stay as they are."""
        renames = self._renames()
        with self._database.write() as connection:
            for ticker in {entry.ticker for entry in found}:
                _put_all(connection, ticker, found, renames)

    def decide(
        self,
        numbers: Sequence[int],
        status: QuarantineStatus,
        actor: str,
        reason: str,
        at: datetime,
        explanation: str | None = None,
        then: Callable[[], None] | None = None,
    ) -> list[QuarantineEntry]:
        """Note one decision on some entries; returns them as they are now, by their number.

        `then` is done before anybody else can decide; if it raises, nothing was decided.
        """
        values = dict(
            standing=status, decided_by=actor, decided_at=at, why=reason, explanation=explanation
        )
        rows, renames = quarantine.c.id.in_(numbers), self._renames()
        with self._database.write() as connection:
            connection.execute(sa.update(quarantine).where(rows).values(**values))
            if then is not None:
                then()
            query = sa.select(quarantine).where(rows).order_by(quarantine.c.id)
            return [entry_of(row, renames) for row in connection.execute(query)]

    def settle(self, number: int, how: Callable[[QuarantineEntry], None]) -> QuarantineEntry:
        """Do what an entry calls for as it is now, while nobody can decide otherwise."""
        renames = self._renames()
        with self._database.write() as connection:
            query = sa.select(quarantine).where(quarantine.c.id == number)
            entry = entry_of(connection.execute(query).one(), renames)
            how(entry)
            return entry

    def resolve_later(self, decided: QuarantineEntry) -> None:
        """Resolve what was asked of a session only because of what had been said of it before.

        Questions of the same session that came after `decided`, and what was said of them, were
        about a bar that is no longer so.
        """
        of, renames = quarantine.c, self._renames()
        with self._database.write() as connection:
            connection.execute(
                sa.update(quarantine)
                .where(
                    of.ticker.in_(renames.names(decided.ticker)),
                    of.first == decided.first,
                    of.id > decided.id,
                    of.code.in_((Fault.STEP, Fault.DIVIDEND)),
                )
                .values(standing=QuarantineStatus.RESOLVED, explanation=None)
            )

    def forget(self, ticker: str) -> None:
        """Resolve what is open of a ticker whose bars were removed."""
        rows = sa.and_(
            quarantine.c.ticker.in_(self._renames().names(ticker)),
            quarantine.c.standing.in_((QuarantineStatus.OPEN, QuarantineStatus.REPAIRED)),
        )
        with self._database.write() as connection:
            connection.execute(
                sa.update(quarantine).where(rows).values(standing=QuarantineStatus.RESOLVED)
            )

    def part(self, old: str, new: str, before: date | None) -> None:
        """Give faults that were found under a new symbol back to the old one.

        Parameters
        ----------
        before : those of sessions before this one; all where it is None.
        """
        of, other = quarantine.c, quarantine.alias()
        same = (other.c.code == of.code, other.c.first == of.first, other.c.digest == of.digest)
        moved = [of.ticker == new, ~sa.exists().where(other.c.ticker == old, *same)]
        if before is not None:
            moved.append(of.last < before)
        with self._database.write() as connection:
            connection.execute(sa.update(quarantine).where(*moved).values(ticker=old))


def _put_all(
    connection: sa.Connection, ticker: str, found: Sequence[QuarantineEntry], renames: Renames
) -> dict[tuple[str, str, date, str], QuarantineEntry]:
    """What was known of the ticker before."""
    known = _known(connection, ticker, renames)
    for entry in {one.key: one for one in found}.values():  # of one fault the last word
        _put(connection, entry, known.get(entry.key))
    return known


def _known(
    connection: sa.Connection, ticker: str, renames: Renames
) -> dict[tuple[str, str, date, str], QuarantineEntry]:
    renames.refuse(Ticker(ticker))  # renamed meanwhile
    query = sa.select(quarantine).where(quarantine.c.ticker.in_(renames.names(ticker)))
    found = once(entry_of(row, renames) for row in connection.execute(query))
    return {entry.key: entry for entry in found}


def _put(connection: sa.Connection, entry: QuarantineEntry, known: QuarantineEntry | None) -> None:
    if known is None:
        connection.execute(sa.insert(quarantine).values(ticker=entry.ticker, **values_of(entry)))
        return
    grown = _grown(known, entry)
    if grown != known:
        rows = sa.update(quarantine).where(quarantine.c.id == known.id)
        connection.execute(rows.values(**values_of(grown)))


def _grown(known: QuarantineEntry, found: QuarantineEntry) -> QuarantineEntry:
    """A known fault that was found again, with its decision kept."""
    return replace(
        known,
        last=found.last,
        sessions=found.sessions,
        reason=found.reason,
        message=found.message,
        hold=found.hold,
        status=known.status if known.decided else found.status,
    )


def _gone(
    known: dict[tuple[str, str, date, str], QuarantineEntry],
    found: Sequence[QuarantineEntry],
    first: date,
    last: date,
) -> list[int]:
    """The open entries between two sessions that were not found again."""
    still = {entry.key for entry in found}
    return [
        entry.id
        for entry in known.values()
        if entry.status == QuarantineStatus.OPEN
        and entry.key not in still
        and first <= entry.first
        and entry.last <= last
    ]
