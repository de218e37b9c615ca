"""A registered model, and what makes the forecasts: it, or another in its place."""

from dataclasses import dataclass
from datetime import datetime

from core.foundation.messages import Message
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
    cannot serve, the forecaster of all does. `failed` is the version that cannot serve, None in
    the usual case; `reason` says what is wrong with it, in one sentence. `rolled_back` says that
    what serves was champion once and was rolled back, and serves for want of another. `forecaster`
    is None where no version can serve: then the fallback forecaster makes the forecasts, and
    `model` is the version that was to.
    """

    model: ModelVersion
    forecaster: Forecaster | None
    ticker: str = ""
    failed: ModelVersion | None = None
    reason: Message | None = None
    rolled_back: bool = False

    @property
    def specialist(self) -> bool:
        """Whether a ticker's own forecaster serves."""
        return bool(self.ticker) and self.failed is None

    @property
    def fallback(self) -> bool:
        """Whether no version can serve."""
        return self.forecaster is None

    @property
    def warning(self) -> Message | None:
        """What people are to be told, one or two sentences; None in the usual case."""
        if self.failed is None:
            return None
        values = {"version": self.failed.version, "reason": self.reason}
        if self.fallback:
            return Message(
                "serving.none",
                "Version {version} cannot serve, nor can any version before it, so the fallback "
                "forecaster, which is not trained, makes the forecasts. {reason}",
                values,
            )
        values["other"] = self.model.version
        if self.ticker:
            return Message(
                "serving.no-specialist",
                "Version {version}, the specialist of {ticker}, cannot serve, so version {other}, "
                "which serves all tickers, makes its forecasts. {reason}",
                {**values, "ticker": self.ticker},
            )
        if self.rolled_back:
            return Message(
                "serving.rolled-back",
                "Version {version} cannot serve, so version {other}, which was rolled back, "
                "for want of another, makes the forecasts. {reason}",
                values,
            )
        return Message(
            "serving.former",
            "Version {version} cannot serve, so version {other}, which served before, makes the "
            "forecasts. {reason}",
            values,
        )


def sample_only(version: int) -> Message:
    """Why a version does not forecast tickers of one's own."""
    return Message(
        "version.sample-only",
        "Version {version} learned from sample bars alone and forecasts no ticker of your own.",
        {"version": version},
    )
