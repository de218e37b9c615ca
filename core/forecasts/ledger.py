"""The ledger: every forecast as it was made, and how it fared once its targets had closed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa

from core.forecasts.make import Forecast, prices_by_horizon
from core.sessions import opens_at
from core.storage.database import Database, Instant, metadata

LIVE, REPLAYED, SAMPLE = "live", "replayed", "sample"

_forecasts = sa.Table(
    "forecasts",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ticker", sa.String(20), nullable=False),
    sa.Column("as_of", sa.Date, nullable=False),
    sa.Column("model_version", sa.Integer, nullable=False),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("last_close", sa.Float(53), nullable=False),
    sa.Column("law", sa.JSON, nullable=False),
    sa.UniqueConstraint("ticker", "as_of", "model_version", name="forecasts_once"),
)
_scores = sa.Table(
    "scores",
    metadata,
    sa.Column("forecast_id", sa.ForeignKey(_forecasts.c.id), primary_key=True),
    sa.Column("horizon", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("scored_session", sa.Date, nullable=False),
    sa.Column("actual", sa.Float(53), nullable=False),
    sa.Column("pinball", sa.Float(53), nullable=False),
    sa.Column("baseline_pinball", sa.Float(53), nullable=False),
    sa.Column("inside_80", sa.Float(53), nullable=False),
    sa.Column("width_80", sa.Float(53), nullable=False),
    sa.Column("scored_at", Instant, nullable=False),
)
SCORE_COLUMNS = tuple(column.name for column in _scores.columns)


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


class Ledger:
    """Adds forecasts and scores, and reads them; has no way to change or delete one."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def append(self, made: Iterable[Forecast]) -> int:
        """Write forecasts down; the same (ticker, as_of, model version) a second time is not.

        One that a stand-in made is not either: its scores would count as the model's.

        Returns
        -------
        How many were new.
        """
        new = 0
        with self._database.write() as connection:
            for forecast in made:
                if forecast.stand_in:
                    continue
                values = _values(forecast)
                key = [
                    _forecasts.c[name] == values[name]
                    for name in ("ticker", "as_of", "model_version")
                ]
                if connection.execute(sa.select(_forecasts.c.id).where(*key)).first() is None:
                    connection.execute(sa.insert(_forecasts).values(**values))
                    new += 1
        return new

    def open_entries(self) -> list[Entry]:
        """Forecasts with a horizon that has no score yet, oldest first."""
        counted = (
            sa.select(_scores.c.forecast_id, sa.func.count().label("n"))
            .group_by(_scores.c.forecast_id)
            .subquery()
        )
        query = (
            sa.select(_forecasts, sa.func.coalesce(counted.c.n, 0).label("n"))
            .outerjoin(counted, counted.c.forecast_id == _forecasts.c.id)
            .order_by(_forecasts.c.id)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            pending = [row for row in rows if row.n < len(row.law["prices"])]
            known: dict[int, set[int]] = {row.id: set() for row in pending}
            scored = sa.select(_scores.c.forecast_id, _scores.c.horizon)
            for number, horizon in connection.execute(scored).tuples():
                if number in known:
                    known[number].add(horizon)
        return [_entry(row, frozenset(known[row.id])) for row in pending]

    def add_scores(self, scores: pd.DataFrame) -> None:
        """Write scores down, `SCORE_COLUMNS`, one row a (forecast, horizon)."""
        rows = scores[list(SCORE_COLUMNS)].to_dict("records")
        if rows:
            with self._database.write() as connection:
                connection.execute(
                    sa.insert(_scores), [{str(k): v for k, v in row.items()} for row in rows]
                )

    def scores(self, kind: str) -> pd.DataFrame:
        """Every score of one kind with `ticker`, `as_of`, `model_version`, oldest first."""
        columns = (_forecasts.c.ticker, _forecasts.c.as_of, _forecasts.c.model_version)
        query = (
            sa.select(*columns, _scores)
            .join(_scores, _scores.c.forecast_id == _forecasts.c.id)
            .where(_forecasts.c.kind == kind)
            .order_by(_forecasts.c.id, _scores.c.horizon)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        names = ["ticker", "as_of", "model_version", *SCORE_COLUMNS]
        return pd.DataFrame([tuple(row) for row in rows], columns=names)

    def newest(self) -> datetime | None:
        """When the newest forecast was made; None if none was."""
        with self._database.read() as connection:
            return connection.execute(sa.select(sa.func.max(_forecasts.c.created_at))).scalar()


def _values(forecast: Forecast) -> dict[str, Any]:
    prices, baseline = prices_by_horizon(forecast.frame), prices_by_horizon(forecast.baseline)
    targets = forecast.frame.groupby("horizon")["target_session"].first()
    return {
        "ticker": forecast.ticker.symbol,
        "as_of": forecast.as_of.date(),
        "model_version": forecast.model.version,
        "kind": _kind(forecast, targets.iloc[0]),
        "created_at": forecast.created_at,
        "last_close": forecast.last_close,
        "law": {
            "targets": targets.dt.strftime("%Y-%m-%d").tolist(),
            "prices": prices.to_numpy().tolist(),
            "baseline": baseline.to_numpy().tolist(),
        },
    }


def _kind(forecast: Forecast, first_target: pd.Timestamp) -> str:
    if forecast.source == SAMPLE:
        return SAMPLE
    opens = opens_at(forecast.ticker.market.calendar, first_target)
    return LIVE if pd.Timestamp(forecast.created_at) < opens else REPLAYED


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
