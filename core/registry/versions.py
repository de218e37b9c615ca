"""A registered model, and what makes the forecasts: it, or another in its place."""

from dataclasses import dataclass
from datetime import datetime

from core.models import Forecaster
from core.registry.cards import ModelCard


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
    """What serves: the champion, or an earlier one while the champion's file is of no use.

    `ticker` is whose specialist it is, empty for the forecaster of all; while the specialist's
    file is of no use, the forecaster of all serves. `broken` is the version that cannot serve,
    None in the usual case; `why` says what is wrong with it, in one sentence. `gone_back_from`
    says that what serves was champion once and was gone back from, so that only want of another
    brings it back.
    """

    model: ModelVersion
    forecaster: Forecaster
    ticker: str = ""
    broken: ModelVersion | None = None
    why: str = ""
    gone_back_from: bool = False

    @property
    def specialist(self) -> bool:
        """Whether a ticker's own forecaster serves."""
        return bool(self.ticker) and self.broken is None

    @property
    def warning(self) -> str:
        """What people are to be told, one or two sentences; empty in the usual case."""
        if self.broken is None:
            return ""
        broken, now = f"Version {self.broken.version}", f"version {self.model.version}"
        if self.ticker:
            return (
                f"{broken}, the specialist of {self.ticker}, cannot serve, so {now}, which serves "
                f"all tickers, makes its forecasts. {self.why}"
            )
        which = "which served before"
        if self.gone_back_from:
            which = "which was gone back from, for want of another"
        return f"{broken} cannot serve, so {now}, {which}, makes the forecasts. {self.why}"
