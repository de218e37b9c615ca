"""What learned from sample bars alone forecasts no ticker of one's own."""

from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from core.forecasts.ledger.ledger import Ledger
from core.foundation.caches.cache import ProcessCache
from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.outbox import Outbox, RunState
from core.lifecycle.promote import Move, promote, roll_back, rollback_targets
from core.lifecycle.train import TrainingRequest, train
from core.lifecycle.wanted_training import PROGRAM, ask_for_training, take_back, training_wanted
from core.reference.forecast_kinds import ForecastKind
from core.reference.tickers import Ticker
from core.registry.model_card import ModelCard
from tests.support.bars import walk
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home

AAPL, TSM = Ticker.parse("AAPL"), Ticker.parse("TSM")
OWN = walk("TSM", sessions=400).assign(source="yahoo")
ORDER = TrainingRequest("ann", "test")
NOT_OWN = "Version 1 learned from sample bars alone and forecasts no ticker of your own."


@pytest.fixture
def both(copied: Home) -> Home:
    """The sample and its model, and one ticker of one's own."""
    copied.bars.upsert(OWN)
    return copied


def test_the_fallback_forecasts_it_and_says_so(both: Home) -> None:
    made = forecast(both.bars, both.registry, TSM, AT)
    result = made.to_dict()
    assert result["model"] == {"name": "random_walk", "version": "untrained"}
    assert NOT_OWN in result["note"] and "Shown for TSM is the random walk." in result["note"]
    assert result["skill"] is None
    pd.testing.assert_frame_equal(made.frame, made.baseline)  # it is the random walk's law
    ledger = Ledger(both.database)
    assert ledger.append([made], AT).new == 1
    assert [one.kind for one in ledger.open_entries()] == [
        ForecastKind.FALLBACK
    ]  # not the model's record


def test_the_sample_s_own_tickers_are_forecast_as_before(both: Home) -> None:
    made = forecast(both.bars, both.registry, AAPL, AT)
    assert made.to_dict()["model"] == {"name": "har", "version": "1"} and not made.warning
    ledger = Ledger(both.database)
    ledger.append([made], AT)
    assert [one.kind for one in ledger.open_entries()] == [ForecastKind.SAMPLE]


def test_a_sample_ticker_that_became_one_s_own_is_too(copied: Home) -> None:
    copied.bars.upsert(walk("AAPL", 400).assign(source="csv"), in_place_of="sample")
    assert forecast(copied.bars, copied.registry, AAPL, AT).fallback == "random_walk"


def test_a_young_one_gets_what_its_sessions_allow(copied: Home) -> None:
    copied.bars.upsert(walk("TSM", sessions=60).assign(source="csv"))
    made = forecast(copied.bars, copied.registry, TSM, AT)
    assert made.fallback == "random_walk_gauss" and NOT_OWN in str(made.warning)
    assert not training_wanted(copied.registry, copied.bars), "there is too little to learn from"


def test_what_was_kept_for_the_model_is_not_shown_for_the_fallback(both: Home) -> None:
    cache = ProcessCache()
    first = forecast(both.bars, both.registry, TSM, AT, cache=cache)
    model = train(both.bars, both.registry, ORDER, AT)
    second = forecast(both.bars, both.registry, TSM, AT, cache=cache)
    assert (first.made_by(), second.made_by()) == (("random_walk", "untrained"), ("har", "2"))
    assert model.card.sample_tickers is not None and "AAPL" in model.card.sample_tickers


def test_the_first_training_on_it_serves_without_a_gate(both: Home) -> None:
    model = train(both.bars, both.registry, ORDER, AT)
    assert both.registry.champion() == model and not model.card.sample
    assert not both.registry.decisions.latest(), "there was nothing to compare"
    assert not forecast(both.bars, both.registry, TSM, AT).note


@pytest.mark.parametrize("scope", ["AAPL", "tw"])
def test_another_model_of_sample_bars_is_no_first_training(both: Home, scope: str) -> None:
    model = train(both.bars, both.registry, replace(ORDER, scope=scope), AT)
    champion = both.registry.champion()
    assert champion is not None and champion.version == 1 and model.card.sample
    assert str(training_wanted(both.registry, both.bars)) == "first training on TSM"


def test_rows_that_taught_nothing_make_no_model_of_one_s_own(copied: Home) -> None:
    copied.bars.upsert(walk("TSM", sessions=140).assign(source="csv"))
    assert train(copied.bars, copied.registry, ORDER, AT).card.sample


def test_a_challenger_of_sample_bars_cannot_be_promoted_over_one_s_own(both: Home) -> None:
    own = train(both.bars, both.registry, ORDER, AT)
    expected = (
        "^Version 1 is not to serve. It learned from sample bars alone, which say nothing of "
    )
    with pytest.raises(InvalidInputError, match=expected):
        promote(both.registry, both.bars, both.audit, 1, Move("ann", "test"), AT)
    assert rollback_targets(both.registry, both.bars) == []
    nothing = (
        "^There is nothing to roll back to. Version 1 learned from sample bars alone, which say "
        "nothing of tickers of your own.$"
    )
    with pytest.raises(NotFoundError, match=nothing):
        roll_back(both.registry, both.bars, both.audit, Move("ann", "test"), AT)
    assert both.registry.champion() == own
    both.bars.remove(TSM)
    assert [one.version for one in rollback_targets(both.registry, both.bars) if one] == [1]


