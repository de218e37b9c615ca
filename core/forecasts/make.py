"""A forecast of one ticker from its last session, beside the baseline's."""

import math
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from core.errors import NotFoundError
from core.features.panel import Panel
from core.forecasts.stand_in import stand_in
from core.models import Forecaster, create
from core.models.distribution import Distribution
from core.models.drivers import drivers
from core.models.skill import Skill
from core.registry.registry import ModelVersion
from core.schema import HORIZONS, LEVELS, validate_horizon
from core.tickers import Ticker

BASELINE = "random_walk"
UNTRAINED = "untrained"


@dataclass(frozen=True)
class Forecast:
    """What is said of one (ticker, as_of).

    Parameters
    ----------
    last_close : raw close at `as_of`, in the ticker's currency; all prices are in its units.
    source : where the bars came from; "sample" is never to be shown without saying so.
    model : the version that was asked.
    frame, baseline : the `forecast` contract at `LEVELS`, from the model and the random walk. A
        ticker too young for the random walk has its stand-in in both.
    skill : out of sample, on this ticker if `skill_scope` is its symbol, else over all that the
        model learned from, whose scope that is; None if it was never measured.
    stand_in : name of the simpler forecaster that made it in place of the model; empty if none.
    note : why it did, one sentence; empty if none.
    warning : which version was to make it and why it cannot, see `core.registry.registry.Serving`;
        empty in the usual case.
    drivers : what makes its width, see `core.models.drivers`; None where the forecaster does not
        say.
    recalibrated : how many scores of live forecasts its width was corrected by; 0 if it was not.
    """

    ticker: Ticker
    as_of: pd.Timestamp
    last_close: float
    source: str
    model: ModelVersion
    created_at: datetime
    frame: pd.DataFrame
    baseline: pd.DataFrame
    skill: Skill | None
    skill_scope: str
    stand_in: str = ""
    note: str = ""
    warning: str = ""
    drivers: pd.DataFrame | None = None
    recalibrated: int = 0

    def made_by(self) -> tuple[str, str]:
        """Name and version of the forecaster that made it; a stand-in is never trained."""
        if self.stand_in:
            return self.stand_in, UNTRAINED
        return self.model.name, str(self.model.version)

    def distribution(self) -> Distribution:
        """The law of the log return at each horizon, in order."""
        prices = prices_by_horizon(self.frame).to_numpy()
        return Distribution(np.log(prices / self.last_close), self.last_close)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values: the object `/api/predict` answers with."""
        probability = self.distribution().probability_up()
        name, version = self.made_by()
        horizons = self.frame.groupby("horizon", sort=True)
        predictions = [
            {
                "horizon": int(str(horizon)),
                "target_session": f"{rows['target_session'].iloc[0]:%Y-%m-%d}",
                "quantiles": {
                    f"{level:.2f}": _rounded(price, self.last_close)
                    for level, price in zip(rows["quantile"], rows["price"], strict=True)
                },
                "p_up": round(float(up), 4),
            }
            for (horizon, rows), up in zip(horizons, probability, strict=True)
        ]
        return {
            "ticker": self.ticker.symbol,
            "as_of": f"{self.as_of:%Y-%m-%d}",
            "last_close": self.last_close,
            "currency": self.ticker.currency,
            "source": self.source,
            "model": {"name": name, "version": version},
            "note": " ".join(filter(None, [self.warning, self.note])) or None,
            "recalibrated": self.recalibrated,
            "predictions": predictions,
            "skill": skill_to_dict(self.skill, self.skill_scope),
        }


def skill_to_dict(skill: Skill | None, scope: str) -> dict[str, Any] | None:
    """Skill as JSON-able values, with what it was measured on; None stays None."""
    return None if skill is None else {**asdict(skill), "verdict": skill.verdict, "scope": scope}


def _rounded(price: float, close: float) -> float:
    """Six decimals, so that rounding to cents gives what the page shows; more for tiny prices."""
    return round(price, max(6, 8 - math.floor(math.log10(close))))


def prices_by_horizon(frame: pd.DataFrame) -> pd.DataFrame:
    """Prices of one `forecast` frame as (horizon x quantile)."""
    return frame.pivot(index="horizon", columns="quantile", values="price")


def make(
    forecaster: Forecaster,
    model: ModelVersion,
    bars: pd.DataFrame,
    ticker: Ticker,
    at: datetime,
    horizon: int = HORIZONS[-1],
) -> Forecast:
    """Forecast 1..horizon sessions after the ticker's last one.

    A ticker that has too few sessions for the forecaster gets a simpler one, which says so.

    Parameters
    ----------
    bars : the `bars` contract of the whole panel, raw; other tickers are its market. Rows after
        the ticker's last session are not looked at.
    at : when the forecast is made, an aware instant.

    Raises
    ------
    InvalidInputError : the horizon is not from 1 to 20.
    NotFoundError : the ticker has no bars.
    NotEnoughHistoryError : it has too few for any forecaster.
    """
    ahead = range(1, validate_horizon(horizon) + 1)
    own = bars[bars["ticker"] == ticker.symbol]
    if own.empty:
        raise NotFoundError(f"{ticker} has no stored bars yet.", "ticker")
    last = own.iloc[-1]
    as_of = pd.Timestamp(last["session"])
    chosen, note = stand_in(forecaster, ticker, len(own))
    rival, _ = stand_in(create(BASELINE), ticker, len(own))
    panel = Panel.of(bars)
    row = int(panel.first[panel.tickers.index(ticker.symbol) + 1]) - 1

    def stated(by: Forecaster) -> pd.DataFrame:
        frame = by.predict_panel(panel, [as_of], ahead, LEVELS, tickers=[ticker.symbol])
        return frame.assign(
            model_version=str(model.version) if by is forecaster else by.name,
            created_at=pd.Timestamp(at),
        )

    source = str(last["source"])
    learned = model.card.knows(ticker.symbol, source) and not note
    own_skill = model.card.skill_by_ticker.get(ticker.symbol) if learned else None
    return Forecast(
        ticker=ticker,
        as_of=as_of,
        last_close=float(last["close"]),
        source=source,
        model=model,
        created_at=at,
        frame=stated(chosen),
        baseline=stated(rival),
        skill=None if note else own_skill or model.card.skill,
        skill_scope=ticker.symbol if own_skill else model.card.scope,
        stand_in=chosen.name if note else "",
        note=note,
        drivers=drivers(chosen, panel, row),
    )
