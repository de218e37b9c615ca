"""Forecasters of one ticker: when they serve it, what they forecast from, and when no longer."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.lifecycle.promote import Move, promote, roll_back
from core.lifecycle.train import TrainingRequest, refreshed, train
from core.reference.tickers import Ticker
from core.registry.aliases import AliasRole, alias_of
from core.registry.gate import ChallengeKind, GateVerdict
from tests.support.bars import walk
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home, correct, open_home

IBM = Ticker.parse("IBM")
OWN, OTHER = Ticker.parse("T0"), Ticker.parse("T1")
BY_GATE = TrainingRequest("schedule", "weekly", gate=True)
OF_OWN = replace(BY_GATE, scope="T0")


def moods(source: str) -> pd.DataFrame:
    """Tickers calm for 50 sessions and wild for 50, which `har` sees and a random walk does not."""
    wild = np.where(np.arange(1200) // 50 % 2, 0.04, 0.004)
    bars = [walk(f"T{k}", 1200, k, np.roll(wild, 17 * k)) for k in range(2)]
    return pd.concat(bars, ignore_index=True).assign(source=source)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Only to be read: `har` is version 1, and 2, easily beaten, is the champion of all."""
    home = open_home(tmp_path_factory.mktemp("two"))
    home.bars.upsert(moods("sample"))
    train(home.bars, home.registry, BY_GATE, AT)
    model = train(home.bars, home.registry, replace(BY_GATE, name="random_walk_gauss"), AT)
    home.registry.promote(model.version, "ann", "a weak one", AT)
    return home


@pytest.fixture
def weak(two: Home, tmp_path: Path) -> Home:
    two.database.close()  # the last connection folds SQLite's log into the file
    return open_home(Path(shutil.copytree(two.path, tmp_path / "weak")))


def test_one_that_is_not_better_serves_nobody(copied: Home) -> None:
    model = train(copied.bars, copied.registry, replace(BY_GATE, scope="IBM"), AT)
    decision = copied.registry.decisions.latest(1)[0]
    assert (decision.champion, decision.decision.kind, decision.decision.ticker) == (
        1,
        ChallengeKind.CHANGE,
        "IBM",
    )
    assert (
        decision.decision.verdict in (GateVerdict.KEEP, GateVerdict.REJECT)
        and decision.decision.tickers == 1
    )
    assert decision.decision.n > 100 and decision.decision.loss_reduction is not None
    assert copied.registry.specialists() == {} and copied.registry.challenger() is None
    assert copied.registry.challenger("IBM") == model
    assert forecast(copied.bars, copied.registry, IBM, AT).model.version == 1


def test_one_that_is_better_serves_its_ticker_alone_from_that_ticker_s_bars(weak: Home) -> None:
    general = weak.registry.champion()
    model = train(weak.bars, weak.registry, OF_OWN, AT)
    decision = weak.registry.decisions.latest(1)[0].decision
    assert (decision.verdict, decision.kind) == (
        GateVerdict.PROMOTE,
        ChallengeKind.CHANGE,
    ), decision.reasons
    assert weak.registry.specialists() == {"T0": model} and weak.registry.champion() == general
    again = weak.again()
    made = forecast(again.bars, again.registry, OWN, AT)
    assert made.model == model and made.skill_scope == "T0"
    frame = again.bars.load([OWN], adjusted=False)
    alone = again.registry.read(model).predict(frame)
    pd.testing.assert_series_equal(made.frame["price"], alone["price"])
    assert forecast(again.bars, again.registry, OTHER, AT).model == general


