"""A registered model, and what makes the forecasts: it, or another in its place."""

from dataclasses import dataclass
from datetime import datetime

from core.models import Forecaster
from core.registry.model_card import ModelCard


@dataclass(frozen=True)
class ModelVersion:
    """One registered training; `version` counts up from 1."""

    version: int
    name: str
    sha256: str
    created_at: datetime
    card: ModelCard


@dataclass(frozen=True)
class Serving:
    """What serves: the champion, an earlier one where it cannot, or no version at all.

    `ticker` is whose specialist it is, empty for the forecaster of all; while the specialist
    cannot serve, the forecaster of all does. `broken` is the version that cannot serve, None in
    the usual case; `why` says what is wrong with it, in one sentence. `gone_back_from` says that
    what serves was champion once and was gone back from, so that only want of another brings it
    back. `forecaster` is None where no version can serve: then the fallback forecaster makes the
    forecasts, and `model` is the version that was to.
    """

    model: ModelVersion
    forecaster: Forecaster | None
    ticker: str = ""
    broken: ModelVersion | None = None
    why: str = ""
    rolled_back: bool = False

    @property
    def specialist(self) -> bool:
        """Whether a ticker's own forecaster serves."""
        return bool(self.ticker) and self.broken is None

    @property
    def fallback(self) -> bool:
        """Whether no version can serve."""
        return self.forecaster is None

    @property
    def warning(self) -> str:
        """What people are to be told, one or two sentences; empty in the usual case."""
        if self.broken is None:
            return ""
        broken, now = f"Version {self.broken.version}", f"version {self.model.version}"
        if self.fallback:
            return (
                f"{broken} cannot serve, nor can any version before it, so the fallback "
                f"forecaster, which is not trained, makes the forecasts. {self.why}"
            )
        if self.ticker:
            return (
                f"{broken}, the specialist of {self.ticker}, cannot serve, so {now}, which serves "
                f"all tickers, makes its forecasts. {self.why}"
            )
        which = "which served before"
        if self.rolled_back:
            which = "which was gone back from, for want of another"
        return f"{broken} cannot serve, so {now}, {which}, makes the forecasts. {self.why}"
