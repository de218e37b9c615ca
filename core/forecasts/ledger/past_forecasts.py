"""Past forecasts of one ticker with what came of them: whole, or a line a horizon."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import pandas as pd
import sqlalchemy as sa

from core.forecasts.ledger.tables import forecasts, scores
from core.reference.forecast_kinds import ForecastKind
from core.reference.schema import INTERVALS, LEVELS

_TRACK_RECORD_COLUMNS = (
    *("id", "ticker", "model_version", "created_at", "as_of", "horizon", "target_session"),
    *("low", "median", "high", "actual", "inside_80", "made_by"),
)
_LOW, _HIGH = INTERVALS[80]
_SHOWN = [LEVELS.index(level) for level in (_LOW, 0.50, _HIGH)]


@dataclass(frozen=True)
class ScoredHorizon:
    """What came of one horizon: the session it was scored on, the actual in units of the close at
    `as_of`, and whether it fell inside the 80 % interval."""

    session: date
    actual: float
    inside_80: bool


@dataclass(frozen=True)
class PastForecast:
    """One forecast of the ledger, as it was written, and its scores so far.

    Parameters
    ----------
    ticker : as it was called then.
    targets, prices : of horizons 1, 2, ...: the session that was planned, and a price for each of
        `core.reference.schema.LEVELS`.
    made_by : name and version of who made it, where that was not the model version alone.
    scored : by horizon; a horizon without a score is not in it.
    """

    id: int
    ticker: str
    as_of: date
    model_version: int
    kind: ForecastKind
    created_at: datetime
    last_close: float
    targets: tuple[date, ...]
    prices: tuple[tuple[float, ...], ...]
    made_by: tuple[str, str] | None = None
    scored: dict[int, ScoredHorizon] = field(default_factory=dict)


def past_forecasts(
    connection: sa.Connection,
    symbols: Sequence[str],
    kind: ForecastKind | None,
    limit: int,
    offset: int,
) -> tuple[list[PastForecast], int]:
    """See `core.forecasts.ledger.reader.LedgerReader.past_forecasts`."""
    of = forecasts.c
    mine = [of.ticker.in_(symbols), *([] if kind is None else [of.kind == kind])]
    total = connection.execute(sa.select(sa.func.count()).where(*mine)).scalar_one()
    query = sa.select(forecasts).where(*mine).order_by(of.id.desc()).limit(limit).offset(offset)
    rows = connection.execute(query).all()
    known: dict[int, dict[int, ScoredHorizon]] = {row.id: {} for row in rows}
    names = ("forecast_id", "horizon", "scored_session", "actual", "inside_80")
    scored = sa.select(*(scores.c[name] for name in names)).where(scores.c.forecast_id.in_(known))
    for number, horizon, session, actual, inside in connection.execute(scored):
        known[number][horizon] = ScoredHorizon(session, actual, bool(inside))
    return [_past_forecast(row, known[row.id]) for row in rows], total


def _past_forecast(row: Any, scored: dict[int, ScoredHorizon]) -> PastForecast:
    made_by = row.law.get("made_by")
    return PastForecast(
        id=row.id,
        ticker=row.ticker,
        as_of=row.as_of,
        model_version=row.model_version,
        kind=ForecastKind(row.kind),
        created_at=row.created_at,
        last_close=row.last_close,
        targets=tuple(map(date.fromisoformat, row.law["targets"])),
        prices=tuple(map(tuple, row.law["prices"])),
        made_by=None if made_by is None else (made_by[0], made_by[1]),
        scored=scored,
    )


def track_record(connection: sa.Connection, symbols: Sequence[str], kind: str) -> pd.DataFrame:
    """See `core.forecasts.ledger.reader.LedgerReader.track_record`."""
    of = forecasts.c
    mine = (of.ticker.in_(symbols), of.kind == kind)
    found = (of.id, of.ticker, of.model_version, of.created_at, of.as_of, of.law)
    query = sa.select(*found).where(*mine).order_by(of.id)
    how = (scores.c.horizon, scores.c.scored_session, scores.c.actual, scores.c.inside_80)
    made = connection.execute(query).all()
    own = scores.c.forecast_id.in_(sa.select(of.id).where(*mine))
    scored = connection.execute(sa.select(scores.c.forecast_id, *how).where(own))
    known = {(row.forecast_id, row.horizon): tuple(row)[2:] for row in scored}
    rows = [line for row in made for line in _lines(row, known)]
    types = {"ticker": "str", "made_by": "str"}
    types |= dict.fromkeys(("low", "median", "high", "actual", "inside_80"), "float64")
    types |= dict.fromkeys(("as_of", "target_session"), "datetime64[ns]")
    return pd.DataFrame(rows, columns=list(_TRACK_RECORD_COLUMNS)).astype(types)


def _lines(row: Any, known: dict[tuple[int, int], tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """One forecast as `_TRACK_RECORD_COLUMNS`, a line a horizon."""
    planned = zip(row.law["targets"], row.law["prices"], strict=True)
    for horizon, (target, prices) in enumerate(planned, start=1):
        session, actual, inside = known.get((row.id, horizon), (target, None, None))
        common = (row.id, row.ticker, row.model_version, row.created_at)
        when = (pd.Timestamp(row.as_of), horizon, pd.Timestamp(session))
        shown, maker = (prices[k] for k in _SHOWN), row.law.get("made_by", [""])[0]
        yield (*common, *when, *shown, actual, inside, maker)
