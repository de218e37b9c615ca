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

from core.forecasts.forecast import Forecast, prices_by_horizon
from core.forecasts.ledger.clock import Clock, out_of_order, too_late
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
from core.reference.bar_sources import is_sample
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
        began, new, late, untimely = time.monotonic(), 0, dict[str, Message](), dict[str, Message]()
        calendars, renames = self.calendars(), self.renames()
        with self._database.write() as connection:
            # Waiting for another writer takes time, and the session may have opened meanwhile.
            written_at = at + timedelta(seconds=time.monotonic() - began)
            clock = Clock(connection, written_at, calendars)
            for forecast in made:
                own_kind = ForecastKind.SAMPLE if is_sample(forecast.source) else kind
                if forecast.fallback and own_kind != ForecastKind.LIVE:
                    continue
                values = _values(forecast, ForecastKind.FALLBACK if forecast.fallback else own_kind)
                same = ("as_of", "model_version", "kind")
                key = [forecasts.c[name] == values[name] for name in same]
                names = renames.names(renames.now(values["ticker"]))
                key.append(forecasts.c.ticker.in_(names))
                if connection.execute(sa.select(forecasts.c.id).where(*key)).first() is not None:
                    continue
                symbol = forecast.ticker.symbol
                made_at = forecast.created_at
                if values["kind"] in (ForecastKind.LIVE, ForecastKind.FALLBACK):
                    calendar = calendars[forecast.ticker.market.calendar]
                    refused = too_late(
                        forecast.ticker, forecast.as_of, made_at, written_at, calendar
                    )
                    if refused:
                        late[symbol] = refused
                        continue
                refused = clock.against(forecast.ticker, forecast.as_of, values["kind"], made_at)
                if refused:
                    untimely[symbol] = refused
                    continue
                SEALED_FORECASTS.append(connection, [values])
                clock.move(values["kind"], made_at)
                new += 1
        if untimely:
            self._tell(
                StorageError("ledger.untimely", "{reasons: }", {"reasons": [*untimely.values()]})
            )
        return Written(new, late, untimely)

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

    def open_entries(self) -> list[LedgerEntry]:
        """Forecasts with a horizon that has no score yet, oldest first."""
        counted = (
            sa.select(scores.c.forecast_id, sa.func.count().label("n"))
            .group_by(scores.c.forecast_id)
            .subquery()
        )
        query = (
            sa.select(forecasts, sa.func.coalesce(counted.c.n, 0).label("n"))
            .outerjoin(counted, counted.c.forecast_id == forecasts.c.id)
            .where(sa.func.coalesce(counted.c.n, 0) < MAX_HORIZON)
            .order_by(forecasts.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            pending = [row for row in rows if row.n < len(row.law["prices"])]
            known: dict[int, set[int]] = {row.id: set() for row in pending}
            some = sa.select(counted.c.forecast_id).where(counted.c.n < MAX_HORIZON)
            scored = sa.select(scores.c.forecast_id, scores.c.horizon)
            scored = scored.where(scores.c.forecast_id.in_(some))
            for number, horizon in connection.execute(scored):
                if number in known:
                    known[number].add(horizon)
        return [_entry(row, frozenset(known[row.id])) for row in pending]

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


def _values(forecast: Forecast, kind: str) -> dict[str, Any]:
    prices, baseline = prices_by_horizon(forecast.frame), prices_by_horizon(forecast.baseline)
    targets = forecast.frame.groupby("horizon")["target_session"].first()
    return {
        "ticker": forecast.ticker.symbol,
        "as_of": forecast.as_of.date(),
        "model_version": forecast.model.version,
        "kind": kind,
        "created_at": forecast.created_at,
        "last_close": forecast.last_close,
        "law": {
            "targets": targets.dt.strftime("%Y-%m-%d").tolist(),
            "prices": prices.to_numpy().tolist(),
            "baseline": baseline.to_numpy().tolist(),
            # Of the others, the version says it.
            **({"made_by": list(forecast.made_by())} if forecast.fallback else {}),
        },
    }


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
