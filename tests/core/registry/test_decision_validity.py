"""Whether a decision of the gate holds: only while the versions it was made against serve."""

import pytest

from core.foundation.messages import Message
from core.registry.decision_validity import Incumbents, lapsed
from core.registry.gate import ChallengeKind, Decision, GateVerdict
from core.registry.gate_log import GateDecision
from tests.support.homes import AT

OTHER = "It was said when another specialist served."


def decided(
    champion: int,
    response: GateVerdict = GateVerdict.PROMOTE,
    kind: ChallengeKind = ChallengeKind.CHANGE,
    ticker: str = "",
) -> GateDecision:
    return GateDecision(
        1,
        AT,
        9,
        champion,
        Decision(kind, response, (Message.from_stored("Because."),), ticker=ticker),
    )


def own(
    champion: int,
    response: GateVerdict = GateVerdict.PROMOTE,
    kind: ChallengeKind = ChallengeKind.CHANGE,
) -> GateDecision:
    return decided(champion, response, kind, "T0")


def test_what_was_never_asked_does_not_hold() -> None:
    assert str(lapsed([], Incumbents(1))) == "The gate was never asked about it."


@pytest.mark.parametrize("response", [GateVerdict.PROMOTE, GateVerdict.KEEP])
@pytest.mark.parametrize("kind", [ChallengeKind.REFRESH, ChallengeKind.CHANGE])
def test_one_of_all_holds_while_its_rival_serves(response: str, kind: str) -> None:
    assert lapsed([decided(3, response, kind)], Incumbents(3)) is None
    gone = "It was said of version 3, which no longer serves."
    assert str(lapsed([decided(3, response, kind)], Incumbents(4))) == gone
    twice = [decided(4, response, kind), decided(3, response, kind)]
    assert str(lapsed(twice, Incumbents(3))).startswith("It was said of version 4,")


@pytest.mark.parametrize(
    ("decisions", "incumbents", "reason"),
    [
        ([own(1)], Incumbents(1), ""),
        ([own(1)], Incumbents(2), "It was said of version 1, which no longer serves."),
        (
            [own(1, GateVerdict.KEEP)],
            Incumbents(1, 5),
            "",
        ),  # not better than that of all: no need to ask further
        (
            [own(1, GateVerdict.PROMOTE)],
            Incumbents(1, 5),
            OTHER,
        ),  # never compared with the specialist
        ([own(5), own(1)], Incumbents(1, 5), ""),
        ([own(5), own(1)], Incumbents(2, 5), "It was said of version 1, which no longer serves."),
        ([own(5), own(1)], Incumbents(1, 6), "It was said of version 5, which no longer serves."),
        ([own(5), own(1)], Incumbents(1), "It was said of version 5, which no longer serves."),
        ([own(1, GateVerdict.PROMOTE, ChallengeKind.REFRESH)], Incumbents(1, 5, True), ""),
        ([own(1, GateVerdict.PROMOTE, ChallengeKind.REFRESH)], Incumbents(1, 5), OTHER),
        (
            [own(1, GateVerdict.PROMOTE, ChallengeKind.REFRESH)],
            Incumbents(1),
            OTHER,
        ),  # no worse is not better
        ([own(1, GateVerdict.PROMOTE, ChallengeKind.CHANGE)], Incumbents(1, 5, True), OTHER),
    ],
)
def test_one_of_a_ticker_has_two_incumbents(
    decisions: list[GateDecision], incumbents: Incumbents, reason: str
) -> None:
    assert str(lapsed(decisions, incumbents) or "") == reason
