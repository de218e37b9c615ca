"""A forecast of one ticker from its last session, beside the baseline's."""

import math
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.metrics.skill import HorizonSkill, Skill
from core.forecasts.claims import claim
from core.foundation.messages import Message
from core.models import Location
from core.models.distribution import Distribution
from core.reference.bar_holds import left_out
from core.reference.schema import LEVELS, MAX_HORIZON
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion

UNTRAINED = "untrained"
FEW = 250  # sessions, a year; of fewer it is said that an unanswered step leaves out others
MOVE = 0.05  # share of the last close; a move beyond it, either way, is given a probability


@dataclass(frozen=True)
class Forecast:
    """The forecast of one (ticker, as_of).

    Parameters
    ----------
    last_close : raw close at `as_of`, in the ticker's currency; all prices are in its units.
    source : where the bars came from; "sample" is never to be shown without saying so.
    model : the version that was asked.
    location : how the forecaster centres its distributions, which limits what P(up) can show.
    base_rate : share of the ticker's past spans of 1, 2, ... sessions over which its total return
        was above zero, up to `as_of`; each horizon's overlap.
    spans : how many those of one session are; those of h are h - 1 fewer.
    frame, baseline : the `forecast` contract at `LEVELS`, from the model and the random walk. A
        ticker too young for the random walk has its fallback in both.
    skill : out of sample, on this ticker if `skill_scope` is its symbol, else over all that the
        model learned from, whose scope that is; None if it was never measured.
    fallback : name of the simpler forecaster that made it in place of the model; empty if none.
    short_history : it did because the ticker has too few sessions for the model.
    averaged : it is the mean of what the model and the fallback say of the few sessions there are.
    note : why it did, one sentence; None if none did.
    warning : which version was to make it and why it cannot, see `core.registry.registry.Serving`;
        empty in the usual case.
    drivers : what makes its width, see `core.models.width_drivers`; None where the forecaster does
        not say.
    recalibrated : how many scores of live forecasts its width was corrected by; 0 if it was not.
    since : the first session that was read, where an unanswered step cuts off what came before;
        else None.
    """

    ticker: Ticker
    as_of: pd.Timestamp
    last_close: float
    source: str
    model: ModelVersion
    created_at: datetime
    location: Location
    base_rate: tuple[float, ...]
    spans: int
    frame: pd.DataFrame
    baseline: pd.DataFrame
    skill: Skill | None
    skill_scope: str
    fallback: str = ""
    short_history: bool = False
    averaged: bool = False
    note: Message | None = None
    warning: Message | None = None
    drivers: pd.DataFrame | None = None
    recalibrated: int = 0
    since: pd.Timestamp | None = None

    @property
    def step(self) -> Message | None:
        """Which bars an unanswered step leaves out, where few are left; None elsewhere."""
        return None if self.since is None or self.spans >= FEW else left_out(self.since)

    @property
    def remarks(self) -> str:
        """Everything that is to be said of who made it and from what; empty in the usual case."""
        return " ".join(str(one) for one in (self.warning, self.note, self.step) if one)

    def made_by(self) -> tuple[str, str]:
        """Name and version of the forecaster that made it; a fallback is never trained.

        Where both made it, the names of both and the version of the model.
        """
        if self.averaged:
            return f"mean of {self.model.name} and {self.fallback}", str(self.model.version)
        if self.fallback:
            return self.fallback, UNTRAINED
        return self.model.name, str(self.model.version)

    def distribution(self) -> Distribution:
        """The distribution of the log return at each horizon, in order."""
        returns = np.log(price_grid(self.frame) / self.last_close)
        return Distribution(returns, self.last_close)

    def claim(self, horizon: int) -> Message:
        """What may be claimed of its skill at a horizon, see `core.forecasts.claims`."""
        trained = self.model.card.knows(self.ticker.symbol, self.source)
        evaluated = self.model.card.evaluated_tickers
        return claim(self.skill, horizon, self.skill_scope, self.ticker.symbol, trained, evaluated)

    def to_dict(self, horizon: int = MAX_HORIZON) -> dict[str, Any]:
        """As JSON-able values: the object `/api/predict` answers with, up to a horizon."""
        distribution = self.distribution()
        up, beyond = distribution.probability_up(), distribution.probability_beyond(MOVE)
        name, version = self.made_by()
        names = [f"{level:.2f}" for level in LEVELS]
        digits = max(6, 8 - math.floor(math.log10(self.last_close)))
        predictions = [
            {
                "horizon": ahead,
                "target_session": session,
                "quantiles": _rounded(names, own, digits),
                "baseline_quantiles": _rounded(names, others, digits),
                "p_up": round(float(up[at]), 4),
                "base_rate_up": round(self.base_rate[at], 4),
                "p_beyond_5_percent": round(float(beyond[at]), 4),
            }
            for at, (ahead, session, own, others) in enumerate(
                zip(
                    self.frame["horizon"].to_numpy()[:: len(LEVELS)].tolist(),
                    target_sessions(self.frame),
                    price_grid(self.frame).tolist(),
                    price_grid(self.baseline).tolist(),
                    strict=True,
                )
            )
        ][:horizon]
        skill = skill_to_dict(self.skill, self.skill_scope)
        if skill is not None:
            skill |= {"horizon": predictions[-1]["horizon"]}
            skill |= {"sentence": str(self.claim(skill["horizon"]))}
        return {
            "ticker": self.ticker.symbol,
            "as_of": f"{self.as_of:%Y-%m-%d}",
            "last_close": self.last_close,
            "currency": self.ticker.currency,
            "source": self.source,
            "model": {"name": name, "version": version},
            "note": self.remarks or None,
            "since": None if self.since is None else f"{self.since:%Y-%m-%d}",
            "recalibrated": self.recalibrated,
            "location": self.location.value,
            "predictions": predictions,
            "skill": skill,
        }


