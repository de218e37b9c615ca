"""The forecast errors that monitoring watches.

They are those of live forecasts in the ledger, recalibrated as people saw them. Where none is old
enough, replayed forecasts are used: those of the walk-forward, and for later sessions those of the
champion as it was trained.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.evaluation.drift_thresholds import MIN_WINDOWS
from core.evaluation.walk_forward.backtest import scored
from core.evaluation.walk_forward.evaluated_tickers import only_of
from core.features.panel import Panel
from core.lifecycle.monitoring_windows import MIN_ROWS, WINDOW, Windows, spanned
from core.models import Forecaster, create
from core.reference.forecast_kinds import ForecastKind
from core.registry.registry import ModelRegistry, ModelVersion

WATCHED_HORIZONS = 5  # errors of longer ones are known too late to warn
MIN_LIVE_SESSIONS = WINDOW // 2  # with scored live forecasts in the current window
# Scored rows by tickers, model versions and longest horizon, as `Ledger.shown_scores` gives them.
LiveScores = Callable[[list[str], list[int], int], pd.DataFrame]
_LATEST_REPLAYED = 500  # sessions since the walk-forward
_COLUMNS = (
    *("ticker", "session", "horizon", "model_version"),
    *("actual", "median", "error", "loss", "outside"),
)


@dataclass(frozen=True)
class Errors:
    """Errors of forecasts of 1 to `WATCHED_HORIZONS` sessions, and whose they are.

    Parameters
    ----------
    pair : rows with ticker, session (the as_of), horizon, model_version (0 if replayed), and in
        units of the 80 % width: `actual`, `median`, `error` (absolute), `loss` (pinball);
        `outside` is 1.0 where the actual lay outside the 80 % interval.
    source, reference_source : of the current window and of the reference, `LIVE` or `REPLAYED`.
    """

    pair: Windows
    source: ForecastKind
    reference_source: ForecastKind

    @property
    def versions(self) -> tuple[int, ...]:
        """Which versions made the live forecasts of the current window."""
        if self.source != ForecastKind.LIVE:
            return ()
        return tuple(sorted({int(one) for one in self.pair.current["model_version"]}))


def errors_of(
    panel: Panel,
    tickers: list[str],
    model: ModelVersion,
    forecaster: Forecaster,
    registry: ModelRegistry,
    live_scores: LiveScores | None,
    panel_alone: bool = False,
) -> Errors:
    """Errors of the serving version, on those tickers of a panel that it serves.

    Parameters
    ----------
    live_scores : looks up live forecasts in the ledger: those of the version, or where there are
        too few, those of all versions of its recipe. Forecasts of sample bars are left out.
        Without it, all errors are replayed.
    panel_alone : whether scores of tickers that are not in the panel are left out.
    """
    sessions = np.unique(panel.session[_of(panel, tickers)])
    since = pd.Timestamp(sessions[max(len(sessions) - WINDOW - WATCHED_HORIZONS, 0)])
    recipe = [one.version for one in registry.versions() if one.name == model.name]

    def known() -> pd.DataFrame | None:
        scores = registry.scores(model.version)
        if scores is None or not panel_alone:
            return scores
        return only_of(scores, panel.tickers)

    for versions in ([model.version], recipe):
        live = _live(live_scores, tickers, versions)
        current = live[live["session"] > since]
        if _is_measurable(current):
            past = live[live["session"] <= since]
            if spanned(past) >= MIN_WINDOWS:
                return Errors(Windows(past, current), ForecastKind.LIVE, ForecastKind.LIVE)
            replayed = _replayed(panel, tickers, forecaster, known())
            return Errors(
                Windows(replayed[replayed["session"] <= since], current),
                ForecastKind.LIVE,
                ForecastKind.REPLAYED,
            )
    replayed = _replayed(panel, tickers, forecaster, known())
    recent = replayed["session"] > since
    served = replayed["ticker"].isin(tickers)
    return Errors(
        Windows(replayed[~recent], replayed[recent & served]),
        ForecastKind.REPLAYED,
        ForecastKind.REPLAYED,
    )


def _of(panel: Panel, tickers: list[str]) -> np.ndarray:
    """Which rows of a panel are of these tickers."""
    found: np.ndarray = np.isin(np.array(panel.tickers), tickers)[panel.code]
    return found


def _live(live_scores: LiveScores | None, tickers: list[str], versions: list[int]) -> pd.DataFrame:
    if live_scores is None:
        return _in_widths(pd.DataFrame())
    return _in_widths(live_scores(tickers, versions, WATCHED_HORIZONS))


def _is_measurable(rows: pd.DataFrame) -> bool:
    pairs = len(rows.drop_duplicates(["ticker", "session"]))
    return pairs >= MIN_ROWS and rows["session"].nunique() >= MIN_LIVE_SESSIONS


def _replayed(
    panel: Panel, tickers: list[str], forecaster: Forecaster, scores: pd.DataFrame | None
) -> pd.DataFrame:
    if scores is None:
        return _in_widths(pd.DataFrame())
    wanted = _of(panel, tickers)
    sessions = np.unique(panel.session[wanted])
    since = sessions[sessions > scores["as_of"].max().to_datetime64()][-_LATEST_REPLAYED:]
    rows = np.flatnonzero(wanted & np.isin(panel.session, since))
    later = scored(panel, rows, forecaster, create("random_walk"))
    return _in_widths(pd.concat([scores, later], ignore_index=True).assign(model_version=0))


def _in_widths(scores: pd.DataFrame) -> pd.DataFrame:
    """Scores of whole forecasts, errors in units of the 80 % width."""
    if scores.empty:
        return pd.DataFrame(columns=list(_COLUMNS))
    near = scores[scores["horizon"] <= WATCHED_HORIZONS]
    whole = near.groupby(["ticker", "as_of"])["horizon"].transform("size") == WATCHED_HORIZONS
    complete = near[whole & (near["width_80"] > 0)]
    return pd.DataFrame(
        {
            "ticker": complete["ticker"],
            "session": complete["as_of"],
            "horizon": complete["horizon"],
            "model_version": complete["model_version"],
            "actual": complete["actual"] / complete["width_80"],
            "median": complete["median"] / complete["width_80"],
            "error": (complete["actual"] - complete["median"]).abs() / complete["width_80"],
            "loss": complete["pinball"] / complete["width_80"],
            "outside": 1.0 - complete["inside_80"],
        }
    )
