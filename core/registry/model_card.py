"""The card of a model version: how it was trained, and how good it was out of sample."""

from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any, Self

from core.evaluation.metrics.skill import Skill
from core.foundation.stored_names import StoredNames
from core.foundation.stored_numbers import number, optional
from core.reference.bar_sources import is_sample
from core.reference.renames import Renames
from core.reference.windows import parse_window

_SAMPLE_TICKERS = {"AAPL", "FB", "GOOG", "IBM", "MSFT", "9999.TW"}
_SAMPLE_ENDS = date(2014, 1, 1)
_NAMES = StoredNames(actor="who")


class LearnedBeyond(StrEnum):
    """What a version learned from that another did not."""

    NEWER_BARS = "newer bars"
    MORE_TICKERS = "more tickers"
    OTHER_BARS = "other bars"  # corrected ones, or fewer


@dataclass(frozen=True)
class ModelCard:
    """Lineage and measured skill of one training.

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
    actor, reason : who asked for the training, and why; empty for versions older than that.
    run : id of the flow run that trained it; empty outside a flow.
    sample : it learned from sample bars alone.
    sample_tickers : those of `tickers` whose bars were sample ones; None for versions older than
        this field.
    commit : of the program that trained it, see `core.foundation.source_commit`; empty if unknown.
    memory_mb : the most memory the process that trained it had held by then; None if unknown.
    evaluated_tickers : on which skill was measured, see
        `core.evaluation.walk_forward.evaluated_tickers`; None if on all of `tickers`.
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
    actor: str = ""
    reason: str = ""
    run: str = ""
    sample: bool = False
    sample_tickers: tuple[str, ...] | None = None
    commit: str = ""
    memory_mb: float | None = None
    evaluated_tickers: tuple[str, ...] | None = None

    @property
    def only_ticker(self) -> str:
        """The ticker it was asked to learn from alone; empty if from several."""
        return self.scope if self.tickers == (self.scope,) else ""

    def knows(self, ticker: str, source: str) -> bool:
        """Whether it learned from this ticker's bars; the sample's AAPL is not one's own AAPL."""
        if ticker not in self.tickers:
            return False
        if self.sample or self.sample_tickers is None:
            return is_sample(source) or not self.sample
        return (ticker in self.sample_tickers) == is_sample(source)

    def renamed(self, renames: Renames) -> Self:
        """The card with the symbols that its tickers have now."""
        if not renames.pairs:
            return self
        sample, evaluated = self.sample_tickers, self.evaluated_tickers
        return replace(
            self,
            tickers=_now(self.tickers, renames),
            scope=renames.now(self.scope),
            sample_tickers=None if sample is None else _now(sample, renames),
            skill_by_ticker=renames.by_present_symbol(self.skill_by_ticker),
            evaluated_tickers=None if evaluated is None else _now(evaluated, renames),
        )

    def learned_beyond(self, other: "ModelCard") -> LearnedBeyond | None:
        """What this version learned from that another did not; None if from the very same bars.

        Returns
        -------
        `NEWER_BARS` if its last session is later, else `MORE_TICKERS` if it learned from all of
        the other's and from further ones, else `OTHER_BARS`.
        """
        if self.data_hash == other.data_hash:
            return None
        own, theirs = parse_window(self.window), parse_window(other.window)
        if own is not None and (theirs is None or own[1] > theirs[1]):
            return LearnedBeyond.NEWER_BARS
        more = set(self.tickers) > set(other.tickers)
        return LearnedBeyond.MORE_TICKERS if more else LearnedBeyond.OTHER_BARS

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values; without `evaluated_tickers` where those are all, as ever."""
        values = _NAMES.stored(asdict(self))
        if self.evaluated_tickers is None:
            del values["evaluated_tickers"]
        return values

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Back from `to_dict`."""
        if "sample" not in values:  # as in the first versions
            values = {**values, "sample": _looks_like_the_sample(values)}
        overall, from_sample = values["skill"], values.get("sample_tickers")
        evaluated = values.get("evaluated_tickers")
        return cls(
            **{
                **_NAMES.own(values),
                "tickers": tuple(values["tickers"]),
                "seconds": number(values["seconds"]),
                "memory_mb": optional(values.get("memory_mb")),
                "sample_tickers": None if from_sample is None else tuple(from_sample),
                "evaluated_tickers": None if evaluated is None else tuple(evaluated),
                "skill": Skill.from_dict(overall) if overall else None,
                "skill_by_ticker": {
                    ticker: Skill.from_dict(one)
                    for ticker, one in values["skill_by_ticker"].items()
                },
            }
        )


def _now(tickers: tuple[str, ...], renames: Renames) -> tuple[str, ...]:
    return tuple(sorted({renames.now(one) for one in tickers}))


def _looks_like_the_sample(values: dict[str, Any]) -> bool:
    window = parse_window(values["window"])
    is_old = window is None or window[1] < _SAMPLE_ENDS
    return is_old and set(values["tickers"]) <= _SAMPLE_TICKERS
