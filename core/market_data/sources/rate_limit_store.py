"""The rate limit state of each source, shared by all processes through the database."""

from collections.abc import Callable
from dataclasses import asdict

import sqlalchemy as sa

from core.foundation.sql.database import Database, metadata
from core.market_data.sources.rate_limit_state import RateLimitState

_LONGEST = 200

_standings = sa.Table(
    "source_standings",
    metadata,
    sa.Column("source", sa.String(_LONGEST), primary_key=True),
    # Seconds since 1970, because they are compared with a clock to the millisecond.
    sa.Column("next_at", sa.Float(53), nullable=False),
    sa.Column("rest_until", sa.Float(53), nullable=False),
    sa.Column("rest_seconds", sa.Float(53), nullable=False),
    sa.Column("trial_until", sa.Float(53), nullable=False),
    sa.Column("since", sa.Float(53), nullable=False),
    sa.Column("kind", sa.String(32), nullable=False),
    # Older programs kept here in English what the source did; now `kind` says it.
    sa.Column("what", sa.String(200), nullable=False),
)


class SharedRateLimit:
    """The rate limit state of one source, in the records database.

    Parameters
    ----------
    source : its name, or the address that is asked in its place.
    """

    def __init__(self, database: Database, source: str) -> None:
        self._database, self._source = database, source[:_LONGEST]

    def read(self) -> RateLimitState:
        """The present state."""
        with self._database.read() as connection:
            return self._found(connection) or RateLimitState()

    def change(
        self, step: Callable[[RateLimitState], RateLimitState]
    ) -> tuple[RateLimitState, RateLimitState]:
        """Replace the state by what `step` returns for it, in one transaction."""
        with self._database.write() as connection:
            found = self._found(connection)
            before = found or RateLimitState()
            after = step(before)
            if after is not before:
                mine = _standings.c.source == self._source
                insert = sa.insert(_standings).values(source=self._source, what="")
                statement = insert if found is None else sa.update(_standings).where(mine)
                connection.execute(statement.values(asdict(after)))
            return before, after

    def _found(self, connection: sa.Connection) -> RateLimitState | None:
        columns = [one for one in _standings.c if one.name not in ("source", "what")]
        query = sa.select(*columns).where(_standings.c.source == self._source)
        row = connection.execute(query).first()
        return None if row is None else RateLimitState(*row)
