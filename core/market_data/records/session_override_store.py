"""Session rulings in an append-only table; the latest ruling on a session counts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames
from core.reference.session_overrides import Override, SessionChange

_overrides = sa.Table(
    "session_overrides",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("calendar", sa.String(16), nullable=False),
    sa.Column("session", sa.Date, nullable=False),
    sa.Column("change", sa.String(16), nullable=False),
    sa.Column("why", sa.Text, nullable=False),
)
_NAMES = StoredNames(actor="who", reason="why")


@dataclass(frozen=True)
class SessionRuling:
    """What somebody says of one session; `change` is a `SessionChange`."""

    at: datetime
    actor: str
    calendar: str
    session: date
    change: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        """Its values by their stored names."""
        return _NAMES.stored(vars(self))


class SessionOverrides:
    """Stores session rulings and returns the latest on each session; none is changed or deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, findings: list[SessionRuling]) -> None:
        """Store rulings, all or none."""
        if findings:
            with self._database.write() as connection:
                connection.execute(sa.insert(_overrides), [one.to_dict() for one in findings])

    def last(self) -> dict[tuple[str, date], SessionRuling]:
        """The latest ruling on each session, by calendar and date."""
        query = sa.select(_overrides).order_by(_overrides.c.id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        found: dict[tuple[str, date], SessionRuling] = {}
        for row in rows:
            _, at, actor, calendar, session, change, reason = row
            found[calendar, session] = SessionRuling(at, actor, calendar, session, change, reason)
        return dict(sorted(found.items()))

    def in_force(self) -> list[Override]:
        """What `core.reference.session_overrides.learn` is to be given."""
        return [
            Override(one.calendar, one.session, SessionChange(one.change), one.reason)
            for one in self.last().values()
            if one.change != SessionChange.AS_LISTED
        ]
