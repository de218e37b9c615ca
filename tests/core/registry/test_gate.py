"""The gate: what each piece of evidence leads to, on made losses whose truth is known."""

import json
import re

import numpy as np
import pandas as pd
import pytest

from core.foundation.messages import Message
from core.registry.gate import ChallengeKind, Decision, Evidence, GateVerdict, decide
from core.registry.model_card import LearnedBeyond


def scores(
    better: float = 0.0, noise: float = 0.0, dates: int = 250, **columns: object
) -> pd.DataFrame:
    """Three tickers' losses about 1, smaller by a share, with noise of their own."""
    source = np.random.default_rng(5)
    sessions = pd.bdate_range("2023-01-02", periods=dates).as_unit("ns")
    keys = pd.MultiIndex.from_product([["A", "B", "C"], sessions, [1, 5, 20]])
    found = keys.to_frame(index=False, name=["ticker", "as_of", "horizon"])
    loss = source.uniform(0.5, 1.5, len(found))
    own = 1.0 + noise * np.random.default_rng(6).standard_normal(len(found))
    found["pinball"] = (1.0 - better) * loss * own
    found["until"] = found["as_of"] - pd.Timedelta(days=40)
    for name, share in (("inside_80", 0.8), ("inside_90", 0.9)):
        found[name] = (np.arange(len(found)) % 10 < 10 * share).astype(np.float64)
    return found.assign(**columns)


SEES = Message.from_stored("It sees the future.")
NARROW = Message.from_stored("It knows A alone.")


def verdict(kind: str, challenger: pd.DataFrame, champion: pd.DataFrame | None = None) -> Decision:
    return decide(Evidence(kind, challenger, scores() if champion is None else champion))


def test_a_change_that_is_better_is_promoted() -> None:
    found = verdict(ChallengeKind.CHANGE, scores(0.03, 0.1))
    assert (
        found.verdict == GateVerdict.PROMOTE
        and found.loss_reduction is not None
        and found.loss_reduction.low > 0
    )
    assert str(found.reasons[0]).endswith("better than the champion.")
    assert (found.n, found.tickers, found.dates) == (750, 3, 250)
    assert found.window == "2023-01-02..2023-12-15"


@pytest.mark.parametrize(
    ("kind", "expected"),
    [(ChallengeKind.CHANGE, GateVerdict.KEEP), (ChallengeKind.REFRESH, GateVerdict.PROMOTE)],
)
def test_equals_refresh_the_champion_but_do_not_change_it(
    kind: ChallengeKind, expected: str
) -> None:
    assert verdict(kind, scores(0.0, 0.1)).verdict == expected


def test_the_very_same_losses_refresh_but_do_not_change() -> None:
    assert verdict(ChallengeKind.REFRESH, scores()).verdict == GateVerdict.PROMOTE
    assert verdict(ChallengeKind.CHANGE, scores()).verdict == GateVerdict.KEEP


@pytest.mark.parametrize("learned", list(LearnedBeyond))
def test_a_refresh_that_loses_the_same_says_what_it_knows_more(learned: LearnedBeyond) -> None:
    found = decide(Evidence(ChallengeKind.REFRESH, scores(), scores(), learned=learned))
    assert found.verdict == GateVerdict.PROMOTE
    assert str(found.reasons[0]).endswith(f"it loses the same, and learned from {learned}.")


@pytest.mark.parametrize("damaged", [True, False])
def test_a_refresh_from_the_same_bars_is_of_use_only_where_the_file_is_not(damaged: bool) -> None:
    for own in (scores(), scores(0.03, 0.1)):
        found = decide(
            Evidence(ChallengeKind.REFRESH, own, scores(), learned=None, corrupt=damaged)
        )
        assert found.verdict == (GateVerdict.PROMOTE if damaged else GateVerdict.KEEP)
    worse = decide(
        Evidence(ChallengeKind.REFRESH, scores(-0.05, 0.1), scores(), learned=None, corrupt=damaged)
    )
    assert worse.verdict == GateVerdict.REJECT


@pytest.mark.parametrize("kind", [ChallengeKind.CHANGE, ChallengeKind.REFRESH])
def test_a_worse_one_is_rejected(kind: ChallengeKind) -> None:
    found = verdict(kind, scores(-0.05, 0.1))
    assert found.verdict == GateVerdict.REJECT and str(found.reasons[0]).endswith(
        "worse than the champion."
    )