def test_one_promoted_by_an_older_program_leaves_the_former_to_serve(both: Home) -> None:
    train(both.bars, both.registry, ORDER, AT)
    both.registry.promote(1, "ann", "as it was once allowed", AT)
    made = forecast(both.bars, both.registry, TSM, AT)
    assert made.made_by() == ("har", "2") and NOT_OWN in str(made.warning)
    assert forecast(both.bars, both.registry, AAPL, AT).made_by() == ("har", "1")


def test_a_broken_champion_never_leaves_its_place_to_a_model_of_the_sample(both: Home) -> None:
    train(both.bars, both.registry, ORDER, AT)
    both.registry.artifact(2).write_bytes(b"rubbish")
    assert forecast(both.bars, both.registry, TSM, AT).fallback == "random_walk"
    assert forecast(both.bars, both.registry, AAPL, AT).made_by() == ("har", "1")
    assert str(training_wanted(both.registry, both.bars)) == "version 2 cannot serve"


def test_a_specialist_serves_only_the_kind_of_bars_it_learned_from(both: Home) -> None:
    train(both.bars, both.registry, ORDER, AT)
    special = train(both.bars, both.registry, replace(ORDER, scope="AAPL"), AT)
    both.registry.promote(special.version, "ann", "test", AT, ticker="AAPL")
    assert forecast(both.bars, both.registry, AAPL, AT).made_by() == ("har", "3")
    both.bars.upsert(walk("AAPL", 400).assign(source="csv"), in_place_of="sample")
    assert forecast(both.bars, both.registry, AAPL, AT).made_by() == ("har", "2")
    with pytest.raises(InvalidInputError, match="^Version 3 .* sample bars alone"):
        both.registry.promote(None, "ann", "test", AT, ticker="AAPL")
        promote(both.registry, both.bars, both.audit, 3, Move("ann", "test", ticker="AAPL"), AT)


def test_a_specialist_of_one_s_own_bars_does_not_serve_the_sample_s(copied: Home) -> None:
    copied.bars.upsert(walk("AAPL", 400).assign(source="csv"), in_place_of="sample")
    special = train(copied.bars, copied.registry, replace(ORDER, scope="AAPL"), AT)
    copied.registry.promote(special.version, "ann", "test", AT, ticker="AAPL")
    copied.registry.promote(1, "ann", "test", AT)
    copied.bars.upsert(walk("AAPL", 400), in_place_of="csv")
    assert forecast(copied.bars, copied.registry, AAPL, AT).made_by() == ("har", "1")


@pytest.mark.parametrize(
    ("sample", "of_sample", "source", "knows"),
    [
        (True, ("A",), "sample", True),
        (True, None, "sample", True),  # of before the second was kept
        (True, ("A",), "csv", False),
        (False, (), "csv", True),
        (False, (), "sample", False),
        (False, ("A",), "csv", False),  # it learned from both, from the sample's A
        (False, ("A",), "sample", True),
        (False, None, "csv", True),
    ],
)
def test_which_bars_of_a_ticker_a_version_knows(
    sample: bool, of_sample: tuple[str, ...] | None, source: str, knows: bool
) -> None:
    card = ModelCard({}, ("A", "B"), "", 1, "", "", None, {}, 1.0)
    card = replace(card, sample=sample, sample_tickers=of_sample)
    assert ModelCard.from_dict(card.to_dict()).knows("A", source) is knows
    assert not card.knows("C", source)


@pytest.mark.parametrize(
    ("tickers", "last", "sample"),
    [("AAPL", "2013-02-08", True), ("TSM", "2013-02-08", False), ("AAPL", "2024-06-28", False)],
)
def test_a_card_of_before_it_said_so_is_read_by_what_it_learned(
    tickers: str, last: str, sample: bool
) -> None:
    card = ModelCard({}, (tickers,), f"2005-02-08..{last}", 1, "", "", None, {}, 1.0).to_dict()
    del card["sample"], card["sample_tickers"]
    assert ModelCard.from_dict(card).sample is sample


def test_a_training_is_asked_for_once_and_taken_back_when_done(both: Home) -> None:
    outbox = Outbox(both.database)
    request = ask_for_training(outbox, both.registry, both.bars, AT)
    assert request is not None and (request.flow, request.actor) == ("train", PROGRAM)
    assert request.parameters["reason"] == "first training on TSM"
    assert ask_for_training(outbox, both.registry, both.bars, AT) is None
    train(both.bars, both.registry, ORDER, AT)  # somebody was faster
    take_back(outbox, both.registry, both.bars, AT)
    assert not outbox.open() and outbox.get(request.id).outcome == RunState.CANCELLED


def test_one_that_failed_is_not_asked_for_again(both: Home) -> None:
    outbox = Outbox(both.database)
    request = ask_for_training(outbox, both.registry, both.bars, AT)
    assert request is not None
    outbox.ended(request.id, RunState.FAILED, AT + timedelta(hours=1))
    assert ask_for_training(outbox, both.registry, both.bars, AT) is None
    both.bars.upsert(walk("KO", sessions=400).assign(source="csv"))
    again = ask_for_training(outbox, both.registry, both.bars, AT)
    assert again is not None and again.parameters["reason"] == "first training on KO, TSM"


def test_live_forecasts_are_the_model_s_again_after_the_training(both: Home) -> None:
    train(both.bars, both.registry, ORDER, AT)
    ledger = Ledger(both.database)
    ledger.append([forecast(both.bars, both.registry, TSM, AT)], AT)
    assert [one.kind for one in ledger.open_entries()] == [ForecastKind.LIVE]
