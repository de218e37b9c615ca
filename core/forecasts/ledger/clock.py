"""Check the instants of forecasts for consistency: the clock of a machine may jump."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pandas as pd
import sqlalchemy as sa

from core.forecasts.ledger.tables import SEALED_FORECASTS, forecasts
from core.foundation.messages import Message
from core.reference.sessions import Calendar, Calendars
from core.reference.tickers import Ticker

# Two processes forecast at once, and the one that began first may write last.
TOLERANCE = timedelta(minutes=5)
_PAGE = 5000  # rows in memory at a time


def too_late(
    ticker: Ticker, as_of: pd.Timestamp, made: datetime, written: datetime, calendar: Calendar
) -> Message | None:
    """Why a forecast cannot be live any more, in one sentence; None if it can."""
    # The first session that takes place decides; a storm may have cancelled the planned one.
    first = calendar.shift(as_of, 1)
    opened = calendar.opens_at(first)
    if max(written, made) < opened:
        return None
    values = {"ticker": ticker, "session": first.date(), "opened": _minute(opened)}
    if made >= opened:
        return Message(
            "ledger.made-too-late",
            "{ticker}: its first target session {session} had opened at {opened} UTC before the "
            "forecast was made; refused.",
            values,
        )
    return Message(
        "ledger.written-too-late",
        "{ticker}: its first target session {session} had opened at {opened} UTC before the "
        "forecast was written; refused.",
        values,
    )


def too_early(as_of: pd.Timestamp, made: datetime, calendar: Calendar) -> Message | None:
    """Why nobody can have made a forecast then; None if one can."""
    closed = _closed_at(calendar, as_of)
    if made >= closed:
        return None
    return Message(
        "ledger.before-its-close",
        "It was made at {made} UTC, before its session {session} closed at {closed} UTC.",
        {"made": _minute(made), "session": as_of.date(), "closed": _minute(closed)},
    )


def too_soon(made: datetime, before: datetime | None) -> Message | None:
    """Why a forecast cannot follow one made at `before`; None if it can."""
    if before is None or made >= before - TOLERANCE:
        return None
    return Message(
        "ledger.before-the-row-before",
        "It was made at {made} UTC, before the row before it, of {before} UTC.",
        {"made": _minute(made), "before": _minute(before)},
    )


class Clock:
    """Compares new forecasts with the newest row of each kind.

    Parameters
    ----------
    at : the instant of writing.
    calendars : the sessions that count.
    """

    def __init__(self, connection: sa.Connection, at: datetime, calendars: Calendars) -> None:
        self._connection = connection
        self._at = at
        self._calendars = calendars
        self._newest: dict[str, datetime | None] = {}

    def against(
        self, ticker: Ticker, as_of: pd.Timestamp, kind: str, made: datetime
    ) -> Message | None:
        """Why the clock says that a forecast is not to be written, in one sentence; else None."""
        if kind not in self._newest:
            query = sa.select(forecasts.c.created_at).where(forecasts.c.kind == kind)
            query = query.order_by(forecasts.c.id.desc()).limit(1)
            self._newest[kind] = self._connection.execute(query).scalar()
        calendar = self._calendars[ticker.market.calendar]
        fault = too_early(as_of, made, calendar) or too_soon(made, self._newest[kind])
        if not fault and made > self._at + TOLERANCE:
            fault = Message(
                "ledger.made-after-writing",
                "It was made at {made} UTC, and written before that, at {written} UTC.",
                {"made": _minute(made), "written": _minute(self._at)},
            )
        if not fault:
            return None
        return Message(
            "ledger.clock-wrong",
            "{ticker}: the clock was set wrong, so the forecast is refused. {reason}",
            {"ticker": ticker, "reason": fault},
        )

    def move(self, kind: str, made: datetime) -> None:
        """Note that a forecast was written."""
        self._newest[kind] = made


def out_of_order(connection: sa.Connection, calendars: Calendars) -> Iterator[Message]:
    """Each row of the ledger whose instant cannot be true, in one sentence, the oldest first."""
    before: dict[str, datetime] = {}
    number = 0
    names = ("id", "ticker", "as_of", "kind", "created_at")
    while True:
        query = sa.select(*(forecasts.c[name] for name in names)).where(forecasts.c.id > number)
        rows = connection.execute(query.order_by(forecasts.c.id).limit(_PAGE)).all()
        for row in rows:
            as_of = pd.Timestamp(row.as_of)
            fault = too_early(as_of, row.created_at, calendars[Ticker(row.ticker).market.calendar])
            fault = fault or too_soon(row.created_at, before.get(row.kind))
            if fault:
                yield Message(
                    "ledger.out-of-order",
                    "{row} has an instant that cannot be true. {reason}",
                    {"row": SEALED_FORECASTS.named(row), "reason": fault},
                )
            before[row.kind] = row.created_at
        if len(rows) < _PAGE:
            return
        number = rows[-1].id


def _closed_at(calendar: Calendar, session: pd.Timestamp) -> pd.Timestamp:
    """When a session ended; one that the calendar does not know, at the hour of the one before."""
    known = calendar.shift(session, 0)
    return calendar.closes_at(known) + (session - known)


def _minute(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M}"
