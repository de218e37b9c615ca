"""Whether a decision of the gate still holds: it does while the version it names serves."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.foundation.messages import Message
from core.registry.gate import ChallengeKind, GateVerdict
from core.registry.gate_log import GateDecision

_OTHER = Message("gate.lapsed-other-specialist", "It was said when another specialist served.")


@dataclass(frozen=True)
class Incumbents:
    """Whom a challenger would replace now.

    Parameters
    ----------
    general : the version that makes the forecasts of all tickers.
    specialist : the one that forecasts the challenger's only ticker; None where `general` does,
        and for a challenger of all.
    same_recipe : whether the challenger is the recipe of that specialist.
    """

    general: int
    specialist: int | None = None
    same_recipe: bool = False

    @property
    def serving(self) -> tuple[int, ...]:
        """All of them, the specialist first."""
        return tuple(one for one in (self.specialist, self.general) if one is not None)


def lapsed(decisions: Sequence[GateDecision], incumbents: Incumbents) -> Message | None:
    """Why the decision on a challenger does not hold now; None if it does.

    A challenger of one ticker is compared with the champion of all. If it is better, it is compared
    with the specialist that serves the ticker too, unless that is of its own recipe.

    Parameters
    ----------
    decisions : on the challenger, newest first.
    """
    if not decisions:
        return Message("gate.never-asked", "The gate was never asked about it.")
    last = decisions[0]
    if last.champion not in incumbents.serving:
        return gone(last.champion)
    kind = ChallengeKind.REFRESH if incumbents.same_recipe else ChallengeKind.CHANGE
    if last.decision.ticker and last.decision.kind != kind:
        return _OTHER
    if last.champion == incumbents.general:
        beaten = last.decision.verdict == GateVerdict.PROMOTE
        return _OTHER if beaten and incumbents.specialist and not incumbents.same_recipe else None
    before = decisions[1].champion if len(decisions) > 1 else incumbents.general
    return None if before == incumbents.general else gone(before)


def gone(version: int) -> Message:
    """What is said of a decision that names a version which serves no longer."""
    return Message(
        "gate.lapsed-gone",
        "It was said of version {version}, which no longer serves.",
        {"version": version},
    )
