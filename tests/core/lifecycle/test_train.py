"""Training: what is written on the card, and that it serves afterwards."""

import pandas as pd
import pytest

from core.evaluation.walk_forward.provenance import data_hash
from core.features.spec import HAR
from core.foundation.errors import InvalidInputError, NotEnoughHistoryError, NotFoundError
from core.lifecycle.train import TrainingRequest, train
from core.lifecycle.wanted_training import learned_from_any
from core.models import create
from core.reference.tickers import Ticker
from tests.support.bars import walk, walks
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home

FIRST = TrainingRequest("ann", "first")


def test_the_card_says_what_was_trained_on_what(trained: Home) -> None:
    model = trained.registry.champion()
    assert model is not None and (model.version, model.name, model.created_at) == (1, "har", AT)
    card, bars = model.card, trained.bars.load(adjusted=False)
    assert card.tickers == ("9999.TW", "AAPL", "FB", "GOOG", "IBM", "MSFT")
    assert (card.window, card.bars) == ("2000-03-01..2013-03-01", len(bars))
    assert card.params == create("har").params() and 0 < card.seconds < 120
    assert len(card.data_hash) == 64 and card.spec_hash == HAR.digest


def test_skill_is_stated_with_its_sample_window_and_baseline(trained: Home) -> None:
    model = trained.registry.champion()
    assert model is not None and model.card.skill is not None and model.card.skill_by_ticker
    for skill in (model.card.skill, *model.card.skill_by_ticker.values()):
        assert skill.low <= skill.value <= skill.high < 1.0
        assert skill.n > 40 and skill.baseline == "random_walk"
        first, last = skill.window.split("..")
        assert "2010" < first < last < "2013-03-01" and 0.5 < skill.coverage <= 1.0


def test_a_training_repeated_gives_the_same_numbers_and_challenges(copied: Home) -> None:
    first = copied.registry.champion()
    second = train(copied.bars, copied.registry, TrainingRequest("bob", "again", run="flow-7"), AT)
    assert first is not None and second.version == 2
    assert copied.registry.champion() == first and copied.registry.challenger() == second
    assert second.sha256 == first.sha256
    expected = {"seconds", "actor", "reason", "run", "memory_mb"}
    same = {name for name in vars(first.card)} - expected
    assert {name: vars(second.card)[name] for name in same} == {
        name: vars(first.card)[name] for name in same
    }
    assert (second.card.actor, second.card.reason, second.card.run) == ("bob", "again", "flow-7")


def test_a_promoted_challenger_challenges_no_more(copied: Home) -> None:
    second = train(copied.bars, copied.registry, FIRST, AT)
    copied.registry.promote(second.version, "bob", "better", AT)
    assert copied.registry.champion() == second and copied.registry.challenger() is None
    move = copied.registry.aliases.last("champion")
    assert move is not None and (move.version, move.actor, move.reason) == (2, "bob", "better")


def test_a_champion_that_knows_none_of_the_tickers_gives_way(copied: Home) -> None:
    for ticker in copied.bars.tickers():
        copied.bars.remove(ticker)
    copied.bars.upsert(walk("TSM", sessions=400))
    model = train(copied.bars, copied.registry, FIRST, AT)
    assert copied.registry.champion() == model and model.card.tickers == ("TSM",)


def test_the_sample_s_model_does_not_know_bars_of_one_s_own(copied: Home) -> None:
    first = copied.registry.champion()
    assert first is not None and first.card.sample and learned_from_any(first, copied.bars)
    for ticker in copied.bars.tickers():
        copied.bars.remove(ticker)
    assert not learned_from_any(first, copied.bars)
    copied.bars.upsert(walk("AAPL", sessions=400).assign(source="yahoo"))
    assert not learned_from_any(first, copied.bars)
    made = forecast(copied.bars, copied.registry, Ticker.parse("AAPL"), AT)
    assert made.skill_scope == "all", "the sample's AAPL says nothing of this one"
    model = train(copied.bars, copied.registry, FIRST, AT)
    assert copied.registry.champion() == model and not model.card.sample


def test_bars_removed_while_training_let_nothing_serve_by_itself(copied: Home) -> None:
    first = copied.registry.champion()

    def remove(step: str, done: int, total: int) -> None:
        if step == "Storing the model":
            for ticker in copied.bars.tickers():
                copied.bars.remove(ticker)

    model = train(copied.bars, copied.registry, FIRST, AT, remove)
    assert copied.registry.champion() == first and copied.registry.challenger() == model


