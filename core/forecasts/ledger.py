"""The ledger: every forecast as it was made, and how it fared once its targets had closed."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from core.errors import InvalidInputError
from core.forecasts.make import Forecast, prices_by_horizon
from core.schema import MAX_HORIZON
from core.sessions import opens_at, shift
from core.storage.ledger_reader import LedgerReader
from core.storage.ledger_tables import (
    LIVE,
    REPLAYED,
    SAMPLE,
    SCORE_COLUMNS,
    SEALED_FORECASTS,
    SEALED_SCORES,
    forecasts,
    scores,
)

__all__ = ["LIVE", "REPLAYED", "SAMPLE", "SCORE_COLUMNS", "Entry", "Ledger", "Written"]


@dataclass(frozen=True)
class Written:
    """How many forecasts were new, and by ticker why one was refused as too late."""

    new: int = 0
    late: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """One forecast of the ledger.

    Parameters
    ----------
    kind : "live" if it was made before its first target session opened, "replayed" if later,
        "sample" if its bars are sample ones.
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
    """Adds forecasts and scores, and reads them; has no way to change or delete one."""

    def append(self, made: Iterable[Forecast], at: datetime, kind: str = LIVE) -> Written:
        """Write forecasts down; the same (ticker, as_of, model version, kind) is not twice.

        One that a stand-in made is not either: its scores would count as the model's.

        Parameters
        ----------
        at : the instant of writing. What is to be live is refused, not relabelled, once the
            first session after `as_of` has opened by then.
        kind : `LIVE`, or `REPLAYED` for what is made after the fact. From sample bars it is
            `SAMPLE` whatever is asked.

        Raises
        ------
        InvalidInputError : the kind is another.
        StorageError : the ledger was damaged so that nothing can be sealed.
        """
        if kind not in (LIVE, REPLAYED):
            raise InvalidInputError(f"A forecast is {LIVE} or {REPLAYED}.", "kind")
        began, new, late = time.monotonic(), 0, {}
        with self._database.write() as connection:
            # To wait for another writer takes time too, and the bell does not wait.
            written_at = at + timedelta(seconds=time.monotonic() - began)
            for forecast in made:
                if forecast.stand_in:
                    continue
                values = _values(forecast, SAMPLE if forecast.source == SAMPLE else kind)
                key = [
                    forecasts.c[name] == values[name]
                    for name in ("ticker", "as_of", "model_version", "kind")
                ]
                if connection.execute(sa.select(forecasts.c.id).where(*key)).first() is not None:
                    continue
                refused = _too_late(forecast, written_at) if values["kind"] == LIVE else ""
                if refused:
                    late[forecast.ticker.symbol] = refused
                    continue
                SEALED_FORECASTS.append(connection, [values])
                new += 1
        return Written(new, late)

    def open_entries(self) -> list[Entry]:
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
            for number, horizon in connection.execute(scored).tuples():
                if number in known:
                    known[number].add(horizon)
        return [_entry(row, frozenset(known[row.id])) for row in pending]

    def add_scores(self, found: pd.DataFrame) -> int:
        """Write scores down, `SCORE_COLUMNS`, one row a (forecast, horizon); unknown is NULL.

        One that is there already, as two runs at once would make it, is not written twice.

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
            held = {tuple(row) for row in connection.execute(there)}
            new = [row for row in rows if (row["forecast_id"], row["horizon"]) not in held]
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
        },
    }


def _too_late(forecast: Forecast, at: datetime) -> str:
    """Why a forecast cannot be live any more, in one sentence; empty if it can."""
    calendar = forecast.ticker.market.calendar
    # Not as planned: a storm may have put the first session off, and it decides.
    first = shift(calendar, forecast.as_of, 1)
    opened, made = opens_at(calendar, first), forecast.created_at
    if max(at, made) < opened:
        return ""
    which = "made" if made >= opened else "written"
    return (
        f"{forecast.ticker}: its first target session {first:%Y-%m-%d} had opened at "
        f"{opened:%Y-%m-%d %H:%M} UTC before the forecast was {which}; refused."
    )


def _entry(row: Any, scored: frozenset[int]) -> Entry:
    return Entry(
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
