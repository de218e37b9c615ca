"""Scores of live forecasts, with the median that people were shown."""

from collections.abc import Iterable

import numpy as np
import pandas as pd
import sqlalchemy as sa

from core.forecasts.ledger.tables import forecasts, scores
from core.reference.forecast_kinds import ForecastKind
from core.reference.renames import Renames
from core.reference.schema import LEVELS

_MEDIAN = LEVELS.index(0.50)
_COLUMNS = (
    *("ticker", "as_of", "horizon", "model_version", "actual", "median"),
    *("pinball", "inside_80", "width_80"),
)


def shown_scores(
    connection: sa.Connection,
    symbols: Iterable[str],
    versions: Iterable[int],
    horizons: int,
    renames: Renames,
) -> pd.DataFrame:
    """See `core.forecasts.ledger.reader.LedgerReader.shown_scores`."""
    median = sa.case(
        *(
            (scores.c.horizon == one, forecasts.c.law[("prices", one - 1, _MEDIAN)].as_float())
            for one in range(1, horizons + 1)
        )
    )
    of = forecasts.c
    mine = (
        of.kind == ForecastKind.LIVE,
        of.ticker.in_(list(symbols)),
        of.model_version.in_(list(versions)),
    )
    # Two versions may have forecast one session, as on the day of a promotion: the last was shown.
    ticker = _as_called_now(renames)
    last = sa.select(sa.func.max(of.id)).where(*mine).group_by(ticker, of.as_of)
    query = (
        sa.select(
            *(ticker, of.as_of, scores.c.horizon, of.model_version),
            *(scores.c.actual / of.last_close, median / of.last_close),
            *(scores.c.pinball, scores.c.inside_80, scores.c.width_80),
        )
        .join(scores, scores.c.forecast_id == of.id)
        .where(of.id.in_(last), scores.c.horizon <= horizons)
        .order_by(ticker, of.as_of, scores.c.horizon)
    )
    rows = [tuple(row) for row in connection.execute(query)]
    found = pd.DataFrame(rows, columns=list(_COLUMNS))
    numbers = ("actual", "median", "pinball", "inside_80", "width_80")
    found = found.astype(
        {"ticker": "str", "as_of": "datetime64[ns]", "horizon": "int64", "model_version": "int64"}
        | dict.fromkeys(numbers, "float64")
    )
    return found.assign(actual=np.log(found["actual"]), median=np.log(found["median"]))


def _as_called_now(renames: Renames) -> sa.ColumnElement[str]:
    """The symbol that a forecast's ticker has now."""
    made_as = forecasts.c.ticker
    if not renames.pairs:
        return made_as
    present = {old: renames.now(old) for old, _ in renames.pairs}
    return sa.case(present, value=made_as, else_=made_as)
