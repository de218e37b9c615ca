"""The tickers that people asked to track, with or without stored bars."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.foundation.sql.database import Database, Instant, metadata
from core.reference.renames import Renames
from core.reference.tickers import Ticker

_watchlist = sa.Table(
    "watchlist",
    metadata,
    sa.Column("ticker", sa.String(20), primary_key=True),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("added_at", Instant, nullable=False),
)


@dataclass(frozen=True)
class Watched:
    """One ticker, the source it is asked of, and when it was asked for first."""

    ticker: Ticker
    source: str
    added_at: datetime


class Watchlist:
    """Stores every ticker at the moment it is asked for, before any bar is fetched.

    One that was renamed since is listed by the symbol that it has now.

    Parameters
    ----------
    renames : gives the renames in force.
    """

    def __init__(self, database: Database, renames: Callable[[], Renames] = Renames) -> None:
        self._database = database
        self._renames = renames

    def add(self, tickers: Iterable[Ticker], source: str, at: datetime) -> None:
        """Add tickers; one that is on the list keeps its first instant."""
        wanted = {ticker.symbol for ticker in tickers}
        with self._database.read() as connection:
            known = set(connection.execute(sa.select(_watchlist.c.ticker)).scalars())
        if wanted <= known:
            return
        with self._database.write() as connection:
            known = set(connection.execute(sa.select(_watchlist.c.ticker)).scalars())
            rows = [dict(ticker=one, source=source, added_at=at) for one in sorted(wanted - known)]
            if rows:
                connection.execute(sa.insert(_watchlist), rows)

    def remove(self, tickers: Iterable[Ticker]) -> None:
        """Remove tickers; unknown ones are passed over."""
        renames = self._renames()
        symbols = [name for ticker in tickers for name in renames.names(ticker.symbol)]
        with self._database.write() as connection:
            connection.execute(sa.delete(_watchlist).where(_watchlist.c.ticker.in_(symbols)))

    def all(self) -> list[Watched]:
        """Every ticker, in alphabetical order."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(_watchlist).order_by(_watchlist.c.ticker)).all()
        found = self._renames().by_present_symbol({row.ticker: row for row in rows})
        return [
            Watched(Ticker.parse(symbol), row.source, row.added_at)
            for symbol, row in sorted(found.items())
        ]
