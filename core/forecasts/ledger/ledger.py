"""The ledger: every forecast as it was made, and its scores once its targets had closed."""

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from core.forecasts.forecast import Forecast
from core.forecasts.ledger.clock import Clock, out_of_order, too_late
from core.forecasts.ledger.draft import Draft, Key, Values, row_key
from core.forecasts.ledger.reader import LedgerReader
from core.forecasts.ledger.tables import (
    SCORE_COLUMNS,
    SEALED_FORECASTS,
    SEALED_SCORES,
    forecasts,
    scores,
)
from core.foundation.errors import InvalidInputError, StorageError
from core.foundation.messages import Message
from core.foundation.sql.database import Database
from core.reference.forecast_kinds import ForecastKind
from core.reference.renames import Renames
from core.reference.schema import MAX_HORIZON
from core.reference.sessions import Calendars

__all__ = [
    "SCORE_COLUMNS",
    "LedgerEntry",
    "Ledger",
    "Written",
]


_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Written:
    """How many forecasts were new, and by ticker why one was refused.

    `late` holds those whose first target had opened, `untimely` those that the clock of this
    machine contradicts.
    """

    new: int = 0
    late: dict[str, Message] = field(default_factory=dict)
    untimely: dict[str, Message] = field(default_factory=dict)


@dataclass(frozen=True)
class LedgerEntry:
    """One forecast of the ledger.

    Parameters
    ----------
    kind : "live" if it was made before its first target session opened, "replayed" if later,
        "sample" if its bars are sample ones; "fallback" if it was made in time, but by a fallback
        or with its part, so that its scores say nothing of the model.
    returns, baseline : float64 (horizons, levels), log total returns at `LEVELS` for horizons
        1, 2, ..., of the model and of the random walk.
    scored : horizons that have a score.
    """

    id: int
    ticker: str
    as_of: pd.Timestamp
    model_version: int
    kind: str
    created_at: datetime
    last_close: float
    returns: np.ndarray
    baseline: np.ndarray
    scored: frozenset[int]


