"""The ingest log: the outcome of every attempt to fetch a ticker's bars."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from core.foundation.messages import Message
from core.foundation.sql.database import Database, Instant, metadata


class IngestOutcome(StrEnum):
    """How one attempt to fetch a ticker ended."""

    OK = "ok"
    NOT_FOUND = "not_found"
    RATE_LIMITED = "rate_limited"
    UNAVAILABLE = "unavailable"
    UNUSABLE = "unusable"


_outcomes = sa.Table(
    "ingest_outcomes",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("ticker", sa.String(20), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("outcome", sa.String(16), nullable=False),
    sa.Column("message", sa.Text, nullable=False, default=""),
    # `message` as a code and its parameters; unknown of attempts made before this was kept.
    sa.Column("sentence", sa.JSON(none_as_null=True), nullable=True),
    sa.Index("ingest_outcomes_by_ticker", "ticker", "id"),
)


@dataclass(frozen=True)
class IngestAttempt:
    """One attempt to ingest one ticker; `message` says why it failed, None if it did not."""

    at: datetime
    ticker: str
    source: str
    outcome: IngestOutcome
    message: Message | None = None


class IngestLog:
    """Stores the outcomes of attempts and summarises them."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._last_of_each: tuple[int, dict[str, IngestAttempt]] = (-1, {})

    def add(self, found: list[IngestAttempt]) -> None:
        """Write down what one ingest did."""
        if found:
            with self._database.write() as connection:
                connection.execute(sa.insert(_outcomes), [_values(one) for one in found])

    def latest(self, ticker: str, limit: int = 50) -> list[IngestAttempt]:
        """The latest attempts at one ticker, newest first."""
        query = sa.select(_outcomes).where(_outcomes.c.ticker == ticker)
        query = query.order_by(_outcomes.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [_attempt(row) for row in connection.execute(query)]

    def denials(self, ticker: str, source: str) -> list[datetime]:
        """The instants at which a source denied the ticker, since it last gave bars of it."""
        mine = sa.and_(_outcomes.c.ticker == ticker, _outcomes.c.source == source)
        last = sa.select(sa.func.coalesce(sa.func.max(_outcomes.c.id), 0))
        given = last.where(mine, _outcomes.c.outcome == IngestOutcome.OK).scalar_subquery()
        query = sa.select(_outcomes.c.at).where(
            mine, _outcomes.c.outcome == IngestOutcome.NOT_FOUND, _outcomes.c.id > given
        )
        with self._database.read() as connection:
            return list(connection.execute(query.order_by(_outcomes.c.id)).scalars())

    def counts(self) -> dict[str, int]:
        """How many attempts had each outcome; an outcome that never occurred has no key."""
        query = sa.select(_outcomes.c.outcome, sa.func.count()).group_by(_outcomes.c.outcome)
        with self._database.read() as connection:
            return {outcome: int(count) for outcome, count in connection.execute(query)}

    def last_success(self, source: str | None = None) -> datetime | None:
        """When a ticker was last fetched whole, from a source or any; None if none ever was."""
        query = sa.select(sa.func.max(_outcomes.c.at)).where(
            _outcomes.c.outcome == IngestOutcome.OK
        )
        if source is not None:
            query = query.where(_outcomes.c.source == source)
        with self._database.read() as connection:
            return connection.execute(query).scalar()

    def last_of_each(self) -> dict[str, IngestAttempt]:
        """The latest attempt at each ticker; read anew once there was another."""
        with self._database.read() as connection:
            latest = int(connection.execute(sa.select(sa.func.max(_outcomes.c.id))).scalar() or 0)
        known, found = self._last_of_each
        if known != latest:
            newest = sa.select(sa.func.max(_outcomes.c.id)).group_by(_outcomes.c.ticker)
            found = {one.ticker: one for one in self._found(_outcomes.c.id.in_(newest))}
            self._last_of_each = latest, found
        return dict(found)

    def latest_run(self, source: str) -> list[IngestAttempt]:
        """The attempts of the latest ingest from a source, one for each of its tickers."""
        mine = _outcomes.c.source == source
        at = sa.select(sa.func.max(_outcomes.c.at)).where(mine).scalar_subquery()
        return self._found(mine, _outcomes.c.at == at)

    def _found(self, *conditions: sa.ColumnElement[bool]) -> list[IngestAttempt]:
        query = sa.select(_outcomes).where(*conditions).order_by(_outcomes.c.id)
        with self._database.read() as connection:
            return [_attempt(row) for row in connection.execute(query)]


def _values(one: IngestAttempt) -> dict[str, Any]:
    """What is stored of an attempt."""
    text = {"message": str(one.message or ""), "sentence": one.message and one.message.to_dict()}
    return {**vars(one), **text}


def _attempt(row: sa.Row[*tuple[Any, ...]]) -> IngestAttempt:
    message = row.sentence or row.message
    return IngestAttempt(
        row.at,
        row.ticker,
        row.source,
        IngestOutcome(row.outcome),
        Message.from_stored(message) if message else None,
    )
