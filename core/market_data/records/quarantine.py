"""The quarantine: why bars failed a check, and what a person decided. The bars are in the lake."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa

from core.foundation.errors import NotFoundError
from core.foundation.messages import Message
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames
from core.market_data.checks.finding import Fault
from core.reference.bar_holds import Hold


class QuarantineStatus(StrEnum):
    """The state of a fault."""

    OPEN = "open"  # waits for a decision
    RELEASED = "released"  # its bars were accepted
    DISCARDED = "discarded"  # its bars are never to be used
    RESOLVED = "resolved"  # no longer found
    REPAIRED = "mended"  # without a loss


_quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ticker", sa.String(20), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("code", sa.String(16), nullable=False),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
    sa.Column("sessions", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("held", sa.String(8), nullable=False),
    sa.Column("digest", sa.String(16), nullable=False),
    sa.Column("found_at", Instant, nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.String(64), nullable=True),
    sa.Column("decided_at", Instant, nullable=True),
    sa.Column("why", sa.Text, nullable=True),
    # Unknown of faults that were found before this was kept.
    sa.Column("message", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("explanation", sa.String(40), nullable=True),
    sa.UniqueConstraint("ticker", "code", "first", "digest", name="quarantine_once"),
)
_NAMES = StoredNames(hold="held", status="standing", decision_reason="why")


@dataclass(frozen=True)
class QuarantineEntry:
    """One fault of one ticker's bars.

    Parameters
    ----------
    first, last, sessions : the first and last session at fault, and how many.
    hold : what must not be read of them; empty if nothing is withheld.
    digest : of the first session's values, so that other values are another fault.
    id : 0 before it is stored.
    decided_by, decided_at, decision_reason : who released or discarded it, when, and why.
    message : `reason` as a code and its numbers; None of what was found before there were codes.
    explanation : what a person said a step was, as `core.market_data.records.step_explanation`
        reads it.
    """

    ticker: str
    source: str
    code: Fault
    first: date
    last: date
    sessions: int
    reason: str
    hold: Hold
    digest: str
    found_at: datetime
    status: QuarantineStatus = QuarantineStatus.OPEN
    id: int = 0
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    message: Message | None = None
    explanation: str | None = None

    def with_message(self, message: Message) -> Self:
        """The same fault with another message."""
        return replace(self, reason=str(message), message=message)

    @property
    def key(self) -> tuple[str, str, date, str]:
        """What makes two entries the same fault."""
        return self.ticker, self.code, self.first, self.digest


class Quarantine:
    """The register of faults in the records database; nothing is ever deleted from it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(
        self,
        ticker: str | None = None,
        statuses: Sequence[QuarantineStatus] = tuple(QuarantineStatus),
    ) -> list[QuarantineEntry]:
        """Faults by ticker and first session, of one ticker or all, of these statuses."""
        query = sa.select(_quarantine).where(_quarantine.c.standing.in_(statuses))
        if ticker is not None:
            query = query.where(_quarantine.c.ticker == ticker)
        query = query.order_by(_quarantine.c.ticker, _quarantine.c.first, _quarantine.c.id)
        with self._database.read() as connection:
            return [_entry(row) for row in connection.execute(query)]

    def get(self, number: int) -> QuarantineEntry:
        """One fault.

        Raises
        ------
        NotFoundError : there is no such entry.
        """
        query = sa.select(_quarantine).where(_quarantine.c.id == number)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            raise NotFoundError(
                "quarantine.unknown",
                "There is no entry {number} in the quarantine.",
                {"number": number},
                parameter="entry",
            )
        return _entry(row)

    def record(
        self, ticker: str, found: Sequence[QuarantineEntry], first: date, last: date
    ) -> None:
        """Write down what a check of the sessions from `first` to `last` found.

        A fault that was known keeps its decision and its first instant. An open entry that lies
        in the range and was not found again is resolved. Where that changes nothing, nothing is
        written.
        """
        with self._database.read() as connection:
            known = self._known(connection, ticker)
        same = all(
            one.key in known and _grown(known[one.key], one) == known[one.key] for one in found
        )
        if same and not _gone(known, found, first, last):
            return
        with self._database.write() as connection:
            known = self._put_all(connection, ticker, found)
            gone = _gone(known, found, first, last)
            if gone:
                resolved = sa.update(_quarantine).where(_quarantine.c.id.in_(gone))
                connection.execute(resolved.values(standing=QuarantineStatus.RESOLVED))

    def add(self, found: Sequence[QuarantineEntry]) -> None:
        """Write down faults of one ticker; its other entries stay as they are."""
        with self._database.write() as connection:
            for ticker in {entry.ticker for entry in found}:
                self._put_all(connection, ticker, found)

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
        rows = _quarantine.c.id.in_(numbers)
        with self._database.write() as connection:
            connection.execute(sa.update(_quarantine).where(rows).values(**values))
            if then is not None:
                then()
            query = sa.select(_quarantine).where(rows).order_by(_quarantine.c.id)
            return [_entry(row) for row in connection.execute(query)]

    def settle(self, number: int, how: Callable[[QuarantineEntry], None]) -> QuarantineEntry:
        """Do what an entry calls for as it is now, while nobody can decide otherwise."""
        with self._database.write() as connection:
            query = sa.select(_quarantine).where(_quarantine.c.id == number)
            entry = _entry(connection.execute(query).one())
            how(entry)
            return entry

    def forget(self, ticker: str) -> None:
        """Resolve what is open of a ticker whose bars were removed."""
        rows = sa.and_(
            _quarantine.c.ticker == ticker,
            _quarantine.c.standing.in_((QuarantineStatus.OPEN, QuarantineStatus.REPAIRED)),
        )
        with self._database.write() as connection:
            connection.execute(
                sa.update(_quarantine).where(rows).values(standing=QuarantineStatus.RESOLVED)
            )

    def _put_all(
        self, connection: sa.Connection, ticker: str, found: Sequence[QuarantineEntry]
    ) -> dict[tuple[str, str, date, str], QuarantineEntry]:
        """What was known of the ticker before."""
        known = self._known(connection, ticker)
        for entry in {one.key: one for one in found}.values():  # of one fault the last word
            self._put(connection, entry, known.get(entry.key))
        return known

    @staticmethod
    def _known(
        connection: sa.Connection, ticker: str
    ) -> dict[tuple[str, str, date, str], QuarantineEntry]:
        query = sa.select(_quarantine).where(_quarantine.c.ticker == ticker)
        return {entry.key: entry for entry in map(_entry, connection.execute(query))}

    @staticmethod
    def _put(
        connection: sa.Connection, entry: QuarantineEntry, known: QuarantineEntry | None
    ) -> None:
        if known is None:
            connection.execute(sa.insert(_quarantine).values(**_values(entry)))
            return
        grown = _grown(known, entry)
        if grown != known:
            rows = sa.update(_quarantine).where(_quarantine.c.id == known.id)
            connection.execute(rows.values(**_values(grown)))


def _grown(known: QuarantineEntry, found: QuarantineEntry) -> QuarantineEntry:
    """A known fault that was found again, with its decision kept."""
    decided = known.status in (QuarantineStatus.RELEASED, QuarantineStatus.DISCARDED)
    return replace(
        known,
        last=found.last,
        sessions=found.sessions,
        reason=found.reason,
        message=found.message,
        hold=found.hold,
        status=known.status if decided else found.status,
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


def _values(entry: QuarantineEntry) -> dict[str, Any]:
    """What is stored of an entry, but for its number."""
    values = _NAMES.stored(vars(entry))
    del values["id"]
    return {**values, "message": None if entry.message is None else entry.message.to_dict()}


def _entry(row: sa.Row[Any]) -> QuarantineEntry:
    values = _NAMES.own(row._asdict())
    words = {
        "code": Fault(values["code"]),
        "hold": Hold(values["hold"]),
        "status": QuarantineStatus(values["status"]),
        "message": None if row.message is None else Message.from_stored(row.message),
    }
    return QuarantineEntry(**{**values, **words})
