"""The gate asked after a training, and what moves by its word, by hand, and back."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import BusyError, InvalidInputError, NotFoundError
from core.lifecycle.challenge import kind_of, unfit
from core.lifecycle.promote import Move, promote, roll_back
from core.lifecycle.train import TrainingRequest, train
from core.models import create
from core.reference.tickers import Ticker
from core.registry.aliases import AliasRole
from core.registry.gate import ChallengeKind, GateVerdict
from tests.support.bars import walks
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home, correct, open_home
from tests.support.trials import TRIALS

AAPL = Ticker.parse("AAPL")
BY_GATE = TrainingRequest("schedule", "weekly", gate=True)


def served(home: Home) -> int:
    champion = home.registry.champion()
    assert champion is not None
    return champion.version


def test_a_refresh_serves_at_once_where_the_order_says_so(copied: Home) -> None:
    correct(copied.bars)
    model = train(copied.bars, copied.registry, BY_GATE, AT)
    decision = copied.registry.decisions.latest(1)[0]
    assert (decision.challenger, decision.champion, decision.at) == (model.version, 1, AT)
    assert (decision.decision.kind, decision.decision.verdict) == (
        ChallengeKind.REFRESH,
        GateVerdict.PROMOTE,
    )
    assert decision.decision.n > 100 and decision.decision.tickers == 5
    move = copied.registry.aliases.last(AliasRole.CHAMPION)
    assert move is not None and (move.version, move.actor) == (model.version, "schedule")
    assert move.reason == f"weekly (decision {decision.number} of the gate)"


def test_otherwise_it_challenges_and_what_the_gate_said_is_kept(copied: Home) -> None:
    correct(copied.bars)
    model = train(copied.bars, copied.registry, replace(BY_GATE, gate=False), AT)
    assert served(copied) == 1 and copied.registry.challenger() == model
    assert (
        copied.again().registry.decisions.latest(5, model.version)[0].decision.verdict
        == GateVerdict.PROMOTE
    )


def test_the_same_from_the_same_bars_serves_only_in_place_of_a_broken_file(copied: Home) -> None:
    train(copied.bars, copied.registry, BY_GATE, AT)
    decision = copied.registry.decisions.latest(1)[0].decision
    assert (decision.kind, decision.verdict) == (
        ChallengeKind.REFRESH,
        GateVerdict.KEEP,
    ) and served(copied) == 1
    (reason,) = decision.reasons
    assert str(reason) == "The recipe that serves, from the same bars: nothing would change."
    copied.registry.promote(2, "ann", "to have one before", AT)
    copied.registry.artifact(2).write_bytes(b"no model")
    train(copied.bars, copied.registry, BY_GATE, AT)
    decision = copied.registry.decisions.latest(1)[0].decision
    assert decision.verdict == GateVerdict.PROMOTE and served(copied) == 3
    assert str(decision.reasons[0]).endswith("it loses the same, and its file is intact.")


@pytest.mark.parametrize("name", ["har", "random_walk_gauss"])
def test_where_no_version_is_whole_the_next_of_any_recipe_serves(copied: Home, name: str) -> None:
    copied.registry.artifact(1).unlink()
    train(copied.bars, copied.registry, replace(BY_GATE, name=name, gate=False), AT)
    assert served(copied) == 2 and copied.registry.decisions.latest() == []
    assert forecast(copied.bars, copied.registry, AAPL, AT).made_by() == (name, "2")


def test_a_change_that_is_not_better_stays_a_challenger(copied: Home) -> None:
    order = replace(BY_GATE, name="random_walk_gauss")
    model = train(copied.bars, copied.registry, order, AT)
    decision = copied.registry.decisions.latest(1)[0].decision
    assert (
        decision.kind == ChallengeKind.CHANGE
        and decision.verdict != GateVerdict.PROMOTE
        and decision.loss_reduction is not None
    )
    assert served(copied) == 1 and copied.registry.challenger() == model


def test_too_little_history_keeps_the_champion(copied: Home) -> None:
    for ticker in copied.bars.tickers():
        if ticker.symbol != "FB":
            copied.bars.remove(ticker)
    train(copied.bars, copied.registry, replace(BY_GATE, name="ewma"), AT)
    decision = copied.registry.decisions.latest(1)[0].decision
    assert (decision.verdict, decision.loss_reduction) == (GateVerdict.KEEP, None) and served(
        copied
    ) == 1


def test_another_recipe_is_a_change(copied: Home) -> None:
    champion = copied.registry.champion()
    assert champion is not None and kind_of(champion, champion) == ChallengeKind.REFRESH
    scoped = replace(champion, card=replace(champion.card, scope="us"))
    assert (
        kind_of(scoped, champion)
        == kind_of(replace(champion, name="ewma"), champion)
        == ChallengeKind.CHANGE
    )


def test_who_does_not_know_the_champion_s_tickers_never_takes_its_place(copied: Home) -> None:
    """However good on its own ticker: it would forecast the others too."""
    first = train(copied.bars, copied.registry, replace(BY_GATE, name="random_walk_gauss"), AT)
    copied.registry.promote(first.version, "ann", "a weak one", AT)
    own = train(copied.bars, copied.registry, replace(BY_GATE, scope="us"), AT)
    decision = copied.registry.decisions.latest(1)[0].decision
    assert decision.verdict != GateVerdict.PROMOTE and served(copied) == first.version
    narrow = "It did not learn from 9999.TW, which the champion knows"
    assert (
        any(str(reason).startswith(narrow) for reason in decision.reasons) and decision.tickers == 5
    )
    assert copied.registry.challenger() == own


def test_a_ticker_that_was_removed_need_not_be_known(copied: Home) -> None:
    copied.bars.remove(AAPL)
    train(copied.bars, copied.registry, BY_GATE, AT)
    decision = copied.registry.decisions.latest(1)[0].decision
    assert (decision.kind, decision.verdict) == (
        ChallengeKind.REFRESH,
        GateVerdict.PROMOTE,
    ) and served(copied) == 2


def test_a_broken_file_or_no_law_is_unfit(copied: Home) -> None:
    champion = copied.registry.champion()
    assert champion is not None
    frame = copied.bars.load(adjusted=False)
    assert unfit(copied.registry, champion, frame) is None
    wild = create("har").fit(frame)
    wild.load_arrays({**wild.to_arrays(), "intercepts": np.full(20, 9.0)})
    model = copied.registry.register(wild, champion.card, AT)
    assert str(unfit(copied.registry, model, frame)).endswith(
        "is no usable predictive distribution."
    )
    with pytest.raises(InvalidInputError, match="^Version 2 is not to serve. Its forecast of"):
        promote(copied.registry, copied.bars, copied.audit, 2, Move("ann", "try"), AT)
    copied.registry.artifact(2).write_bytes(b"no model")
    with pytest.raises(InvalidInputError, match="was altered"):
        promote(copied.registry, copied.bars, copied.audit, 2, Move("ann", "try"), AT)
    assert served(copied) == 1


def test_roll_back_serves_the_former_version_and_says_who_and_why(copied: Home) -> None:
    stores = copied.registry, copied.bars, copied.audit
    with pytest.raises(
        NotFoundError, match="^There is nothing to roll back to: no other version ever"
    ):
        roll_back(*stores, Move("ann", "why"), AT)
    correct(copied.bars)
    train(copied.bars, copied.registry, BY_GATE, AT)
    assert forecast(copied.bars, copied.registry, AAPL, AT).made_by() == ("har", "2")
    later = AT + timedelta(hours=1)
    assert roll_back(*stores, Move("ann", "too narrow", instead_of=2), later).version == 1
    assert forecast(copied.bars, copied.registry, AAPL, AT).made_by() == ("har", "1")
    done = copied.audit.latest(1)[0]
    assert (done.at, done.actor, done.action) == (later, "ann", "roll back")
    assert (done.subject, done.reason) == ("version 1 for 2", "too narrow")
    with pytest.raises(BusyError, match="moved to version 1 by ann meanwhile"):
        promote(*stores, 2, Move("bob", "again", instead_of=2), later)
    with pytest.raises(InvalidInputError, match="^Version 1 serves already.$"):
        promote(*stores, 1, Move("bob", "again"), later)
    copied.registry.artifact(1).unlink()
    with pytest.raises(InvalidInputError, match="champion already, and cannot serve. The stored"):
        promote(*stores, 1, Move("bob", "again"), later)


def test_going_back_undoes_a_promotion_of_an_older_version_and_passes_over_damage(
    copied: Home,
) -> None:
    stores = copied.registry, copied.bars, copied.audit
    for _ in range(2):
        correct(copied.bars)
        train(copied.bars, copied.registry, BY_GATE, AT)
    promote(*stores, 1, Move("ann", "the old one"), AT)
    copied.registry.artifact(3).write_bytes(b"no model")
    back = roll_back(*stores, Move("ann", "no"), AT)
    assert back is not None and back.version == served(copied) == 2
    for version in (1, 2):
        promote(*stores, version, Move("ann", "there and back"), AT)
    copied.registry.artifact(1).unlink()
    expected = (
        "^There is nothing to roll back to. The file of version 1 cannot be read. The file of "
        "version 3 cannot be read.$"
    )
    with pytest.raises(NotFoundError, match=expected):
        roll_back(*stores, Move("ann", "no"), AT)
    assert served(copied) == 2


def test_what_was_gone_back_from_is_named_where_there_is_nothing_else(copied: Home) -> None:
    stores = copied.registry, copied.bars, copied.audit
    correct(copied.bars)
    train(copied.bars, copied.registry, BY_GATE, AT)
    roll_back(*stores, Move("ann", "too narrow"), AT)
    expected = (
        "^There is nothing to roll back to. Version 2 was rolled back from before, so only "
        "promoting it brings it back.$"
    )
    with pytest.raises(NotFoundError, match=expected):
        roll_back(*stores, Move("ann", "further"), AT)
    promote(*stores, 2, Move("ann", "as was said"), AT)
    assert served(copied) == 2


def test_a_former_champion_answers_while_the_file_is_broken(copied: Home) -> None:
    correct(copied.bars)
    train(copied.bars, copied.registry, BY_GATE, AT)
    path = copied.registry.artifact(2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    again = copied.again()
    made = forecast(again.bars, again.registry, AAPL, AT)
    assert made.made_by() == ("har", "1")
    expected = "Version 2 cannot serve, so version 1, which served before, makes the forecasts."
    assert str(made.warning).startswith(expected) and str(made.to_dict()["note"]).startswith(
        expected
    )
    copied.registry.artifact(1).unlink()
    last = copied.again()
    made = forecast(last.bars, last.registry, AAPL, AT)
    assert made.made_by() == ("random_walk", "untrained")
    assert "the fallback forecaster" in str(made.warning)


def test_what_was_gone_back_from_answers_only_for_want_of_another(copied: Home) -> None:
    for _ in range(2):
        correct(copied.bars)
        train(copied.bars, copied.registry, BY_GATE, AT)
    roll_back(copied.registry, copied.bars, copied.audit, Move("ann", "too narrow"), AT)
    assert served(copied) == 2
    copied.registry.artifact(2).unlink()
    assert forecast(copied.bars, copied.registry, AAPL, AT).model.version == 1
    copied.registry.artifact(1).unlink()
    made = forecast(copied.bars, copied.registry, AAPL, AT)
    assert made.model.version == 3
    assert "version 3, which was rolled back, for want of another, makes" in str(made.warning)


@pytest.mark.parametrize("trial", range(TRIALS))
def test_trainings_that_end_together_leave_one_champion_and_lose_nothing(
    trial: int, tmp_path: Path, records_url: str
) -> None:
    home = open_home(tmp_path, records_url)
    home.bars.upsert(walks(2, 400, seed=trial))

    def run(name: str) -> int:
        mine = home.again()
        return train(mine.bars, mine.registry, TrainingRequest(name, "race"), AT).version

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, ("ann", "bob"))) == [1, 2]
    moves = home.registry.aliases.moves(AliasRole.CHAMPION)
    assert len(moves) == 1 and moves[0].actor in ("ann", "bob")
    challenger = home.registry.challenger()
    assert challenger is not None and challenger.version != moves[0].version
    assert [one.challenger for one in home.registry.decisions.latest()] == [challenger.version]
    assert all(isinstance(home.registry.scores(version), pd.DataFrame | None) for version in (1, 2))