def test_its_recipe_stays_while_it_is_no_worse_and_goes_once_it_is(weak: Home) -> None:
    first = train(weak.bars, weak.registry, OF_OWN, AT)
    orders = refreshed(BY_GATE, weak.registry.specialists(), weak.bars.tickers())
    assert orders == [OF_OWN]
    train(weak.bars, weak.registry, orders[0], AT)
    decision = weak.registry.decisions.latest(1)[0].decision
    assert (decision.verdict, weak.registry.specialists()) == (GateVerdict.KEEP, {"T0": first})
    assert str(decision.reasons[0]).endswith("from the same bars: nothing would change.")
    correct(weak.bars, "T0")
    second = train(weak.bars, weak.registry, orders[0], AT)
    decision = weak.registry.decisions.latest(1)[0].decision
    assert (decision.verdict, decision.kind) == (GateVerdict.PROMOTE, ChallengeKind.REFRESH)
    assert weak.registry.specialists() == {"T0": second} != {"T0": first}
    # A better one now forecasts all: what serves T0 is a poor recipe beside it.
    poor = train(
        weak.bars, weak.registry, replace(OF_OWN, name="random_walk_gauss", gate=False), AT
    )
    weak.registry.promote(poor.version, "ann", "by hand", AT, ticker="T0")
    weak.registry.promote(1, "ann", "the strong one", AT)
    third = train(weak.bars, weak.registry, replace(OF_OWN, name="random_walk_gauss"), AT)
    decision = weak.registry.decisions.latest(1)[0].decision
    assert (decision.verdict, decision.kind) == (GateVerdict.REJECT, ChallengeKind.REFRESH)
    assert weak.registry.specialists() == {} and weak.registry.challenger("T0") == third
    move = weak.registry.aliases.last(alias_of(AliasRole.CHAMPION, "T0"))
    assert move is not None and move.version is None and "of the gate" in move.reason


def test_another_recipe_has_to_beat_the_specialist_too(weak: Home) -> None:
    first = train(weak.bars, weak.registry, OF_OWN, AT)
    train(weak.bars, weak.registry, replace(OF_OWN, name="ewma"), AT)
    decision = weak.registry.decisions.latest(1)[0]
    assert decision.champion == first.version or decision.decision.verdict != GateVerdict.PROMOTE
    assert weak.registry.specialists() == {"T0": first}


def test_by_hand_and_back(weak: Home) -> None:
    stores = weak.registry, weak.bars, weak.audit
    general = weak.registry.champion()
    model = train(weak.bars, weak.registry, replace(OF_OWN, gate=False), AT)
    with pytest.raises(InvalidInputError, match="was not trained on T1 alone"):
        promote(*stores, model.version, Move("ann", "try", ticker="T1"), AT)
    with pytest.raises(InvalidInputError, match="on T0 alone; it can serve that ticker, not all"):
        promote(*stores, model.version, Move("ann", "try"), AT)
    with pytest.raises(NotFoundError, match="for T0: the champion of all forecasts it."):
        roll_back(*stores, Move("ann", "try", ticker="T0"), AT)
    with pytest.raises(NotFoundError, match="^NOPE is not tracked here.$"):
        roll_back(*stores, Move("ann", "try", ticker="NOPE"), AT)
    with pytest.raises(NotFoundError, match="^NOPE is not tracked here.$"):
        promote(*stores, model.version, Move("ann", "try", ticker="NOPE"), AT)
    promote(*stores, model.version, Move("ann", "try", ticker="T0"), AT)
    assert weak.registry.specialists() == {"T0": model}
    assert weak.audit.latest(1)[0].subject == f"T0: version {model.version}"
    assert roll_back(*stores, Move("ann", "no", instead_of=model.version, ticker="T0"), AT) is None
    assert weak.audit.latest(1)[0].subject == f"T0: no specialist for {model.version}"
    assert weak.registry.specialists() == {} and weak.registry.champion() == general


def test_going_back_from_one_passes_over_a_damaged_one_to_the_champion_of_all(weak: Home) -> None:
    first = train(weak.bars, weak.registry, OF_OWN, AT)
    weak.registry.artifact(first.version).write_bytes(b"no model")
    second = train(weak.bars, weak.registry, OF_OWN, AT)
    assert weak.registry.specialists() == {"T0": second}
    stores = weak.registry, weak.bars, weak.audit
    assert roll_back(*stores, Move("ann", "no", ticker="T0"), AT) is None
    assert weak.registry.specialists() == {}


def test_one_of_the_sample_does_not_serve_own_bars(weak: Home) -> None:
    model = train(weak.bars, weak.registry, OF_OWN, AT)
    for ticker in (OWN, OTHER):
        weak.bars.remove(ticker)
    weak.bars.upsert(moods("csv"))
    assert weak.registry.specialists() == {"T0": model}
    assert forecast(weak.bars, weak.registry, OWN, AT).model == weak.registry.champion()
