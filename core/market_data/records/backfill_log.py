"""Which past ranges were filled, so that a backfill that was stopped goes on where it was."""

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from core.foundation.sql.database import Database, Instant, metadata

_backfills = sa.Table(
    "backfills",
    metadata,
    sa.Column("source", sa.String(16), primary_key=True),
    sa.Column("ticker", sa.String(20), primary_key=True),
    sa.Column("first", sa.Date, primary_key=True),
    sa.Column("last", sa.Date, primary_key=True),
    sa.Column("done_at", Instant, nullable=False),
)


@dataclass(frozen=True)
class Range:
    """The sessions of one ticker from `first` to `last`, both included, as a source has them."""

    source: str
    ticker: str
    first: date
    last: date


class Backfills:
    """Stores which ranges were filled."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def is_done(self, wanted: Range) -> bool:
        """Whether some earlier backfill covered all of a range."""
        query = sa.select(sa.func.count()).where(
            _backfills.c.source == wanted.source,
            _backfills.c.ticker == wanted.ticker,
            _backfills.c.first <= wanted.first,
            _backfills.c.last >= wanted.last,
        )
        with self._database.read() as connection:
            return bool(connection.execute(query).scalar_one())

    def add(self, done: Range, at: datetime) -> None:
        """Write down that a range was filled."""
        names = ("source", "ticker", "first", "last")
        same = sa.and_(*(_backfills.c[name] == getattr(done, name) for name in names))
        with self._database.write() as connection:
            changed = connection.execute(sa.update(_backfills).where(same).values(done_at=at))
            if not changed.rowcount:
                connection.execute(sa.insert(_backfills).values(**vars(done), done_at=at))
