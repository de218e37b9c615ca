"""Models, forecasts, ingests and requests as they are on record."""

from datetime import timedelta
from functools import partial

from core.evaluation.metrics.skill import Skill
from core.forecasts.ledger.ledger import Ledger
from core.foundation.outbox import Outbox, RunState
from core.market_data.records.ingest_log import IngestAttempt, IngestLog, IngestOutcome
from core.models import create
from core.registry.model_card import ModelCard
from monitoring.record_facts import forecast_facts, ingest_facts, model_facts, request_facts
from tests.support.bars import walks
from tests.support.homes import AT, Home
from tests.support.scrape import Figures, collected

LATER = AT + timedelta(days=2, minutes=1)
SKILL = Skill(0.04, -0.01, 0.09, 180, "random_walk", "2020-01-02..2024-05-31", 0.79)
NOTHING = {"tickerlens_up", "tickerlens_build_info", "tickerlens_facts_up"}


def card(skill: Skill | None) -> ModelCard:
    window = "2022-03-14..2024-06-28"
    return ModelCard({}, ("T0",), window, 800, "ab" * 32, "cd" * 32, skill, {}, 1.25)


def models(home: Home) -> Figures:
    return collected({"models": partial(model_facts, home.registry)}, LATER)


def test_before_the_first_training_no_version_serves(home: Home) -> None:
    found = models(home)
    assert found.names == NOTHING | {"tickerlens_model_versions_total"}
    assert found.named("model_versions_total") == {(): 0.0}


def test_champion_and_challenger_with_their_ages(home: Home) -> None:
    fitted = create("har").fit(walks(2, 400))
    for minutes in range(3):
        home.registry.register(fitted, card(SKILL), AT + timedelta(minutes=minutes))
    home.registry.promote(2, "ann", "first", AT)
    assert models(home).named("model_version") == {("champion",): 2.0}
    home.registry.challenge(3, "ann", "second", AT + timedelta(days=1))
    found = models(home)
    assert found.named("model_version") == {("champion",): 2.0, ("challenger",): 3.0}
    assert found.named("model_alias_age_seconds") == {
        ("champion",): 2 * 86400.0 + 60,
        ("challenger",): 86400.0 + 60,
    }
    assert found.named("model_versions_total") == {(): 3.0}
    expected = {("value",): 0.04, ("low",): -0.01, ("high",): 0.09}
    assert found.named("champion_skill_ratio") == expected
    assert found.named("champion_coverage_80_ratio") == {(): 0.79}
    assert found.named("champion_scored_origins") == {(): 180.0}

    home.registry.promote(3, "ann", "better", LATER)
    assert models(home).named("model_version") == {("champion",): 3.0}


def test_specialists_beside_them_and_whose_file_is_of_no_use(home: Home) -> None:
    fitted = create("har").fit(walks(2, 400))
    for _ in range(2):
        home.registry.register(fitted, card(SKILL), AT)
    home.registry.promote(1, "ann", "first", AT)
    home.registry.promote(2, "ann", "better there", AT, ticker="T0")
    assert models(home).named("model_version") == {("champion",): 1.0, ("champion.T0",): 2.0}
    home.registry.artifact(2).unlink()
    found = models(home)
    damaged = {("champion",): 0.0, ("champion.T0",): 1.0}
    assert found.named("model_champion_broken") == damaged
    assert found.named("model_serving_version") == {("champion",): 1.0, ("champion.T0",): 1.0}
    home.registry.promote(None, "ann", "it is gone", AT, ticker="T0")
    assert models(home).named("model_champion_broken") == {("champion",): 0.0}


def test_while_another_version_serves_its_figures_are_told(home: Home) -> None:
    fitted = create("har").fit(walks(2, 400))
    for skill in (SKILL, None):
        home.registry.register(fitted, card(skill), AT)
    for version in (1, 2):
        home.registry.promote(version, "ann", "newer", AT)
    assert models(home).named("champion_scored_origins") == {}
    home.registry.artifact(2).unlink()
    found = models(home)
    assert found.named("model_version") == {("champion",): 2.0}
    assert found.named("model_serving_version") == {("champion",): 1.0}
    assert found.named("champion_scored_origins") == {(): 180.0}
    home.registry.artifact(1).unlink()
    found = models(home)
    assert found.named("model_version") == {("champion",): 2.0}
    assert found.named("model_serving_version") == found.named("champion_scored_origins") == {}


def test_a_champion_whose_skill_was_never_measured_has_none(home: Home) -> None:
    home.registry.register(create("har").fit(walks(2, 400)), card(None), AT)
    home.registry.promote(1, "ann", "first", AT)
    found = models(home)
    assert found.named("model_version") == {("champion",): 1.0}
    assert not any(name.startswith("tickerlens_champion_") for name in found.names)


def test_the_newest_forecast_ages(watched: Home, home: Home) -> None:
    def of(one: Home) -> Figures:
        return collected({"forecasts": partial(forecast_facts, Ledger(one.database))}, LATER)

    assert of(home).names == NOTHING
    assert of(watched).named("forecast_age_seconds") == {(): 2 * 86400.0 + 60}


def test_ingests_are_counted_by_how_they_went(home: Home) -> None:
    ingest_log = IngestLog(home.database)
    facts = {"ingests": partial(ingest_facts, ingest_log)}
    never = collected(facts, LATER)
    assert set(never.named("ingest_tickers_total").values()) == {0.0}
    assert never.named("ingest_success_age_seconds") == {}
    hour = timedelta(hours=1)
    ingest_log.add(
        [
            IngestAttempt(AT, "AAPL", "csv", IngestOutcome.OK),
            IngestAttempt(AT, "MSFT", "csv", IngestOutcome.OK),
        ]
    )
    ingest_log.add([IngestAttempt(AT + hour, "ZZZZ", "csv", IngestOutcome.NOT_FOUND)])
    found = collected(facts, AT + 3 * hour)
    assert found.named("ingest_tickers_total") == {
        ("ok",): 2.0,
        ("not_found",): 1.0,
        ("rate_limited",): 0.0,
        ("unavailable",): 0.0,
        ("unusable",): 0.0,
    }
    assert found.named("ingest_success_age_seconds") == {(): 3 * 3600.0}


def test_work_that_has_not_ended_is_counted(home: Home) -> None:
    outbox = Outbox(home.database)
    facts = {"requests": partial(request_facts, outbox)}
    assert collected(facts, AT).named("open_requests") == {(): 0.0}
    train, _ = outbox.ask("train", {}, "ann", AT)
    outbox.ask("ingest", {}, "ann", AT)
    assert collected(facts, AT).named("open_requests") == {(): 2.0}
    outbox.ended(train.id, RunState.COMPLETED, AT)
    assert collected(facts, AT).named("open_requests") == {(): 1.0}


def test_the_sample_s_first_visit_is_on_record(watched: Home) -> None:
    ingest_log = IngestLog(watched.database)
    found = collected({"ingests": partial(ingest_facts, ingest_log)}, LATER)
    assert found.named("ingest_tickers_total")[("ok",)] == 6.0
    assert found.named("ingest_success_age_seconds") == {(): 2 * 86400.0 + 60}