@pytest.mark.parametrize("kind", [ChallengeKind.CHANGE, ChallengeKind.REFRESH])
def test_what_a_check_found_rejects_whatever_the_losses_say(kind: str) -> None:
    found = decide(Evidence(kind, scores(0.5), scores(), SEES))
    assert (found.verdict, found.reasons, found.loss_reduction) == (
        GateVerdict.REJECT,
        (SEES,),
        None,
    )


def test_losses_that_are_no_numbers_reject() -> None:
    damaged = scores(0.05)
    damaged.loc[7, "pinball"] = np.nan
    (reason,) = verdict(ChallengeKind.CHANGE, damaged).reasons
    assert str(reason) == "A loss of the challenger or the champion is no number."


def test_scores_on_what_was_learned_from_reject() -> None:
    learned = scores(0.5)
    found = verdict(ChallengeKind.CHANGE, learned.assign(until=learned["as_of"]))
    assert found.verdict == GateVerdict.REJECT and "had learned from" in str(found.reasons[0])


@pytest.mark.parametrize("kind", [ChallengeKind.CHANGE, ChallengeKind.REFRESH])
def test_too_few_dates_keep_the_champion(kind: ChallengeKind) -> None:
    found = verdict(kind, scores(0.5, dates=200), scores(dates=200))
    assert found.verdict == GateVerdict.KEEP and "A skill needs at least 2" in str(found.reasons[0])
    assert decide(Evidence(kind, None, scores())).verdict == GateVerdict.KEEP
    assert (
        verdict(
            kind, scores(0.5), scores().replace({"ticker": {"A": "X", "B": "Y", "C": "Z"}})
        ).verdict
        == GateVerdict.KEEP
    )


@pytest.mark.parametrize("kind", [ChallengeKind.CHANGE, ChallengeKind.REFRESH])
def test_intervals_that_hold_less_than_they_promise_keep_the_champion(kind: ChallengeKind) -> None:
    narrow = scores(0.05, 0.1)
    narrow["inside_80"] *= np.arange(len(narrow)) % 20 > 0
    found = verdict(kind, narrow)
    assert found.verdict == GateVerdict.KEEP
    assert str(found.reasons[0]).startswith("Its 80 % interval held 7")


def test_a_narrow_one_keeps_the_champion_however_good() -> None:
    found = decide(Evidence(ChallengeKind.CHANGE, scores(0.1, 0.1), scores(), narrow=NARROW))
    assert (found.verdict, found.reasons[0]) == (GateVerdict.KEEP, NARROW)


def test_only_forecasts_both_were_scored_on_count() -> None:
    found = verdict(ChallengeKind.CHANGE, scores(0.03, 0.1, dates=300), scores(dates=260))
    assert found.dates == 260


def test_evidence_stays_as_it_was_and_its_order_does_not_matter() -> None:
    own, other = scores(0.03, 0.1), scores()
    before = own.copy(), other.copy()
    first = decide(Evidence(ChallengeKind.CHANGE, own, other))
    shuffled = own.sample(frac=1.0, random_state=1), other.sample(frac=1.0, random_state=2)
    again = decide(Evidence(ChallengeKind.CHANGE, *shuffled))
    assert again.verdict == first.verdict
    assert list(map(str, again.reasons)) == list(map(str, first.reasons))
    pd.testing.assert_frame_equal(own, before[0])
    pd.testing.assert_frame_equal(other, before[1])


def test_a_decision_comes_back_from_its_record() -> None:
    for found in (
        verdict(ChallengeKind.CHANGE, scores(0.03, 0.1)),
        decide(Evidence(ChallengeKind.CHANGE, None, None)),
    ):
        assert Decision.from_dict(json.loads(json.dumps(found.to_dict()))) == found


def test_a_decision_from_before_there_were_codes_keeps_its_sentences() -> None:
    stored = decide(Evidence(ChallengeKind.CHANGE, None, None)).to_dict() | {
        "reasons": ["It is {so}."]
    }
    assert list(map(str, Decision.from_dict(stored).reasons)) == ["It is {so}."]


def test_what_it_saves_is_told_in_percent() -> None:
    reason = verdict(ChallengeKind.CHANGE, scores(-0.05, 0.1)).reasons[0]
    assert re.fullmatch(
        r"It saves −\d\.\d % of what the champion's recipe loses on the same forecasts "
        r"\(95 % band −\d\.\d % to −\d\.\d %\): worse than the champion\.",
        str(reason),
    )
    assert set(reason.parameters) == {"saved", "low", "high"}
