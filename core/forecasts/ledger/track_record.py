"""The track record of a ticker: the scores of its past forecasts in the ledger."""

from dataclasses import dataclass

import pandas as pd

from core.evaluation.metrics.point_and_interval import coverage
from core.forecasts.ledger.ledger import Ledger
from core.reference.bar_sources import is_sample
from core.reference.forecast_kinds import ForecastKind
from core.reference.tickers import Ticker
from core.reference.windows import window_text


@dataclass(frozen=True)
class TrackRecord:
    """Past forecasts of one ticker, horizon and kind.

    Parameters
    ----------
    kind : "live", "fallback", "replayed", or "sample" where the bars are; none is in another's.
    rows : as `Ledger.track_record`, one row a forecast, by target session.
    n : how many of them were scored, over `window`, first and last target session.
    coverage : share of those whose close ended inside the 80 % interval; NaN where n is 0.
    """

    kind: ForecastKind
    rows: pd.DataFrame
    n: int
    window: str
    coverage: float


def track_record(
    ledger: Ledger,
    ticker: Ticker,
    horizon: int,
    source: str,
    kind: ForecastKind = ForecastKind.LIVE,
) -> TrackRecord:
    """Read the past forecasts of one ticker at one horizon.

    Parameters
    ----------
    source : where the ticker's bars come from; beside sample bars only forecasts from sample bars
        are shown, whatever kind is asked for.
    kind : which ones beside other bars.
    """
    kind = ForecastKind.SAMPLE if is_sample(source) else kind
    rows = ledger.track_record(ticker, kind)
    rows = rows[rows["horizon"] == horizon].sort_values("target_session", kind="stable")
    known = rows[rows["actual"].notna()]
    ends = known["target_session"]
    window = window_text(ends.iloc[0], ends.iloc[-1]) if len(known) else ""
    actual, low, high = (known[name].to_numpy() for name in ("actual", "low", "high"))
    share = coverage(actual, low, high)
    return TrackRecord(kind, rows.reset_index(drop=True), len(known), window, share)