@pytest.mark.parametrize(
    ("scope", "tickers"),
    [
        ("all", ("9999.TW", "AAPL", "FB", "GOOG", "IBM", "MSFT")),
        ("TW", ("9999.TW",)),
        ("us", ("AAPL", "FB", "GOOG", "IBM", "MSFT")),
        (" ibm ", ("IBM",)),
    ],
)
def test_the_scope_says_what_is_learned_from(
    copied: Home, scope: str, tickers: tuple[str, ...]
) -> None:
    model = train(copied.bars, copied.registry, TrainingRequest("ann", "scope", scope), AT)
    assert model.card.tickers == tickers


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("ZZZZ", "^No bars are stored for the scope ZZZZ.$"),
        ("../x", "is not a ticker"),
        (" ", "^The scope is empty; give all, us, tw or one ticker.$"),
    ],
)
def test_a_scope_without_bars_is_named(copied: Home, scope: str, expected: str) -> None:
    with pytest.raises((NotFoundError, InvalidInputError), match=expected):
        train(copied.bars, copied.registry, TrainingRequest("ann", "scope", scope), AT)
    assert copied.registry.challenger() is None


def test_the_scores_behind_the_skill_are_kept(trained: Home) -> None:
    scores, model = trained.registry.scores(1), trained.registry.champion()
    assert scores is not None and model is not None and model.card.skill is not None
    real = scores[scores["ticker"] != "9999.TW"]
    assert len(real.drop_duplicates(["ticker", "as_of"])) == model.card.skill.n
    relative_loss_reduction = 1.0 - real["pinball"].sum() / real["baseline_pinball"].sum()
    assert relative_loss_reduction == pytest.approx(model.card.skill.value)
    assert scores["constant_pinball"].notna().all()


def test_the_model_of_constant_width_can_be_trained_itself(home: Home) -> None:
    home.bars.upsert(walk(sessions=700))
    model = train(
        home.bars, home.registry, TrainingRequest("ann", "first", name="constant_width"), AT
    )
    scores = home.registry.scores(model.version)
    assert scores is not None and scores["pinball"].equals(scores["constant_pinball"])


def test_the_data_hash_forgets_row_order_source_and_instant(home: Home) -> None:
    bars = walks(2, 50)
    home.bars.upsert(bars)
    first = data_hash(home.bars.load(adjusted=False))
    for ticker in home.bars.tickers():
        home.bars.remove(ticker)
    later = bars.assign(source="csv", ingested_at=pd.Timestamp("2025-01-01", tz="UTC"))
    home.bars.upsert(later.sample(frac=1.0, random_state=3))
    assert data_hash(home.bars.load(adjusted=False)) == first


@pytest.mark.parametrize("column", ["close", "volume", "dividend", "split_ratio"])
def test_the_data_hash_knows_every_value(column: str) -> None:
    bars = walk(sessions=20)
    other = bars.copy()
    other.loc[10, column] += 1e-9 * max(other.loc[10, column], 1.0)
    assert data_hash(other) != data_hash(bars)
    assert data_hash(bars.iloc[1:]) != data_hash(bars)


def test_without_bars_there_is_nothing_to_train_on(home: Home) -> None:
    with pytest.raises(NotFoundError, match="^There are no stored bars to train on; ingest some"):
        train(home.bars, home.registry, FIRST, AT)


def test_a_refused_training_leaves_the_registry_empty(home: Home) -> None:
    home.bars.upsert(walk(sessions=50))
    with pytest.raises(NotEnoughHistoryError, match="^AAPL needs at least 280 sessions, has 50.$"):
        train(home.bars, home.registry, FIRST, AT)
    with pytest.raises(InvalidInputError, match="There is no forecaster prophet"):
        train(home.bars, home.registry, TrainingRequest("ann", "first", name="prophet"), AT)
    assert home.registry.champion() is None and not (home.path / "models").exists()


def test_history_too_short_for_a_proof_trains_with_skill_unknown(home: Home) -> None:
    home.bars.upsert(walk(sessions=285))
    model = train(home.bars, home.registry, FIRST, AT)
    assert model.card.skill is None and model.card.skill_by_ticker == {}
    assert home.registry.champion() == model
