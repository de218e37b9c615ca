"""The gate's decision on each challenger: an append-only record."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from core.foundation.sql.database import Database, Instant, metadata
from core.reference.renames import Renames
from core.registry.gate import Decision

_decisions = sa.Table(
    "decisions",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("challenger", sa.ForeignKey("model_versions.version"), nullable=False),
    sa.Column("champion", sa.ForeignKey("model_versions.version"), nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
)


@dataclass(frozen=True)
class GateDecision:
    """A decision on record: when, of which challenger, beside which champion; numbered from 1."""

    number: int
    at: datetime
    challenger: int
    champion: int
    decision: Decision


class Decisions:
    """Adds decisions and lists them; none can be changed or deleted.

    That on a specialist of a renamed ticker names the symbol that the ticker has now.

    Parameters
    ----------
    renames : gives the renames in force.
    """

    def __init__(self, database: Database, renames: Callable[[], Renames] = Renames) -> None:
        self._database = database
        self._renames = renames

    def add(self, at: datetime, challenger: int, champion: int, decision: Decision) -> GateDecision:
        """Record the decision on a challenger beside a champion."""
        values = dict(at=at, challenger=challenger, champion=champion, told=decision.to_dict())
        with self._database.write() as connection:
            inserted = sa.insert(_decisions).values(**values).returning(_decisions.c.id)
            number = int(connection.execute(inserted).scalar_one())
        return GateDecision(number, at, challenger, champion, decision)

    def latest(self, limit: int = 20, challenger: int | None = None) -> list[GateDecision]:
        """The newest first; of one challenger, or of all when None."""
        query = sa.select(_decisions).order_by(_decisions.c.id.desc()).limit(limit)
        if challenger is not None:
            query = query.where(_decisions.c.challenger == challenger)
        renames = self._renames()
        with self._database.read() as connection:
            return [_decision(row, renames) for row in connection.execute(query)]


def _decision(row: sa.Row[Any], renames: Renames) -> GateDecision:
    found = Decision.from_dict(row.told)
    decision = replace(found, ticker=renames.now(found.ticker))
    return GateDecision(row.id, row.at, row.challenger, row.champion, decision)
