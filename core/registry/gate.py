"""The gate: whether a challenger may take the champion's place, and why."""

from dataclasses import asdict, dataclass, fields
from enum import StrEnum
from typing import Any, Self

import numpy as np
import pandas as pd

from core.evaluation.metrics.skill import KEY, Band, Skill, relative_loss_reduction, stored_band
from core.foundation.errors import NotEnoughHistoryError
from core.foundation.messages import Message
from core.foundation.stored_names import StoredNames
from core.reference.windows import window_text
from core.registry.model_card import LearnedBeyond

# Each bound is wrong once in forty, so that of equals fewer than one in twenty gets past it.
_TAIL = 0.025
MARGIN = 0.03  # of the loss: how much worse a refresh might at most be
_MIN_BLOCKS = 6.0
_COVERAGE = {"inside_80": 0.80, "inside_90": 0.90}
_SLACK = 0.02  # by how much further from its promise a coverage may be than the champion's
_NAMES = StoredNames(verdict="answer", loss_reduction="saved")
_TOO_LITTLE = Message(
    "gate.too-little-history", "There is too little history to score both out of sample."
)
_NEVER_TOGETHER = Message("gate.never-together", "The two were never scored on the same forecasts.")
_NO_NUMBER = Message("gate.no-number", "A loss of the challenger or the champion is no number.")
_INSIDE = Message(
    "gate.scored-inside", "The challenger was scored on sessions that it had learned from."
)


_LEARNED = {
    LearnedBeyond.NEWER_BARS: Message(
        "gate.learned-newer-bars",
        "The champion's own recipe: it loses the same, and learned from newer bars.",
    ),
    LearnedBeyond.MORE_TICKERS: Message(
        "gate.learned-more-tickers",
        "The champion's own recipe: it loses the same, and learned from more tickers.",
    ),
    LearnedBeyond.OTHER_BARS: Message(
        "gate.learned-other-bars",
        "The champion's own recipe: it loses the same, and learned from other bars.",
    ),
}


class GateVerdict(StrEnum):
    """What is to become of a challenger."""

    PROMOTE = "promote"
    KEEP = "keep"  # the champion stays, for want of proof
    REJECT = "reject"


class ChallengeKind(StrEnum):
    """How a challenger differs from the champion."""

    REFRESH = "refresh"  # the champion's recipe on other bars
    CHANGE = "change"  # any other


@dataclass(frozen=True)
class Evidence:
    """What the gate decides on: a challenger and the champion.

    Parameters
    ----------
    challenger, champion : walk-forward scores of the two recipes from the same bars and origins,
        as `core.evaluation.walk_forward.backtest` gives them; None where there was too little
        history.
    fault : what a check of the challenger found (lookahead, or forecasts that are no
        distributions), one sentence; None if it found nothing.
    narrow : which of the champion's tickers it does not know, one sentence; None if it knows all.
    learned : what it learned from that the version in whose place it would serve did not, see
        `core.registry.model_card.ModelCard.learned_beyond`; None if from the very same bars.
    corrupt : whether the file of that version is corrupt, so that an equal one may replace it.
    """

    kind: ChallengeKind
    challenger: pd.DataFrame | None
    champion: pd.DataFrame | None
    fault: Message | None = None
    narrow: Message | None = None
    learned: LearnedBeyond | None = LearnedBeyond.OTHER_BARS
    corrupt: bool = False


