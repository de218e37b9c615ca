"""What a run of forecasts gave, told in one answer."""

from dataclasses import dataclass, field
from typing import Any

from core.forecasts.forecast import Forecast
from core.forecasts.ledger.draft import Draft
from core.forecasts.ledger.ledger import Written
from core.foundation.errors import TickerLensError
from core.foundation.messages import Message
from core.foundation.progress import WorkStatus
from core.reference.tickers import Ticker


@dataclass(frozen=True)
class MadeForecast:
    """One forecast, as it is written down and told.

    Parameters
    ----------
    short_history : a fallback had a part in it because the ticker is young.
    remarks : what is to be said of who made it.
    as_json : it as `Forecast.to_dict` gives it; None where it is not wanted.
    """

    draft: Draft
    short_history: bool
    remarks: str
    as_json: dict[str, Any] | None

    @classmethod
    def of(cls, forecast: Forecast, horizon: int) -> "MadeForecast":
        """What is to be passed on of a forecast; told up to a horizon, 0 for not at all."""
        as_json = forecast.to_dict(horizon) if horizon else None
        return cls(Draft.of(forecast), forecast.short_history, forecast.remarks, as_json)


@dataclass
class ForecastSummary:
    """What was made so far."""

    made: int = 0
    already: int = 0
    new: int = 0
    late: dict[str, Message] = field(default_factory=dict)
    untimely: dict[str, Message] = field(default_factory=dict)
    failed: dict[Ticker, TickerLensError] = field(default_factory=dict)
    short_history: list[str] = field(default_factory=list)
    fallback: list[str] = field(default_factory=list)
    forecasts: list[dict[str, Any]] = field(default_factory=list)
    reason: Message | str = ""
    recorded: bool = False

    @property
    def count(self) -> int:
        """Tickers that are done."""
        return self.made + self.already + len(self.failed)

    def add(self, made: list[MadeForecast], written: Written) -> None:
        """Note what a shard gave, and which of it the ledger has."""
        self.made += len(made)
        self.new += written.new
        self.late |= written.late
        self.untimely |= written.untimely
        refused = {**written.late, **written.untimely}
        refused |= {one.symbol: about(one, error.sentence) for one, error in self.failed.items()}
        for one in made:
            symbol, draft = one.draft.ticker.symbol, one.draft
            if draft.fallback:
                (self.short_history if one.short_history else self.fallback).append(symbol)
            # Of the sample, the ledger keeps none of a fallback.
            meant = not (draft.sample and draft.fallback)
            self.recorded |= meant and symbol not in refused
            self.reason = self.reason or refused.get(symbol) or one.remarks
            if one.as_json is not None:
                self.forecasts.append(one.as_json)

    def to_dict(self) -> dict[str, Any]:
        """As `forecast` gives it, and raises."""
        if self.failed and not self.made and not self.already:
            raise next(iter(self.failed.values()))
        refused = self.failed or self.late or self.untimely
        return {
            "status": WorkStatus.PARTIAL if refused else WorkStatus.OK,
            "made": self.made,
            "already": self.already,
            "new_in_ledger": self.new,
            "late": self.late,
            "untimely": self.untimely,
            "short_history": self.short_history,
            "fallback": self.fallback,
            "forecasts": self.forecasts,
            "failed": {str(one): about(one, each.sentence) for one, each in self.failed.items()},
            "not_recorded": None if self.recorded or self.already else self._not_recorded(),
        }

    def _not_recorded(self) -> Message | None:
        if not self.made:
            return None
        reason = {"reason": self.reason}
        if self.made == 1:
            return Message(
                "forecast.unrecorded", "No forecast came into the ledger: {reason}", reason
            )
        return Message(
            "forecast.several-unrecorded",
            "No forecast came into the ledger: {reason} So it was with {count} more.",
            {**reason, "count": self.made - 1},
        )


def about(ticker: Ticker, sentence: Message) -> Message:
    """The sentence, led by the ticker unless it is one of its words already."""
    words = {word.strip(".,:;()\"'") for word in str(sentence).split()}
    if str(ticker) in words:
        return sentence
    return Message(
        "ticker.sentence", "{ticker}: {sentence}", {"ticker": ticker, "sentence": sentence}
    )
