"""How good `har` is on real stocks, beside others and the most that foresight could reach."""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from core.features.panel import Panel
from core.models import create
from core.models.backtest import backtests
from core.models.har import ConstantWidth
from core.models.skill import skill
from core.models.targets import log_volatility
from core.schema import MAX_HORIZON
from tests import evaluation
from tests.benchmarks.measure import QUICK, Size

ORACLE = "oracle"
_ENTRANTS = ("har", "ewma", "constant_width", "random_walk_gauss")
_STATED = (1, 5, 20)  # horizons whose coverage is told
_EVERY, _EVERY_QUICK = 12, 48  # sessions from origin to origin


@dataclass(frozen=True)
class Row:
    """One forecaster in one window, over horizons 1 to 20.

    `skill` is the share of the random walk's pinball loss that is saved, `low` and `high` its 90 %
    band, `share` that of the oracle's skill; `coverage_80` and `coverage_90` are realised shares
    at horizons 1, 5 and 20; `n` counts (ticker, as_of) pairs, `dates` their as_of.
    """

    window: str
    forecaster: str
    n: int
    dates: int
    skill: float
    low: float
    high: float
    share: float
    coverage_80: tuple[float, ...]
    coverage_90: tuple[float, ...]

    def to_dict(self) -> dict[str, object]:
        """As JSON-able values."""
        return asdict(self)


class Oracle(ConstantWidth):
    """Knows the realised volatility of the coming h sessions, and nothing of their direction."""

    name = ORACLE

    def _predicted(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        after = panel.first[panel.code[rows] + 1] - rows - 1
        foretold = np.full((len(rows), MAX_HORIZON), np.nan)
        known = after >= MAX_HORIZON
        foretold[known] = log_volatility(panel, rows[known])
        return foretold


def real(size: Size) -> Iterator[Row]:
    """36 US stocks from 2008 to 2018 and eight of Taiwan from 2018 on, where the data is."""
    if not evaluation.FOLDER:
        return
    every = _EVERY_QUICK if size == QUICK else _EVERY
    scores = _scores(evaluation.large_us(), "2008", every)
    for since, before in (("2008", "2014"), ("2014", "2019"), ("2008", "2019")):
        yield from _rows(f"US {since} to {int(before) - 1}", scores, since, before)
    scores = _scores(evaluation.taiwan(), "2018", every)
    yield from _rows("Taiwan 2018 to 2021", scores, "2018", "2022")


def table(rows: list[Row]) -> str:
    """The rows as plain text, a line each; nothing was measured without the data."""
    if not rows:
        return "skill: not measured, TICKERLENS_EVALUATION_DATA is not set"
    head = f"{'':40}{'n':>6} {'dates':>5} {'skill %':>8} {'90 % band':>14} {'of oracle':>9}"
    told = f"{'80 % at 1, 5, 20':>18} {'90 % at 1, 5, 20':>18}"
    return "\n".join([f"{head} {told}", *map(_line, rows)])


def _scores(bars: pd.DataFrame, since: str, every: int) -> dict[str, pd.DataFrame]:
    sessions = pd.DatetimeIndex(bars["session"].unique()).sort_values()
    entrants = {name: create(name) for name in _ENTRANTS} | {ORACLE: Oracle()}
    return backtests(entrants, bars, sessions[sessions >= since][:-MAX_HORIZON:every])


def _rows(
    window: str, scores: Mapping[str, pd.DataFrame], since: str, before: str
) -> Iterator[Row]:
    within = {
        name: frame[frame["as_of"].between(since, before, inclusive="left")]
        for name, frame in scores.items()
    }
    most = skill(within[ORACLE]).value
    for name, frame in within.items():
        found, at = skill(frame), frame.groupby("horizon")
        yield Row(
            window,
            name,
            len(frame[["ticker", "as_of"]].drop_duplicates()),
            frame["as_of"].nunique(),
            *(found.value, found.low, found.high, found.value / most),
            *(tuple(at[f"inside_{share}"].mean().loc[list(_STATED)]) for share in (80, 90)),
        )


def _line(one: Row) -> str:
    band = f"[{100 * one.low:.2f}, {100 * one.high:.2f}]"
    told = (
        f"{' '.join(f'{100 * share:.1f}' for share in shares):>18}"
        for shares in (one.coverage_80, one.coverage_90)
    )
    head = f"{one.window:20}{one.forecaster:20}{one.n:6} {one.dates:5}"
    return f"{head} {100 * one.skill:8.2f} {band:>14} {one.share:9.1%} {' '.join(told)}"
