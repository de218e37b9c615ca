"""What is known of a model version beside its numbers: how it was made and how good it was."""

from dataclasses import asdict, dataclass
from typing import Any, Self

from core.models.skill import Band, Skill


@dataclass(frozen=True)
class ModelCard:
    """Lineage and proof of one training.

    Parameters
    ----------
    params : the forecaster's own.
    tickers : what it was trained on.
    window : first and last session of the training bars, "YYYY-MM-DD..YYYY-MM-DD".
    bars : rows of the training bars.
    data_hash : sha256 of the training bars' values.
    spec_hash : digest of the feature spec, twelve hex characters.
    skill : out of sample by walk-forward, over all real tickers; None where history was too short.
    skill_by_ticker : the same for each ticker that could be scored.
    seconds : how long fitting and walk-forward took together.
    scope : which tickers were learned from: "all", a market such as "tw", or one ticker.
    who, reason : who asked for the training, and why; empty for versions older than these fields.
    run : id of the flow run that trained it; empty outside a flow.
    sample : it learned from sample bars alone.
    commit : of the program that trained it, see `core.commit`; empty if unknown.
    memory_mb : the most memory the process that trained it had held by then; None if unknown.
    """

    params: dict[str, float | int | str]
    tickers: tuple[str, ...]
    window: str
    bars: int
    data_hash: str
    spec_hash: str
    skill: Skill | None
    skill_by_ticker: dict[str, Skill]
    seconds: float
    scope: str = "all"
    who: str = ""
    reason: str = ""
    run: str = ""
    sample: bool = False
    commit: str = ""
    memory_mb: float | None = None

    @property
    def only_ticker(self) -> str:
        """The ticker it was asked to learn from alone; empty if from several."""
        return self.scope if self.tickers == (self.scope,) else ""

    def knows(self, ticker: str, source: str) -> bool:
        """Whether it learned from this ticker's bars; the sample's AAPL is not one's own AAPL."""
        return ticker in self.tickers and (source == "sample" or not self.sample)

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Back from `to_dict`."""
        overall = values["skill"]
        return cls(
            **{
                **values,
                "tickers": tuple(values["tickers"]),
                "skill": _skill(overall) if overall else None,
                "skill_by_ticker": {
                    ticker: _skill(one) for ticker, one in values["skill_by_ticker"].items()
                },
            }
        )


def _skill(values: dict[str, Any]) -> Skill:
    constant = values["against_constant"]
    return Skill(**{**values, "against_constant": Band(**constant) if constant else None})
