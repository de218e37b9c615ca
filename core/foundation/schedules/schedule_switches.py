"""Which schedules people want on or off: the wish is kept here, and the scheduler follows it."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from core.foundation.audit import Action, note
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames

_switches = sa.Table(
    "schedule_switches",
    metadata,
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("applied_at", Instant, nullable=True),
)
_NAMES = StoredNames(actor="who")


@dataclass(frozen=True)
class ScheduleSwitch:
    """What is wanted of one schedule.

    Parameters
    ----------
    name : of the deployment, such as "nightly-us".
    actor, at : who wanted it last, and when.
    applied_at : when the scheduler was found to follow, or made to; None before.
    """

    name: str
    active: bool
    actor: str
    at: datetime
    applied_at: datetime | None = None


class ScheduleSwitches:
    """Stores the last wish for each schedule."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> dict[str, ScheduleSwitch]:
        """The wish for each schedule that somebody decided on, by its name."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(_switches).order_by(_switches.c.name)).all()
        return {row.name: ScheduleSwitch(**_NAMES.own(row._asdict())) for row in rows}

    def want(self, wish: ScheduleSwitch, action: Action) -> None:
        """Keep a wish in place of the one before, and put it on the audit, both or none."""
        values = _NAMES.stored(vars(wish))
        with self._database.write() as connection:
            connection.execute(sa.delete(_switches).where(_switches.c.name == wish.name))
            connection.execute(sa.insert(_switches).values(**values))
            note(connection, action)

    def applied(self, wish: ScheduleSwitch, at: datetime) -> None:
        """Note that the scheduler follows a wish, unless it changed meanwhile."""
        same = sa.and_(_switches.c.name == wish.name, _switches.c.at == wish.at)
        with self._database.write() as connection:
            connection.execute(sa.update(_switches).where(same).values(applied_at=at))