def skill_to_dict(skill: Skill | None, scope: str) -> dict[str, Any] | None:
    """Skill as JSON-able values, with what it was measured on; None stays None."""
    if skill is None:
        return None
    found = skill.to_dict()
    for one, judged in zip(skill.horizons, found["horizons"], strict=True):
        judged |= _verdict(one)
    horizons = found["horizons"] or None
    return {**found, **_verdict(skill), "scope": scope, "horizons": horizons}


def _verdict(skill: Skill | HorizonSkill) -> dict[str, Any]:
    return {"verdict": skill.verdict, "worse_than": list(skill.worse_than)}


def _rounded(names: list[str], prices: list[float], digits: int) -> dict[str, float]:
    """Six decimals, so that rounding to cents gives what the page shows; more for tiny prices."""
    return {name: round(price, digits) for name, price in zip(names, prices, strict=True)}


def target_sessions(frame: pd.DataFrame) -> list[str]:
    """The target of each horizon of one `forecast` frame at `LEVELS`, "2024-06-28"."""
    targets = frame["target_session"].to_numpy()[:: len(LEVELS)].astype("datetime64[D]")
    return [str(one) for one in np.datetime_as_string(targets)]


def price_grid(frame: pd.DataFrame) -> np.ndarray:
    """Prices of one `forecast` frame at `LEVELS`, float64 (horizons, levels)."""
    grid: np.ndarray = frame["price"].to_numpy(np.float64).reshape(-1, len(LEVELS))
    return grid


def prices_by_horizon(frame: pd.DataFrame) -> pd.DataFrame:
    """Prices of one `forecast` frame, which has every level at every horizon, as (horizon x
    quantile)."""
    ahead, levels, prices = (frame[name].to_numpy() for name in ("horizon", "quantile", "price"))
    order = np.lexsort((levels, ahead))  # a tenth of the time that a pivot takes
    count = len(np.unique(levels))
    return pd.DataFrame(
        prices[order].reshape(-1, count),
        index=pd.Index(ahead[order][::count], name="horizon"),
        columns=pd.Index(levels[order][:count], name="quantile"),
    )