@dataclass(frozen=True)
class Decision:
    """The decision of the gate.

    Parameters
    ----------
    kind : of the evidence.
    reasons : sentences, the deciding one first.
    loss_reduction : share of the champion's pinball loss that the challenger saves, with its 95 %
        band; None where it cannot be said.
    n, tickers, dates, window : (ticker, as_of) pairs both were scored on, how many tickers and
        as_of, and the first and last of these, "YYYY-MM-DD..YYYY-MM-DD"; 0 and "" without scores.
    ticker : whose specialist it is about; empty for a forecaster of all.
    bars_until : last session of the bars it was asked on, "YYYY-MM-DD"; empty if unknown.
    challenger_skill, champion_skill : over all horizons, both of the same forecasts; None where
        unknown.
    """

    kind: ChallengeKind
    verdict: GateVerdict
    reasons: tuple[Message, ...]
    loss_reduction: Band | None = None
    n: int = 0
    tickers: int = 0
    dates: int = 0
    window: str = ""
    ticker: str = ""
    bars_until: str = ""
    challenger_skill: Skill | None = None
    champion_skill: Skill | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        skills = {name: None if one is None else one.to_dict() for name, one in self._skills()}
        values = _NAMES.stored({one.name: getattr(self, one.name) for one in fields(self)})
        band = None if self.loss_reduction is None else asdict(self.loss_reduction)
        reasons = [one.to_dict() for one in self.reasons]
        return {**values, "reasons": reasons, "saved": band, **skills}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Back from `to_dict`."""
        parsed = {
            "reasons": tuple(Message.from_stored(one) for one in values["reasons"]),
            "loss_reduction": stored_band(values["saved"]),
        }
        skills = {
            name: Skill.from_dict(values[name]) if values.get(name) else None
            for name in ("challenger_skill", "champion_skill")
        }
        words = {
            "kind": ChallengeKind(values["kind"]),
            "verdict": GateVerdict(values["answer"]),
        }
        return cls(**{**_NAMES.own(values), **words, **parsed, **skills})

    def _skills(self) -> tuple[tuple[str, Skill | None], ...]:
        return (
            ("challenger_skill", self.challenger_skill),
            ("champion_skill", self.champion_skill),
        )


def decide(evidence: Evidence) -> Decision:
    """Promote, keep or reject.

    A refresh has to be no worse than the champion by `MARGIN`, so that a model does not grow old
    while nothing can be shown; a change has to be better. Both have to cover about as well, on
    enough dates, and to know the tickers that the champion knows.

    Notes
    -----
    Losses are paired: the same ticker, as_of and horizon. The bound is that of
    `core.evaluation.metrics.skill.relative_loss_reduction`, a block bootstrap over dates, on the
    side that matters.
    """
    if evidence.fault:
        return Decision(evidence.kind, GateVerdict.REJECT, (evidence.fault,))
    if evidence.challenger is None or evidence.champion is None:
        return _keep(evidence.kind, _TOO_LITTLE)
    paired = _paired(evidence.challenger, evidence.champion)
    facts = _facts(paired)
    if paired.empty:
        return _keep(evidence.kind, _NEVER_TOGETHER)
    if not np.isfinite(paired[["pinball", "baseline_pinball"]].to_numpy()).all():
        return Decision(evidence.kind, GateVerdict.REJECT, (_NO_NUMBER,), **facts)
    if not (paired["until"] < paired["as_of"]).all():
        return Decision(evidence.kind, GateVerdict.REJECT, (_INSIDE,), **facts)
    try:
        band = relative_loss_reduction(paired, _TAIL, _MIN_BLOCKS)
    except NotEnoughHistoryError as error:
        few = Message(
            "gate.too-few-dates", "Too few dates to judge: {reason}", {"reason": error.sentence}
        )
        return _keep(evidence.kind, few, **facts)
    verdict, reason = _verdict(evidence, band)
    against = tuple(one for one in (evidence.narrow, _uncovered(paired)) if one is not None)
    if verdict == GateVerdict.PROMOTE and against:
        return Decision(evidence.kind, GateVerdict.KEEP, (*against, reason), band, **facts)
    return Decision(evidence.kind, verdict, (reason, *against), band, **facts)


def _verdict(evidence: Evidence, band: Band) -> tuple[GateVerdict, Message]:
    same = band.low == band.high == 0.0
    saves = _saves(band)
    if band.high < 0 and not (evidence.kind == ChallengeKind.REFRESH and band.low > -MARGIN):
        return GateVerdict.REJECT, Message(
            "gate.saves-less",
            "It saves {saved:+.1f} % of what the champion's recipe loses on the same forecasts "
            "(95 % band {low:+.1f} % to {high:+.1f} %): worse than the champion.",
            saves,
        )
    if evidence.kind == ChallengeKind.REFRESH:
        return _refreshed(evidence, band, same)
    if band.low > 0:
        return GateVerdict.PROMOTE, Message(
            "gate.saves-more",
            "It saves {saved:+.1f} % of what the champion's recipe loses on the same forecasts "
            "(95 % band {low:+.1f} % to {high:+.1f} %): better than the champion.",
            saves,
        )
    if same:
        return GateVerdict.KEEP, Message(
            "gate.no-better",
            "It loses the same as the champion's recipe from the same bars: no better.",
        )
    return GateVerdict.KEEP, Message(
        "gate.saves-perhaps",
        "It saves {saved:+.1f} % of what the champion's recipe loses on the same forecasts "
        "(95 % band {low:+.1f} % to {high:+.1f} %): not shown to be better than the champion.",
        saves,
    )


def _refreshed(evidence: Evidence, band: Band, same: bool) -> tuple[GateVerdict, Message]:
    """What is said of the champion's own recipe where it is not worse."""
    if band.low > -MARGIN and not (evidence.learned or evidence.corrupt):
        return GateVerdict.KEEP, Message(
            "gate.nothing-changes",
            "The recipe that serves, from the same bars: nothing would change.",
        )
    if same and evidence.learned:
        return GateVerdict.PROMOTE, _LEARNED[evidence.learned]
    if same:
        return GateVerdict.PROMOTE, Message(
            "gate.repairs",
            "The champion's own recipe: it loses the same, and its file is intact.",
        )
    values = {**_saves(band), "margin": 100 * MARGIN}
    if band.low > -MARGIN:
        return GateVerdict.PROMOTE, Message(
            "gate.saves-enough",
            "It saves {saved:+.1f} % of what the champion's recipe loses on the same forecasts "
            "(95 % band {low:+.1f} % to {high:+.1f} %): no worse than the champion by "
            "{margin:.0f} %.",
            values,
        )
    return GateVerdict.KEEP, Message(
        "gate.saves-too-little",
        "It saves {saved:+.1f} % of what the champion's recipe loses on the same forecasts "
        "(95 % band {low:+.1f} % to {high:+.1f} %): it may be worse than the champion by "
        "{margin:.0f} % or more.",
        values,
    )