class Ledger(LedgerReader):
    """Adds forecasts and scores, and reads them; has no way to change or delete one.

    Parameters
    ----------
    incident : where it is written down that the clock of this machine was wrong.
    calendars : gives the exchange calendars as they are known at the time.
    renames : gives the renames in force.
    """

    def __init__(
        self,
        database: Database,
        incident: Callable[[StorageError], object] | None = None,
        calendars: Callable[[], Calendars] = Calendars,
        renames: Callable[[], Renames] = Renames,
    ) -> None:
        super().__init__(database, renames)
        self.calendars = calendars
        self._incident = incident

    def append(
        self, made: Iterable[Forecast], at: datetime, kind: ForecastKind = ForecastKind.LIVE
    ) -> Written:
        """`write` forecasts down."""
        return self.write([Draft.of(one) for one in made], at, kind)

    def write(
        self, made: Iterable[Draft], at: datetime, kind: ForecastKind = ForecastKind.LIVE
    ) -> Written:
        """Write forecasts down; the same (ticker, as_of, model version, kind) is not twice, also
        where the ticker was called otherwise before.

        What a fallback made, or had a part in, is kept as `FALLBACK` beside the live ones, with
        who made it; of replayed and sample ones it is left out.

        Parameters
        ----------
        at : the instant of writing. What is to be live is refused, not relabelled, once the
            first session after `as_of` has opened by then. Whatever its kind, so is what was made
            before its `as_of` closed, or before the row before it of its kind, see
            `core.forecasts.ledger.clock`.
        kind : `LIVE`, or `REPLAYED` for what is made after the fact. From sample bars it is
            `SAMPLE` whatever is asked.

        Raises
        ------
        InvalidInputError : the kind is another.
        StorageError : the ledger was damaged so that nothing can be sealed.
        """
        if kind not in (ForecastKind.LIVE, ForecastKind.REPLAYED):
            raise InvalidInputError(
                "ledger.bad-kind",
                "A forecast is {live} or {replayed}.",
                {"live": ForecastKind.LIVE, "replayed": ForecastKind.REPLAYED},
                parameter="kind",
            )
        began, late, untimely = time.monotonic(), dict[str, Message](), dict[str, Message]()
        calendars, now = self.calendars(), self.renames().now
        rows = [(one, values) for one in made if (values := one.row(kind)) is not None]
        with self._database.write() as connection:
            # Waiting for another writer takes time, and the session may have opened meanwhile.
            written_at = at + timedelta(seconds=time.monotonic() - began)
            clock = Clock(connection, written_at, calendars)
            known, new = self._known(connection, [values for _, values in rows]), list[Values]()
            for draft, values in rows:
                key = row_key(values, now)
                if key in known:
                    continue
                ticker, made_at = draft.ticker, draft.created_at
                if values["kind"] in (ForecastKind.LIVE, ForecastKind.FALLBACK):
                    calendar = calendars[ticker.market.calendar]
                    refused = too_late(ticker, draft.as_of, made_at, written_at, calendar)
                    if refused:
                        late[ticker.symbol] = refused
                        continue
                refused = clock.against(ticker, draft.as_of, values["kind"], made_at)
                if refused:
                    untimely[ticker.symbol] = refused
                    continue
                new.append(values)
                known.add(key)
                clock.move(values["kind"], made_at)
            SEALED_FORECASTS.append(connection, new)
        if untimely:
            self._tell(
                StorageError("ledger.untimely", "{reasons: }", {"reasons": [*untimely.values()]})
            )
        return Written(len(new), late, untimely)

    def _known(self, connection: sa.Connection, rows: list[Values]) -> set[Key]:
        """The keys of these that are written already."""
        if not rows:
            return set()
        of = forecasts.c
        names = self._names({values["ticker"] for values in rows})
        query = sa.select(of.ticker, of.as_of, of.model_version, of.kind).where(
            of.ticker.in_(names),
            of.as_of.in_({values["as_of"] for values in rows}),
            of.model_version.in_({values["model_version"] for values in rows}),
        )
        now = self.renames().now
        return {row_key(row._mapping, now) for row in connection.execute(query)}

    def _tell(self, wrong: StorageError) -> None:
        _log.warning("the clock of this machine is wrong: %s", wrong.message)
        if self._incident is not None:
            self._incident(wrong)

    def as_ofs(self, kind: str, version: int | None = None) -> set[tuple[str, date]]:
        """Ticker, as called now, and `as_of` of each forecast of a kind; by one version, or all."""
        of, now = forecasts.c, self.renames().now
        query = sa.select(of.ticker, of.as_of).where(of.kind == kind)
        if version is not None:
            query = query.where(of.model_version == version)
        with self._database.read() as connection:
            return {(now(row.ticker), row.as_of) for row in connection.execute(query)}

    def newest_as_ofs(self) -> dict[tuple[str, int], date]:
        """By ticker, as called now, and version the newest `as_of` of what was made in time."""
        of, now = forecasts.c, self.renames().now
        timely = of.kind.in_((ForecastKind.LIVE, ForecastKind.FALLBACK))
        query = sa.select(of.ticker, of.model_version, sa.func.max(of.as_of).label("newest"))
        query = query.where(timely).group_by(of.ticker, of.model_version)
        found: dict[tuple[str, int], date] = {}
        with self._database.read() as connection:
            for row in connection.execute(query):
                key = now(row.ticker), row.model_version
                found[key] = max(row.newest, found.get(key, row.newest))
        return found

    def open_entries(self, tickers: Iterable[str] | None = None) -> list[LedgerEntry]:
        """Forecasts with a horizon that has no score yet, oldest first.

        Parameters
        ----------
        tickers : of these alone, whatever they were called; of all when None, whose distributions
            are all in memory then.
        """
        counted = sa.select(sa.func.count()).where(scores.c.forecast_id == forecasts.c.id)
        pending = sa.select(forecasts.c.id).where(counted.scalar_subquery() < MAX_HORIZON)
        if tickers is not None:
            pending = pending.where(forecasts.c.ticker.in_(self._names(tickers)))
        query = sa.select(forecasts).where(forecasts.c.id.in_(pending)).order_by(forecasts.c.id)
        scored = sa.select(scores.c.forecast_id, scores.c.horizon)
        scored = scored.where(scores.c.forecast_id.in_(pending))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            known: dict[int, set[int]] = {row.id: set() for row in rows}
            for number, horizon in connection.execute(scored):
                known[number].add(horizon)
        found = (_entry(row, frozenset(known[row.id])) for row in rows)
        return [one for one in found if len(one.scored) < len(one.returns)]

    def out_of_order(self) -> list[Message]:
        """Forecasts whose instant cannot be true, a sentence each, see
        `core.forecasts.ledger.clock`.

        The rows themselves are unchanged; the clock was wrong.
        """
        calendars = self.calendars()
        with self._database.read() as connection:
            return list(out_of_order(connection, calendars))

    def add_scores(self, found: pd.DataFrame) -> int:
        """Store scores, `SCORE_COLUMNS`, one row a (forecast, horizon); NaN is stored as NULL.

        A score that exists already, for instance from a parallel run, is not written twice.

        Returns
        -------
        How many were new.
        """
        known = found[list(SCORE_COLUMNS)].astype(object).where(found.notna(), None)
        rows = [{str(k): v for k, v in row.items()} for row in known.to_dict("records")]
        if not rows:
            return 0
        of = scores.c.forecast_id.in_({row["forecast_id"] for row in rows})
        with self._database.write() as connection:
            there = sa.select(scores.c.forecast_id, scores.c.horizon).where(of)
            stored = {tuple(row) for row in connection.execute(there)}
            new = [row for row in rows if (row["forecast_id"], row["horizon"]) not in stored]
            SEALED_SCORES.append(connection, new)
        return len(new)


def _entry(row: Any, scored: frozenset[int]) -> LedgerEntry:
    return LedgerEntry(
        id=row.id,
        ticker=row.ticker,
        as_of=pd.Timestamp(row.as_of),
        model_version=row.model_version,
        kind=row.kind,
        created_at=row.created_at,
        last_close=row.last_close,
        returns=np.log(np.array(row.law["prices"]) / row.last_close),
        baseline=np.log(np.array(row.law["baseline"]) / row.last_close),
        scored=scored,
    )
