"""Versions, aliases, decisions and forecasters by the symbols that their tickers have now."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.evaluation.walk_forward.walk_recipe import skills, walk_recipe
from core.features.panel import Panel
from core.foundation.audit import Action
from core.lifecycle.train import TrainingRequest, train
from core.market_data.lake.bar_origins import sources
from core.market_data.records.rename_log import Rename
from core.models import create
from core.registry.gate import ChallengeKind, Decision, GateVerdict
from core.registry.horizon_skill import measured
from core.registry.served_tickers import served_tickers
from tests.support.bars import walk
from tests.support.cards import CARD, SKILL
from tests.support.homes import AT, Home, open_home

FB, META, MSFT = (
    walk(one, 500, seed).assign(source="csv") for seed, one in enumerate(("FB", "META", "MSFT"))
)


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    return open_home(tmp_path, records_url)


def renamed(home: Home) -> Rename:
    rename = Rename("FB", "META", AT, "ann", "a new symbol")
    home.rename_log.add(rename, Action(AT, "ann", "rename", "FB to META"))
    return rename


def taken_back(home: Home, rename: Rename) -> None:
    home.rename_log.take_back(rename, Action(AT, "ann", "take back rename", "FB to META"))


def learned(home: Home, *bars: pd.DataFrame, scope: str = "all") -> int:
    """A version that learned from these bars and serves what it is for."""
    frame = pd.concat(bars, ignore_index=True)
    tickers = tuple(sorted(frame["ticker"].unique()))
    card = replace(CARD, tickers=tickers, scope=scope, skill_by_ticker={tickers[0]: SKILL})
    version = home.registry.register(create("har").fit(frame), card, AT).version
    ticker = "" if scope == "all" else scope
    home.registry.promote(version, "ann", "better", AT, ticker=ticker)
    return version


def test_a_champion_that_learned_from_the_old_symbol_knows_the_new_one(home: Home) -> None:
    version = learned(home, FB, MSFT)
    home.bars.upsert(pd.concat([FB, MSFT]))
    rename = renamed(home)
    found = home.registry.get(version).card
    assert found.tickers == ("META", "MSFT") and list(found.skill_by_ticker) == ["META"]
    assert served_tickers(home.registry, sources(home.bars)).learned == ("META", "MSFT")
    assert home.registry.versions()[0].card == found and found.knows("META", "csv")
    taken_back(home, rename)
    assert home.registry.get(version).card.tickers == ("FB", "MSFT")
    assert served_tickers(home.registry, sources(home.bars)).learned == ("FB", "MSFT")


@pytest.mark.parametrize("name", ["har", "constant_width", "random_walk", "gradient_boosting"])
def test_its_forecast_is_the_same_to_the_bit_under_either_symbol(home: Home, name: str) -> None:
    frame = pd.concat([FB, MSFT], ignore_index=True)
    version = home.registry.register(create(name).fit(frame), CARD, AT)
    before = home.registry.forecaster(version).predict(frame, tickers=["FB"])
    renamed(home)
    now = frame.assign(ticker=frame["ticker"].replace("FB", "META"))
    for read in (home.registry.forecaster, home.registry.read):
        after = read(version).predict(now, tickers=["META"])
        assert len(after) and np.array_equal(after["price"], before["price"])


def test_of_a_version_that_learned_from_both_the_newer_symbol_s_part_counts(home: Home) -> None:
    frame = pd.concat([FB, META, MSFT], ignore_index=True)
    scores = walk_recipe(lambda: create("har"), frame, lambda *_: None)
    assert scores is not None
    _, own = skills(scores)
    card = replace(CARD, tickers=("FB", "META", "MSFT"), skill_by_ticker=own)
    fitted = create("har").fit(frame)
    version = home.registry.register(fitted, card, AT, scores)
    plain = measured(home.registry, version)
    rows = Panel.of(META).rows_at(None)
    expected = home.registry.forecaster(version).returns(Panel.of(META), rows)
    renamed(home)
    found = measured(home.registry, home.registry.get(version.version))
    assert found.card.tickers == ("META", "MSFT")
    assert found.card.skill_by_ticker == {
        one: plain.card.skill_by_ticker[one] for one in ("META", "MSFT")
    }
    stored = home.registry.scores(version.version)
    assert stored is not None and set(stored["ticker"]) == {"META", "MSFT"}
    expected_scores = scores[scores["ticker"] != "FB"].reset_index(drop=True)
    pd.testing.assert_frame_equal(stored, expected_scores)
    after = home.registry.forecaster(version).returns(Panel.of(META), rows)
    assert np.array_equal(after, expected)


def test_scores_of_the_old_symbol_are_the_new_one_s(home: Home) -> None:
    scores = pd.DataFrame({"ticker": ["FB", "MSFT"], "pinball": [1.0, 2.0]})
    version = home.registry.register(create("har").fit(FB), CARD, AT, scores).version
    renamed(home)
    stored = home.registry.scores(version)
    assert stored is not None and stored["ticker"].tolist() == ["META", "MSFT"]


def test_the_specialist_of_the_old_symbol_serves_the_new_one(home: Home) -> None:
    learned(home, FB, MSFT)
    special = learned(home, FB, scope="FB")
    home.bars.upsert(FB)
    rename = renamed(home)
    assert {one: model.version for one, model in home.registry.specialists().items()} == {
        "META": special
    }
    serving = home.registry.serving("META")
    assert serving is not None and serving.specialist and serving.model.version == special
    assert serving.model.card.only_ticker == "META"
    assert home.registry.rollback_targets("META") == [None]
    (move,) = home.registry.aliases.moves("champion.META")
    assert move.alias == "champion.FB", "as it was made"
    home.registry.promote(None, "bob", "no better", AT, instead_of=special, ticker="META")
    assert home.registry.specialists() == {}
    taken_back(home, rename)
    assert list(home.registry.specialists()) == ["FB"], "META's move stays META's"


def test_a_decision_on_it_names_the_symbol_of_now(home: Home) -> None:
    version = learned(home, FB, scope="FB")
    decision = Decision(ChallengeKind.CHANGE, GateVerdict.KEEP, (), ticker="FB")
    home.registry.decisions.add(AT, version, version, decision)
    rename = renamed(home)
    assert home.registry.decisions.latest()[0].decision.ticker == "META"
    taken_back(home, rename)
    assert home.registry.decisions.latest()[0].decision.ticker == "FB"


def test_a_training_goes_on_from_it_as_a_refresh(home: Home) -> None:
    learned(home, FB, MSFT)
    home.bars.upsert(pd.concat([FB, MSFT]))
    renamed(home)
    model = train(home.bars, home.registry, TrainingRequest("ann", "newer bars"), AT)
    (decided,) = home.registry.decisions.latest()
    assert model.card.tickers == ("META", "MSFT") and decided.challenger == model.version
    assert not any("did not learn" in str(one) for one in decided.decision.reasons)