def _saves(band: Band) -> dict[str, float]:
    """The relative loss reduction and its band, in percent."""
    return {"saved": 100 * band.value, "low": 100 * band.low, "high": 100 * band.high}


def _paired(challenger: pd.DataFrame, champion: pd.DataFrame) -> pd.DataFrame:
    """The challenger's rows with the champion's loss as the baseline's, and its coverages."""
    wanted = [*KEY, "pinball", *(name for name in _COVERAGE if name in champion)]
    incumbent = champion[wanted].rename(columns={name: f"champion_{name}" for name in _COVERAGE})
    incumbent = incumbent.rename(columns={"pinball": "baseline_pinball"})
    own = challenger.drop(columns="baseline_pinball", errors="ignore")
    return own.merge(incumbent, on=KEY, validate="one_to_one")


def _facts(paired: pd.DataFrame) -> dict[str, Any]:
    if paired.empty:
        return {}
    first, last = paired["as_of"].min(), paired["as_of"].max()
    return {
        "n": int((~paired.duplicated(["ticker", "as_of"])).sum()),
        "tickers": int(paired["ticker"].nunique()),
        "dates": int(paired["as_of"].nunique()),
        "window": window_text(first, last),
    }


def _uncovered(paired: pd.DataFrame) -> Message | None:
    """Which interval holds worse what it promises than the champion's; None if none does."""
    for name, promised in _COVERAGE.items():
        if name not in paired or f"champion_{name}" not in paired:
            continue
        own, incumbent = float(paired[name].mean()), float(paired[f"champion_{name}"].mean())
        if abs(own - promised) > abs(incumbent - promised) + _SLACK:
            return Message(
                "gate.covers-worse",
                "Its {promised:.0f} % interval held {own:.1f} % of the actuals, the champion's "
                "{incumbent:.1f} %: too much further from its promise.",
                {"promised": 100 * promised, "own": 100 * own, "incumbent": 100 * incumbent},
            )
    return None


def _keep(kind: ChallengeKind, reason: Message, **facts: Any) -> Decision:
    return Decision(kind, GateVerdict.KEEP, (reason,), **facts)
