"""Training on more tickers of a market than say anything new, and monitoring what came of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.views.drift.signals import sentence as describe
from core.evaluation.walk_forward.evaluated_tickers import MARKET_TICKERS, evaluated_tickers
from core.lifecycle.monitor import MonitoringInput, build_report, monitoring_input
from core.lifecycle.monitoring_windows import WINDOW
from core.lifecycle.reevaluate import evaluate_challenger
from core.lifecycle.train import TrainingRequest, train
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion
from tests.support.bars import walk, walks
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home, open_home

_COUNT, _SESSIONS = MARKET_TICKERS + 4, 520
REQUEST = TrainingRequest("ann", "many tickers")


@pytest.fixture(scope="module")
def crowded(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = open_home(tmp_path_factory.mktemp("crowded"))
    home.bars.upsert(walks(_COUNT, sessions=_SESSIONS).assign(source="yahoo"))
    train(home.bars, home.registry, REQUEST, AT)
    return home


def _stands_back(symbol: str, tickers: tuple[str, ...]) -> bool:
    return symbol not in evaluated_tickers(dict.fromkeys([*tickers, symbol], _SESSIONS))


def _first(home: Home) -> ModelVersion:
    return home.registry.get(1)


def test_it_learns_from_all_and_is_measured_on_those_that_stand_for_them(crowded: Home) -> None:
    card = _first(crowded).card
    assert len(card.tickers) == _COUNT and card.bars == _COUNT * _SESSIONS
    assert card.evaluated_tickers == evaluated_tickers(dict.fromkeys(card.tickers, _SESSIONS))
    assert card.skill is not None and card.skill.n % MARKET_TICKERS == 0
    assert {*card.skill_by_ticker} == {*card.evaluated_tickers}


def test_a_ticker_that_was_not_measured_has_a_sentence_of_its_own(crowded: Home) -> None:
    card = _first(crowded).card
    beside = min({*card.tickers} - {*card.evaluated_tickers})
    made = forecast(crowded.bars, crowded.registry, Ticker.parse(beside), AT)
    sentence = str(made.claim(5))
    assert "on 64 of all real tickers together at horizon 5" in sentence
    assert sentence.endswith(f"{beside} is not one of the 64 tickers that the model was tested on.")
    measured = forecast(crowded.bars, crowded.registry, Ticker.parse(card.evaluated_tickers[0]), AT)
    assert "not one of" not in str(measured.claim(5))


def test_tickers_that_come_change_no_number_unless_they_stand_for_others(
    crowded: Home, tmp_path: Path
) -> None:
    card = _first(crowded).card
    beside = [f"N{n}" for n in range(200) if _stands_back(f"N{n}", card.tickers)][:2]
    assert len(beside) == 2
    other = open_home(tmp_path)
    for number, symbol in enumerate(reversed([*card.tickers, *beside])):
        if symbol in beside:
            other.bars.upsert(walk(symbol, _SESSIONS, seed=900 + number).assign(source="yahoo"))
        else:
            other.bars.upsert(crowded.bars.load([symbol], adjusted=False))
    found = train(other.bars, other.registry, REQUEST, AT).card
    assert len(found.tickers) == _COUNT + 2 and found.data_hash != card.data_hash
    assert (found.skill, found.skill_by_ticker) == (card.skill, card.skill_by_ticker)
    assert found.evaluated_tickers == card.evaluated_tickers


def test_champion_and_challenger_are_compared_on_the_same_tickers(crowded: Home) -> None:
    second = train(crowded.bars, crowded.registry, replace(REQUEST, name="ewma"), AT)
    decided = crowded.registry.decisions.latest(1, second.version)[0].decision
    assert second.card.evaluated_tickers == _first(crowded).card.evaluated_tickers
    assert decided.tickers == MARKET_TICKERS and decided.n == MARKET_TICKERS * decided.dates
    again = evaluate_challenger(crowded.registry, crowded.bars, second.version, "", AT)
    assert again.decision == decided


def test_a_training_may_be_measured_on_all(crowded: Home) -> None:
    request = replace(REQUEST, name="ewma", evaluate_all=True)
    found = train(crowded.bars, crowded.registry, request, AT)
    decided = crowded.registry.decisions.latest(1, found.version)[0].decision
    assert found.card.evaluated_tickers is None and decided.tickers == _COUNT
    assert found.card.skill is not None and found.card.skill.n % _COUNT == 0
    assert len(found.card.skill_by_ticker) == _COUNT


@pytest.fixture(scope="module")
def watched(crowded: Home) -> MonitoringInput:
    return monitoring_input(crowded.bars, crowded.registry)


def test_monitoring_compares_those_that_stand_for_all(
    crowded: Home, watched: MonitoringInput
) -> None:
    assert watched.watched == MARKET_TICKERS and watched.unlearned == ()
    for rows in (watched.states.reference, watched.states.current, watched.errors.pair.current):
        assert set(rows["ticker"]) == set(_first(crowded).card.evaluated_tickers or ())
    none = dict.fromkeys(watched.thresholds, 0.0)
    report = crowded.reports.add(build_report(watched, none, {}, AT), {})
    assert [one.tickers for one in report.signals] == [MARKET_TICKERS] * 3
    assert report.signals[0].n == MARKET_TICKERS * WINDOW
    assert "on 64 tickers that stand for all" in describe(report.signals[0])


def test_monitoring_sees_a_new_market_and_few_of_one_that_has_many(
    crowded: Home, watched: MonitoringInput
) -> None:
    tickers = _first(crowded).card.tickers
    beside = next(f"N{n}" for n in range(200) if _stands_back(f"N{n}", tickers))
    new = [Ticker.parse(one) for one in ("2330.TW", beside)]
    for ticker in new:
        bars = walk(ticker.symbol, _SESSIONS, volatility=0.2)
        crowded.bars.upsert(bars.assign(source="yahoo"))
    after = monitoring_input(crowded.bars, crowded.registry)
    for ticker in new:
        crowded.bars.remove(ticker)
    assert after.unlearned == ("2330.TW", beside), "it is said of both"
    assert after.watched == MARKET_TICKERS + 1
    assert {"2330.TW"} == {*after.states.current["ticker"]} - {*watched.states.current["ticker"]}
    assert (after.inputs, after.outputs) == (watched.inputs, watched.outputs)
