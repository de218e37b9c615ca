"""What monitoring compares, and what it makes of the distances.

Three signals: have the inputs moved, the outputs, and have the errors grown? The champion's past
is the reference, the last `WINDOW` sessions are the current window.
"""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from core.errors import NotFoundError
from core.features.panel import Panel
from core.features.spec import HAR
from core.models import create
from core.models.backtest import scored
from core.models.drift import LEAST_WINDOWS, Yardstick, shift, yardstick
from core.models.forecaster import Forecaster
from core.registry.registry import ModelRegistry, ModelVersion
from core.schema import LEVELS
from core.services.progress import Progress, silent
from core.storage.bars import ParquetBars
from core.storage.reports import BEYOND, IN_BAND, TOO_LITTLE, Measure, Report, Signal

WINDOW = 40  # sessions
LEAST_ROWS = 30  # (ticker, session) pairs in the current window
WATCHED_HORIZONS = 5  # errors of longer ones are known too late to warn
INPUTS = list(HAR.own_names)
OUTPUTS = ["log_width_1", "log_width_5", "log_width_20", "median_20"]
ERRORS = ["error", "loss"]
_LOW, _MEDIAN, _HIGH = (LEVELS.index(level) for level in (0.10, 0.50, 0.90))


@dataclass(frozen=True)
class Pair:
    """Reference and current rows of one comparison; empty frames where there are none.

    `states` holds ticker, session, `INPUTS` and `OUTPUTS`; `errors` ticker, session (the as_of),
    horizon, and in units of the 80 % width: `actual`, `median`, `error` (absolute), `loss`
    (pinball); `outside` is 1.0 where the actual lay outside the 80 % interval.
    """

    reference: pd.DataFrame
    current: pd.DataFrame


@dataclass(frozen=True)
class Compared:
    """Everything that is compared for one model version.

    `inputs` and `outputs` say what chance makes of `INPUTS` and `OUTPUTS`, None where there is
    too little to say.
    """

    model: ModelVersion
    sample: bool
    states: Pair
    errors: Pair
    inputs: Yardstick | None
    outputs: Yardstick | None

    @property
    def thresholds(self) -> dict[str, float]:
        """The distance that chance stays within, by column."""
        known = (one.thresholds for one in (self.inputs, self.outputs) if one is not None)
        return {name: bound for each in known for name, bound in each.items()}


def prepare(bars: ParquetBars, registry: ModelRegistry, progress: Progress = silent) -> Compared:
    """Gather the champion's training window and the latest one.

    Raises
    ------
    NotFoundError : there is no champion, or none of its tickers is stored.
    """
    model = registry.champion()
    if model is None:
        raise NotFoundError("There is no champion to monitor; train first.")
    progress("Reading bars", 0, 1)
    frame = bars.load(adjusted=False)
    frame = frame[frame["ticker"].isin(model.card.tickers)].reset_index(drop=True)
    if frame.empty:
        raise NotFoundError("None of the champion's tickers is stored; train again.")
    panel, forecaster = Panel.of(frame), registry.forecaster(model)
    progress("Measuring what is usual", 0, 1)
    states = _states(panel, forecaster)
    first, last = (pd.Timestamp(text) for text in model.card.window.split(".."))
    session = states["session"]
    current = session.isin(session.drop_duplicates().nlargest(WINDOW))
    reference = ~current & session.between(first, last)
    pair = Pair(states[reference], states[current])
    lacking = enough(pair)
    return Compared(
        model=model,
        sample=bool((frame["source"] == "sample").any()),
        states=pair,
        errors=_errors(panel, forecaster, registry.scores(model.version)),
        inputs=None if lacking else yardstick(pair.reference, INPUTS, WINDOW),
        outputs=None if lacking else yardstick(pair.reference, OUTPUTS, WINDOW),
    )


def conclude(
    compared: Compared, distances: dict[str, float], quality: dict[str, float], at: datetime
) -> Report:
    """The three signals.

    Parameters
    ----------
    distances : by column of `INPUTS` and `OUTPUTS`, as measured; empty if it was not.
    quality : numbers of the errors by name, as measured; "reference " before those of the
        reference. Empty if not measured.
    """
    states, errors = compared.states, compared.errors
    return Report(
        at=at,
        model_version=compared.model.version,
        sample=compared.sample,
        reference_window=_window(states.reference),
        current_window=_window(states.current),
        signals=(
            _moved("data drift", states, compared.inputs, distances),
            _moved("prediction drift", states, compared.outputs, distances),
            _decayed(errors, quality),
        ),
    )


def enough(pair: Pair) -> str:
    """Empty if the two windows can be compared, else what is lacking."""
    if len(pair.current) < LEAST_ROWS:
        return f"The current window holds {len(pair.current)} rows, {LEAST_ROWS} are needed."
    windows = _windows(pair.reference)
    if windows < LEAST_WINDOWS:
        return (
            f"The reference holds {windows} windows of {WINDOW} sessions, "
            f"{LEAST_WINDOWS} are needed."
        )
    return ""


