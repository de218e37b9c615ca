"""Session rulings in an append-only table; the latest ruling on a session counts."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames
from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import Calendars

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
        self._calendars: Calendars | None = None

    def calendars(self) -> Calendars:
        """Every exchange calendar, corrected by the rulings in force when they were last read.

        They are read on first use, after each `add`, and by `refresh`.
        """
        found = self._calendars
        return self.refresh() if found is None else found

    def refresh(self) -> Calendars:
        """`calendars` after reading again: another process may have added a ruling."""
        before, read = self._calendars, Calendars(tuple(self.in_force()))
        # An equal value stays: it knows its sessions already.
        found = before if before is not None and before == read else read
        self._calendars = found
        return found

    def add(self, findings: list[SessionRuling]) -> None:
        """Store rulings, all or none."""
        if findings:
            with self._database.write() as connection:
                connection.execute(sa.insert(_overrides), [one.to_dict() for one in findings])
            self._calendars = None

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
        """The latest ruling on each session that differs from what the library lists."""
        return [
            Override(one.calendar, one.session, SessionChange(one.change), one.reason)
            for one in self.last().values()
            if one.change != SessionChange.AS_LISTED
        ]
