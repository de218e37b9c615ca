"""Skill: how much less a forecaster loses than the baseline, and how sure that is."""

from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

import numpy as np
import pandas as pd

from core.evaluation.metrics.bootstrap import (
    SEED,
    block_length,
    pointwise_band,
    relative_reduction,
    simultaneous_bands,
)
from core.foundation.errors import NotEnoughHistoryError
from core.foundation.stored_numbers import number
from core.reference.windows import window_text

__all__ = [
    "SEED",
    "Band",
    "HorizonSkill",
    "Skill",
    "relative_loss_reduction",
    "skill",
    "skill_by_ticker",
]

_MIN_BLOCKS = 4
_TAIL = 0.05
KEY = ["ticker", "as_of", "horizon"]
CONSTANT = "constant_width"


@dataclass(frozen=True)
class Band:
    """A relative loss reduction, and its 90 % band."""

    value: float
    low: float
    high: float


class SkillVerdict(StrEnum):
    """What may be claimed of a skill."""

    SHOWN = "shown"
    WORSE = "worse"
    NOT_SHOWN = "not shown"


class _Verdict:
    """What the bands of a skill say, as they are printed: to 0.1 %."""

    low: float
    high: float
    baseline: str
    against_constant: Band | None

    @property
    def verdict(self) -> SkillVerdict:
        """What may be claimed of it.

        On a random walk a longer memory alone beats the baseline, so a claim needs both bands
        above zero; one band below zero is worse.
        """
        if self.worse_than:
            return SkillVerdict.WORSE
        lows = [self.low]
        if self.against_constant is not None:
            lows.append(self.against_constant.low)
        return SkillVerdict.SHOWN if round(min(lows), 3) > 0 else SkillVerdict.NOT_SHOWN

    @property
    def worse_than(self) -> tuple[str, ...]:
        """Names of the forecasters against which the whole band lies below zero."""
        highs = {self.baseline: self.high}
        if self.against_constant is not None:
            highs[CONSTANT] = self.against_constant.high
        return tuple(name for name, high in highs.items() if round(high, 3) < 0)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values; not by `dataclasses.asdict`, which copies every number deeply."""
        band = self.against_constant
        return {**vars(self), "against_constant": None if band is None else {**vars(band)}}


@dataclass(frozen=True)
class HorizonSkill(_Verdict):
    """Skill at one horizon, with bands that hold at all horizons of its `Skill` at once.

    Parameters
    ----------
    horizon : sessions ahead.
    value, low, high, n, baseline, coverage, against_constant : as of `Skill`, at this horizon.
    """

    horizon: int
    value: float
    low: float
    high: float
    n: int
    baseline: str
    coverage: float
    against_constant: Band | None = None


@dataclass(frozen=True)
class Skill(_Verdict):
    """1 - loss / loss of the baseline, over all scores of a backtest.

    Parameters
    ----------
    value : the skill; 0.04 is four percent less pinball loss, below zero is worse.
    low, high : its 90 % band, from a block bootstrap over dates.
    n : scored (ticker, as_of) pairs; each holds up to 20 horizons.
    baseline : the forecaster it is measured against.
    window : first and last as_of, "YYYY-MM-DD..YYYY-MM-DD".
    coverage : realised share inside the 80 % interval, over all horizons.
    against_constant : the same against `constant_width`, the forecaster without foresight;
        None if it was not run.
    horizons : the same at each horizon, rising; empty where it was not measured.
    """

    value: float
    low: float
    high: float
    n: int
    baseline: str
    window: str
    coverage: float
    against_constant: Band | None = None
    horizons: tuple[HorizonSkill, ...] = ()

    def at(self, horizon: int) -> HorizonSkill | None:
        """Skill at one horizon; None where it was not measured."""
        return next((one for one in self.horizons if one.horizon == horizon), None)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {**super().to_dict(), "horizons": [one.to_dict() for one in self.horizons]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Back from `to_dict`; what older values do not have was not measured."""
        by_horizon = values.get("horizons") or ()
        parsed = {
            **_known(values),
            "horizons": tuple(HorizonSkill(**{**one, **_known(one)}) for one in by_horizon),
        }
        return cls(**{**values, **parsed})


def skill(scores: pd.DataFrame, constant: pd.DataFrame | None = None) -> Skill:
    """Skill over all rows of a `backtest`, and at each horizon.

    Parameters
    ----------
    scores : of the forecaster to judge.
    constant : of `constant_width` from the same bars and origins, if it is to be judged too.

    Notes
    -----
    The loss is the mean pinball loss, so a volatile ticker weighs more. Dates are drawn in
    circular blocks that span at least twice the longest horizon, for forecasts from near dates
    share their targets. The bands at single horizons hold at all of them at once, so that to
    choose among horizons makes no claim cheaper; see `core.evaluation.metrics.bootstrap`.

    Raises
    ------
    NotEnoughHistoryError : the dates do not hold four blocks, so no band can be stated.
    """
    found = relative_loss_reduction(scores)
    facing = None if constant is None else _facing(scores, constant)
    first, last = scores["as_of"].min(), scores["as_of"].max()
    return Skill(
        value=found.value,
        low=found.low,
        high=found.high,
        n=int((~scores.duplicated(["ticker", "as_of"])).sum()),
        baseline=str(scores["baseline"].iloc[0]),
        window=window_text(first, last),
        coverage=float(scores["inside_80"].mean()),
        against_constant=None if facing is None else relative_loss_reduction(facing),
        horizons=_at_horizons(scores, facing),
    )


