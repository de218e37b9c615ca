"""What monitoring compares, and what it makes of the distances.

Three signals: have the inputs moved, the outputs, and have the errors grown? All that the champion
learned is the reference, the last `WINDOW` sessions are the current window, which lies within it
just after a training.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np
import pandas as pd

from core.evaluation.drift_thresholds import (
    ReferenceThresholds,
    distance,
    mean_shift,
    reference_thresholds,
)
from core.evaluation.walk_forward.evaluated_tickers import (
    LONG_HISTORY_SESSIONS,
    evaluated_tickers,
)
from core.features.panel import Panel
from core.features.spec import HAR
from core.foundation.messages import Message
from core.foundation.progress import Progress, silent
from core.lifecycle.monitored_errors import MIN_LIVE_SESSIONS, Errors, LiveScores, errors_of
from core.lifecycle.monitoring_windows import WINDOW, Windows, newest, shortfall, spanned, window_of
from core.lifecycle.report_store import DriftVerdict, Measure, Report, Signal, SignalName
from core.market_data.lake.bar_origins import sources
from core.market_data.lake.bar_store import ParquetBars
from core.models.base import Forecaster
from core.reference.bar_sources import is_sample
from core.reference.schema import INTERVALS, LEVELS
from core.reference.windows import parse_window
from core.registry.registry import ModelRegistry, ModelVersion
from core.registry.served_tickers import served_tickers

INPUTS = list(HAR.own_names)
OUTPUTS = ["log_width_1", "log_width_5", "log_width_20", "median_20"]
_MEDIAN = LEVELS.index(0.50)
_LOW, _HIGH = (LEVELS.index(level) for level in INTERVALS[80])
_NOT_MEASURED = Message("monitor.not-measured", "It was not measured.")


@dataclass(frozen=True)
class MonitoringInput:
    """Everything that is compared for one model version.

    `inputs` and `outputs` say what chance makes of `INPUTS` and `OUTPUTS`, None where there is
    too little to say; `newest` is, by column, the distance of the current window from the last
    `WINDOW` sessions that the champion learned. `unlearned` are the tickers in the current window
    that it never learned from. `watched` is how many tickers were compared, where they stand for
    all; 0 if all were.
    """

    model: ModelVersion
    sample: bool
    states: Windows
    errors: Errors
    inputs: ReferenceThresholds | None
    outputs: ReferenceThresholds | None
    newest: dict[str, float] = field(default_factory=dict)
    unlearned: tuple[str, ...] = ()
    watched: int = 0

    @property
    def thresholds(self) -> dict[str, float]:
        """The distance that chance stays within, by column."""
        known = (one.thresholds for one in (self.inputs, self.outputs) if one is not None)
        return {name: bound for each in known for name, bound in each.items()}


def monitoring_input(
    bars: ParquetBars,
    registry: ModelRegistry,
    progress: Progress = silent,
    live_scores: LiveScores | None = None,
) -> MonitoringInput:
    """Gather what the version learned that serves, and the latest window of what it serves.

    Where a market has more tickers than `core.evaluation.walk_forward.evaluated_tickers` takes, a
    few stand for all: those that the version was evaluated on, and of those it never learned from
    the ones that would be chosen. Nothing else is read, and means over a market are of them.

    Parameters
    ----------
    live_scores : of the ledger; errors of live forecasts are looked at first, see
        `core.lifecycle.monitored_errors`.

    Raises
    ------
    NotFoundError : no version serves, or none of its tickers is stored.
    """
    progress("Reading bars", 0, 1)
    source = sources(bars)
    served = served_tickers(registry, source)
    model, forecaster = served.of_version()
    tickers = [*served.learned, *served.unlearned]
    known = [one for one, of in source.items() if model.card.knows(one, of)]
    watched = _watched(model, known, tickers)
    if watched is not None:
        tickers, known = ([one for one in some if one in watched] for some in (tickers, known))
    panel = Panel.of(bars.load(watched, adjusted=False))
    progress("Measuring what is usual", 0, 1)
    states = _states(panel, forecaster, {*tickers, *known})
    learned = states["ticker"].isin(known)
    if window := parse_window(model.card.window):
        first, until = (pd.Timestamp(one) for one in window)
        learned &= states["session"].between(first, until)
    pair = Windows(states[learned], newest(states[states["ticker"].isin(tickers)]))
    lacking = shortfall(pair)
    return MonitoringInput(
        model=model,
        sample=all(is_sample(source[one]) for one in tickers),
        states=pair,
        errors=errors_of(
            panel, tickers, model, forecaster, registry, live_scores, watched is not None
        ),
        inputs=None if lacking else reference_thresholds(pair.reference, INPUTS, WINDOW),
        outputs=None if lacking else reference_thresholds(pair.reference, OUTPUTS, WINDOW),
        newest={} if lacking else _from_newest(pair),
        unlearned=served.unlearned,
        watched=0 if watched is None else len(panel.tickers),
    )


def _watched(model: ModelVersion, known: list[str], tickers: list[str]) -> list[str] | None:
    """The tickers that stand for all; None where there are no more than all can be watched.

    `known` are those that the version learned from, `tickers` those that it serves.
    """
    every = {*known, *tickers}
    chosen = evaluated_tickers(dict.fromkeys(every, LONG_HISTORY_SESSIONS))
    if len(chosen) == len(every):
        return None
    evaluated = every.intersection(model.card.evaluated_tickers or ())
    if evaluated.isdisjoint(tickers):
        return list(evaluated_tickers(dict.fromkeys(tickers, LONG_HISTORY_SESSIONS)))
    return sorted(evaluated.union(set(chosen).difference(known)))


def build_report(
    monitored: MonitoringInput, distances: dict[str, float], quality: dict[str, float], at: datetime
) -> Report:
    """The three signals.

    Parameters
    ----------
    distances : by column of `INPUTS` and `OUTPUTS`, of the current window from the whole
        reference, as measured; empty if it was not. What counts is the nearer of it and of
        what the champion learned last.
    quality : numbers of the errors by name, as measured; "reference " before those of the
        reference. Empty if not measured.
    """
    states, errors = monitored.states, monitored.errors
    nearer = {
        name: min(value, monitored.newest.get(name, value)) for name, value in distances.items()
    }
    signals = (
        _moved(SignalName.DATA, states, monitored.inputs, nearer),
        _moved(SignalName.PREDICTION, states, monitored.outputs, nearer),
        _decayed(errors, quality),
    )
    return Report(
        at=at,
        model_version=monitored.model.version,
        sample=monitored.sample,
        reference_window=window_of(states.reference),
        current_window=window_of(states.current),
        signals=tuple(replace(one, tickers=monitored.watched) for one in signals),
        unlearned=monitored.unlearned,
    )


def _states(panel: Panel, forecaster: Forecaster, tickers: set[str]) -> pd.DataFrame:
    wanted = np.array([one in tickers for one in panel.tickers])[panel.code]
    rows = np.flatnonzero(wanted & np.isfinite(panel.features).all(axis=1))
    distribution = forecaster.returns(panel, rows, (1, 5, 20))
    width = np.log(np.maximum(distribution[:, :, _HIGH] - distribution[:, :, _LOW], 1e-12))
    own = panel.features[rows, : len(INPUTS)]
    found = pd.DataFrame(
        np.column_stack([own, width, distribution[:, 2, _MEDIAN]]), columns=INPUTS + OUTPUTS
    )
    found.insert(0, "ticker", np.array(panel.tickers)[panel.code[rows]])
    found.insert(1, "session", panel.session[rows])
    return found


def _from_newest(pair: Windows) -> dict[str, float]:
    last = newest(pair.reference)
    return {
        name: distance(last[name].to_numpy(), pair.current[name].to_numpy())
        for name in INPUTS + OUTPUTS
    }


def _moved(
    name: SignalName, pair: Windows, chance: ReferenceThresholds | None, distances: dict[str, float]
) -> Signal:
    n, n_reference = len(pair.current), len(pair.reference)
    if chance is None or not distances:
        reason = shortfall(pair) or _NOT_MEASURED
        return Signal(name, DriftVerdict.TOO_LITTLE, n, n_reference, reason=reason)
    measures = tuple(
        Measure(column, float(distances[column]), bound)
        for column, bound in chance.thresholds.items()
    )
    beyond = sum(one.beyond for one in measures)
    verdict = DriftVerdict.BEYOND if beyond > chance.allowed_exceedances else DriftVerdict.IN_BAND
    return Signal(name, verdict, n, n_reference, beyond, chance.allowed_exceedances, measures)


def _decayed(errors: Errors, quality: dict[str, float]) -> Signal:
    pair = errors.pair
    reason = shortfall(pair)
    grown = None if reason else mean_shift(_block_means(pair), float(pair.current["loss"].mean()))
    signal = Signal(
        SignalName.DECAY,
        DriftVerdict.TOO_LITTLE,
        *(_origins(pair.current), _origins(pair.reference)),
        reason=reason or _NOT_MEASURED,
        source=errors.source,
        reference_source=errors.reference_source,
        window=window_of(pair.current),
        versions=errors.versions,
    )
    if grown is None or not quality:
        return signal
    covered, usually = (
        1.0 - float(rows["outside"].mean()) for rows in (pair.current, pair.reference)
    )
    measures = (
        Measure("loss", grown.value, grown.bound, grown.expected),
        Measure("coverage_80", covered, None, usually),
        *(
            Measure(each, value, None, quality[f"reference {each}"])
            for each, value in quality.items()
            if not each.startswith("reference ")
        ),
    )
    beyond = int(measures[0].beyond)
    verdict = DriftVerdict.BEYOND if beyond else DriftVerdict.IN_BAND
    return replace(signal, verdict=verdict, beyond=beyond, measures=measures, reason=None)


def _block_means(pair: Windows) -> np.ndarray:
    """Mean loss of each past window, as long as the current one."""
    reference, length = pair.reference, max(spanned(pair.current, 1), MIN_LIVE_SESSIONS)
    dates = np.unique(reference["session"].to_numpy())
    count = min(spanned(reference, min(length, WINDOW)), len(dates))
    place = np.searchsorted(dates, reference["session"].to_numpy())
    means: np.ndarray = reference["loss"].groupby(place * count // len(dates)).mean().to_numpy()
    return means


def _origins(rows: pd.DataFrame) -> int:
    return int((~rows.duplicated(["ticker", "session"])).sum())