def _states(panel: Panel, forecaster: Forecaster) -> pd.DataFrame:
    rows = np.flatnonzero(np.isfinite(panel.features).all(axis=1))
    law = forecaster.returns(panel, rows, (1, 5, 20))
    width = np.log(np.maximum(law[:, :, _HIGH] - law[:, :, _LOW], 1e-12))
    own = panel.features[rows, : len(INPUTS)]
    found = pd.DataFrame(
        np.column_stack([own, width, law[:, 2, _MEDIAN]]), columns=INPUTS + OUTPUTS
    )
    found.insert(0, "ticker", np.array(panel.tickers)[panel.code[rows]])
    found.insert(1, "session", panel.session[rows])
    return found


def _errors(panel: Panel, forecaster: Forecaster, proof: pd.DataFrame | None) -> Pair:
    """Out-of-sample scores: of the walk-forward, then of the frozen champion on what came since."""
    if proof is None:
        empty = pd.DataFrame(columns=["ticker", "session", "horizon", *ERRORS])
        return Pair(empty, empty)
    sessions = np.unique(panel.session)
    since = pd.DatetimeIndex(sessions[sessions > proof["as_of"].max().to_datetime64()])
    rows = panel.rows_at(since)
    later = scored(panel, rows, forecaster, create("random_walk"))
    both = pd.concat([proof, later], ignore_index=True)
    both = both[both["horizon"] <= WATCHED_HORIZONS]
    whole = both.groupby(["ticker", "as_of"])["horizon"].transform("size") == WATCHED_HORIZONS
    both = both[whole & (both["width_80"] > 0)]
    found = pd.DataFrame(
        {
            "ticker": both["ticker"],
            "session": both["as_of"],
            "horizon": both["horizon"],
            "actual": both["actual"] / both["width_80"],
            "median": both["median"] / both["width_80"],
            "error": (both["actual"] - both["median"]).abs() / both["width_80"],
            "loss": both["pinball"] / both["width_80"],
            "outside": 1.0 - both["inside_80"],
        }
    )
    recent = found["session"] > sessions[max(len(sessions) - WINDOW - WATCHED_HORIZONS, 0)]
    return Pair(found[~recent], found[recent])


def _moved(name: str, pair: Pair, chance: Yardstick | None, distances: dict[str, float]) -> Signal:
    n, n_reference = len(pair.current), len(pair.reference)
    if chance is None or not distances:
        why = enough(pair) or "It was not measured."
        return Signal(name, TOO_LITTLE, n, n_reference, why=why)
    measures = tuple(
        Measure(column, float(distances[column]), bound)
        for column, bound in chance.thresholds.items()
    )
    beyond = sum(one.beyond for one in measures)
    verdict = BEYOND if beyond > chance.budget else IN_BAND
    return Signal(name, verdict, n, n_reference, beyond, chance.budget, measures)


def _decayed(pair: Pair, quality: dict[str, float]) -> Signal:
    name, n, n_reference = "performance decay", _origins(pair.current), _origins(pair.reference)
    why = enough(pair)
    grown = None if why else shift(_block_means(pair.reference), float(pair.current["loss"].mean()))
    if grown is None or not quality:
        return Signal(name, TOO_LITTLE, n, n_reference, why=why or "It was not measured.")
    covered, usually = (
        1.0 - float(rows["outside"].mean()) for rows in (pair.current, pair.reference)
    )
    measures = (
        Measure("loss", grown.value, grown.bound, grown.usual),
        Measure("coverage_80", covered, None, usually),
        *(
            Measure(each, value, None, quality[f"reference {each}"])
            for each, value in quality.items()
            if not each.startswith("reference ")
        ),
    )
    beyond = int(measures[0].beyond)
    return Signal(name, BEYOND if beyond else IN_BAND, n, n_reference, beyond, 0, measures)


def _windows(reference: pd.DataFrame) -> int:
    """How many windows a reference spans; a walk-forward has an origin every few sessions."""
    if reference.empty:
        return 0
    first, last = reference["session"].min().date(), reference["session"].max().date()
    return int((np.busday_count(first, last) + 1) // WINDOW)


def _block_means(reference: pd.DataFrame) -> np.ndarray:
    """Mean loss of each past window."""
    dates = np.unique(reference["session"].to_numpy())
    place = np.searchsorted(dates, reference["session"].to_numpy())
    means: np.ndarray = (
        reference["loss"].groupby(place * _windows(reference) // len(dates)).mean().to_numpy()
    )
    return means


def _origins(rows: pd.DataFrame) -> int:
    return int((~rows.duplicated(["ticker", "session"])).sum())


def _window(rows: pd.DataFrame) -> str:
    if rows.empty:
        return ""
    return f"{rows['session'].min():%Y-%m-%d}..{rows['session'].max():%Y-%m-%d}"