def skill_by_ticker(scores: pd.DataFrame, constant: pd.DataFrame | None = None) -> dict[str, Skill]:
    """`skill` of each ticker's own rows, in alphabetical order.

    A ticker with too few origins to state a band is left out.
    """
    found = {}
    for ticker, rows in scores.groupby("ticker", sort=True):
        with suppress(NotEnoughHistoryError):
            found[str(ticker)] = skill(rows, constant)
    return found


def relative_loss_reduction(
    scores: pd.DataFrame, tail: float = _TAIL, min_blocks: float = _MIN_BLOCKS
) -> Band:
    """1 - `pinball` / `baseline_pinball`, in mean, with its band.

    Parameters
    ----------
    scores : `as_of`, `pinball` and `baseline_pinball`, a row each forecast.
    tail : share of chance on either side of the band.
    min_blocks : blocks of two longest horizons that the dates have to hold.

    Raises
    ------
    NotEnoughHistoryError : the dates do not hold so many blocks, so no band can be stated.
    """
    dates = scores.groupby("as_of", sort=True)[["pinball", "baseline_pinball"]].sum()
    model, baseline = dates.to_numpy().T
    block = _block(dates.index, min_blocks)
    value = float(relative_reduction(model.sum(), baseline.sum()))
    return Band(value, *pointwise_band(model, baseline, block, tail))


def loss_reduction_at_horizons(scores: pd.DataFrame) -> dict[int, Band]:
    """`relative_loss_reduction` at each horizon of the scores, with bands that hold at all of them
    at once.

    Parameters
    ----------
    scores : as for `relative_loss_reduction`, and `horizon`.

    Raises
    ------
    NotEnoughHistoryError : as `relative_loss_reduction`.
    """
    sums = scores.groupby(["as_of", "horizon"])[["pinball", "baseline_pinball"]].sum().unstack()
    model, baseline = (sums[name].fillna(0.0) for name in ("pinball", "baseline_pinball"))
    block = _block(sums.index, _MIN_BLOCKS)
    values = relative_reduction(model.to_numpy().sum(axis=0), baseline.to_numpy().sum(axis=0))
    lows, highs = simultaneous_bands(model.to_numpy(), baseline.to_numpy(), block, _TAIL)
    bands = zip(model.columns, values, lows, highs, strict=True)
    return {int(h): Band(float(value), float(low), float(high)) for h, value, low, high in bands}


def _at_horizons(scores: pd.DataFrame, facing: pd.DataFrame | None) -> tuple[HorizonSkill, ...]:
    by_horizon = scores.groupby("horizon", sort=True)["inside_80"]
    counts, coverages = by_horizon.size().to_dict(), by_horizon.mean().to_dict()
    constant = {} if facing is None else loss_reduction_at_horizons(facing)
    baseline = str(scores["baseline"].iloc[0])
    return tuple(
        HorizonSkill(
            horizon=horizon,
            value=band.value,
            low=band.low,
            high=band.high,
            n=int(counts[horizon]),
            baseline=baseline,
            coverage=float(coverages[horizon]),
            against_constant=constant.get(horizon),
        )
        for horizon, band in loss_reduction_at_horizons(scores).items()
    )


def _facing(scores: pd.DataFrame, constant: pd.DataFrame) -> pd.DataFrame:
    """The same scores with the other forecaster's loss as the baseline's."""
    baseline = constant[[*KEY, "pinball"]].rename(columns={"pinball": "baseline_pinball"})
    return scores.drop(columns="baseline_pinball").merge(baseline, on=KEY, validate="one_to_one")


def _block(dates: pd.Index, min_blocks: float) -> int:
    """Dates that are drawn together; raises where they do not hold enough blocks."""
    block = block_length(pd.DatetimeIndex(dates))
    needed = max(int(np.ceil(min_blocks * block)), 2)
    if len(dates) < needed:
        raise NotEnoughHistoryError(
            "skill.too-few-origins",
            "A skill needs at least {needed} origins at this spacing, has {count}.",
            {"needed": needed, "count": len(dates)},
            parameter="scores",
        )
    return block


def _known(values: dict[str, Any]) -> dict[str, Any]:
    """The numbers of a skill as they were stored; NaN for what is no number."""
    found: dict[str, Any] = {
        name: number(values[name]) for name in ("value", "low", "high", "coverage")
    }
    return found | {"against_constant": stored_band(values["against_constant"])}


def stored_band(values: dict[str, Any] | None) -> Band | None:
    """A band back from its values as they were stored; NaN for what is no number."""
    return None if not values else Band(*(number(values[one]) for one in ("value", "low", "high")))
