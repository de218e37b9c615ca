"""How good `har` is on real stocks, beside others and the most that foresight could reach."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from core.evaluation.metrics.skill import skill
from core.evaluation.walk_forward.backtest import backtests
from core.evaluation.walk_forward.run import WalkSettings
from core.features.panel import Panel
from core.models import create
from core.reference.schema import MAX_HORIZON
from tests.benchmarks.entrants import ORACLE, PEERS, Oracle, Replayed, Timed
from tests.benchmarks.measure import QUICK, Size
from tests.support import evaluation

_SLOW = ("gradient_boosting", "LightGBM")  # left out of a first look
_OURS = ("har", "gradient_boosting", "ewma", "constant_width", "random_walk_gauss", "drift")
_SHOWN_HORIZONS = (1, 5, 20)  # horizons whose coverage is told
_EVERY, _EVERY_QUICK = 24, 240  # sessions from origin to origin
_EVERY_IN_TAIWAN = 6  # fewer tickers and years
# Dates err together, so a share needs many of them: `har` alone, as it is and recalibrated.
_DENSE, _DENSE_IN_TAIWAN, _RECALIBRATED = 3, 1, "har, recalibrated"
_SPANS = (("2008", "2014"), ("2014", "2019"), ("2008", "2019"))


@dataclass(frozen=True)
class Row:
    """One forecaster in one window, over horizons 1 to 20.

    `skill` is the share of the random walk's pinball loss that is saved, `low` and `high` its 90 %
    band, `share` that of the oracle's skill, NaN where it did not take part; `behind` the share of
    tickers on which it loses more than `har`; `coverage_80` and `coverage_90` are realised shares
    at horizons 1, 5 and 20; `ms` what a forecast of all horizons took, fits included; `n` counts
    (ticker, as_of) pairs, `dates` their as_of.
    """

    window: str
    forecaster: str
    n: int
    dates: int
    skill: float
    low: float
    high: float
    share: float
    behind: float
    coverage_80: tuple[float, ...]
    coverage_90: tuple[float, ...]
    ms: float

    def to_dict(self) -> dict[str, object]:
        """As JSON-able values."""
        return asdict(self)


def real(size: Size) -> Iterator[Row]:
    """36 US stocks from 2008 to 2018 and eight of Taiwan from 2018 on, where the data is."""
    if not evaluation.FOLDER:
        return
    american, taiwanese = evaluation.large_us(), evaluation.taiwan()
    quick = size == QUICK
    without = _SLOW if quick else ()
    scores, cost = _scores(american, "2008", _EVERY_QUICK if quick else _EVERY, without)
    for since, before in _SPANS:
        yield from _rows(f"US {since} to {int(before) - 1}", scores, cost, since, before)
    if quick:
        return
    scores, cost = _scores(taiwanese, "2018", _EVERY_IN_TAIWAN, without)
    yield from _rows("Taiwan 2018 to 2021", scores, cost, "2018", "2022")
    scores, cost = _alone(american, "2008", _DENSE)
    for since, before in _SPANS:
        yield from _rows(f"US {since} to {int(before) - 1}", scores, cost, since, before)
    scores, cost = _alone(taiwanese, "2018", _DENSE_IN_TAIWAN)
    yield from _rows("Taiwan 2018 to 2021", scores, cost, "2018", "2022")


def table(rows: list[Row]) -> str:
    """The rows as plain text, a line each; nothing was measured without the data."""
    if not rows:
        return "skill: not measured, TICKERLENS_EVALUATION_DATA is not set"
    head = f"{'':38}{'n':>6} {'dates':>5} {'skill %':>8} {'90 % band':>15} {'of oracle':>9}"
    expected = f"{'behind har':>10} {'80 % at 1, 5, 20':>16} {'90 % at 1, 5, 20':>16} {'ms':>7}"
    return "\n".join([f"{head} {expected}", *map(_line, rows)])


def _scores(
    bars: pd.DataFrame, since: str, every: int, without: tuple[str, ...]
) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    """Backtests by forecaster, and what a forecast of each took, in ms."""
    origins, panel = _origins(bars, since, every), Panel.of(bars)
    ours, peers = ([name for name in names if name not in without] for names in (_OURS, PEERS))
    entrants: dict[str, Timed | Replayed] = {name: Timed(create(name)) for name in ours}
    entrants |= {ORACLE: Timed(Oracle())}
    entrants |= {name: Replayed(name, panel, origins) for name in peers}
    scores = backtests(entrants, bars, origins)
    return scores, {name: 1000.0 * one.seconds / one.count for name, one in entrants.items()}


def _alone(
    bars: pd.DataFrame, since: str, every: int
) -> tuple[dict[str, pd.DataFrame], dict[str, float]]:
    """`har` as it is, and recalibrated by the scores that its own forecasts had by then."""
    origins, scores, cost = _origins(bars, since, every), {}, {}
    for name, recalibrated in (("har", False), (_RECALIBRATED, True)):
        settings = WalkSettings(recalibrated=recalibrated)
        model = Timed(create("har"))
        scores |= backtests({name: model}, bars, origins, settings)
        cost[name] = 1000.0 * model.seconds / model.count
    return scores, cost


def _origins(bars: pd.DataFrame, since: str, every: int) -> pd.DatetimeIndex:
    sessions = pd.DatetimeIndex(bars["session"].unique()).sort_values()
    return sessions[sessions >= since][:-MAX_HORIZON:every]


def _rows(
    window: str,
    scores: Mapping[str, pd.DataFrame],
    cost: Mapping[str, float],
    since: str,
    before: str,
) -> Iterator[Row]:
    within = {
        name: frame[frame["as_of"].between(since, before, inclusive="left")]
        for name, frame in scores.items()
    }
    most = skill(within[ORACLE]).value if ORACLE in within else float("nan")
    losses = {name: _losses(frame) for name, frame in within.items()}
    for name in sorted(within, key=lambda name: float(losses[name].mean())):
        found, at = skill(within[name]), within[name].groupby("horizon")
        yield Row(
            window,
            name,
            len(within[name][["ticker", "as_of"]].drop_duplicates()),
            within[name]["as_of"].nunique(),
            *(found.value, found.low, found.high, found.value / most),
            float((losses["har"] < losses[name]).mean()),
            *(tuple(at[f"inside_{share}"].mean().loc[list(_SHOWN_HORIZONS)]) for share in (80, 90)),
            cost[name],
        )


def _losses(frame: pd.DataFrame) -> "pd.Series[float]":
    """Mean pinball loss of each ticker."""
    return frame.groupby("ticker")["pinball"].mean()


def _line(one: Row) -> str:
    band = f"[{100 * one.low:.2f}, {100 * one.high:.2f}]"
    behind = "" if one.forecaster == "har" else f"{one.behind:.0%}"
    expected = (
        f"{' '.join(f'{100 * share:.1f}' for share in shares):>16}"
        for shares in (one.coverage_80, one.coverage_90)
    )
    head = f"{one.window:20}{one.forecaster:18}{one.n:6} {one.dates:5}"
    share = "" if np.isnan(one.share) else f"{one.share:.1%}"
    worth = f"{100 * one.skill:8.2f} {band:>15} {share:>9} {behind:>10}"
    return f"{head} {worth} {' '.join(expected)} {one.ms:7.2f}"
