"""Facts from the records: the models, the newest forecast, the ingests, the work asked for."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import Metric

from core.errors import ArtifactError
from core.forecasts.ledger import Ledger
from core.registry.aliases import CHALLENGER, CHAMPION, alias_of
from core.registry.registry import ModelRegistry, ModelVersion
from core.storage.outbox import Outbox
from core.storage.outcomes import OUTCOMES, Outcomes
from monitoring.families import age, counter, gauge, one


def model_facts(registry: ModelRegistry, at: datetime) -> Iterator[Metric]:
    """Which versions are to serve, do serve and challenge, and how good what serves was proved."""
    champion = registry.champion()
    found = {CHAMPION: champion, CHALLENGER: registry.challenger()}
    found |= {alias_of(CHAMPION, one): model for one, model in registry.specialists().items()}
    found |= {
        alias_of(CHALLENGER, one): registry.challenger(one)
        for one in registry.aliases.tickers(CHALLENGER)
    }
    held = {alias: model for alias, model in found.items() if model is not None}
    moves = {alias: registry.aliases.last(alias) for alias in held}
    yield gauge(
        "model_version",
        "The model version that an alias points at.",
        {(alias,): model.version for alias, model in held.items()},
        ("alias",),
    )
    yield gauge(
        "model_alias_age_seconds",
        "Seconds since the alias was pointed at its version.",
        {(alias,): age(at, move.at) for alias, move in moves.items() if move is not None},
        ("alias",),
    )
    yield counter("model_versions", "Model versions trained.", one(len(registry.versions())))
    yield gauge(
        "model_champion_broken",
        "1 while the file that an alias points at is of no use and another version, a former "
        "champion or for a specialist that of all tickers, makes the forecasts.",
        {
            (alias,): float(bool(registry.fault(model)))
            for alias, model in held.items()
            if alias.startswith(CHAMPION)
        },
        ("alias",),
    )
    serving = {alias: _serves(registry, alias) for alias in held if alias.startswith(CHAMPION)}
    yield gauge(
        "model_serving_version",
        "The model version that makes the forecasts of a champion alias: the one that it points "
        "at, or another while that one's file is of no use; absent where none can.",
        {(alias,): model.version for alias, model in serving.items() if model is not None},
        ("alias",),
    )
    serves = serving.get(CHAMPION)
    skill = None if serves is None else serves.card.skill
    if skill is not None:
        yield gauge(
            "champion_skill_ratio",
            "Share of the random walk's loss that the version which serves saved in its "
            "walk-forward; low and high bound its 90 % band.",
            {(each,): getattr(skill, each) for each in ("value", "low", "high")},
            ("estimate",),
        )
        yield gauge(
            "champion_coverage_80_ratio",
            "Share of outcomes inside its 80 % interval in that walk-forward.",
            one(skill.coverage),
        )
        yield gauge(
            "champion_scored_origins",
            "Pairs of ticker and as_of behind that skill.",
            one(skill.n),
        )


def forecast_facts(ledger: Ledger, at: datetime) -> Iterator[Metric]:
    """How old the newest forecast is."""
    yield gauge(
        "forecast_age_seconds",
        "Seconds since the newest forecast of the ledger was made.",
        one(age(at, ledger.newest())),
    )


def ingest_facts(outcomes: Outcomes, at: datetime) -> Iterator[Metric]:
    """How fetching went so far."""
    counts = outcomes.counts()
    yield counter(
        "ingest_tickers",
        "Tickers asked for in all ingests so far, by how it went.",
        {(outcome,): counts.get(outcome, 0) for outcome in OUTCOMES},
        ("outcome",),
    )
    yield gauge(
        "ingest_success_age_seconds",
        "Seconds since a ticker was last fetched whole.",
        one(age(at, outcomes.last_success())),
    )


def request_facts(outbox: Outbox, at: datetime) -> Iterator[Metric]:
    """What was asked for and has not ended."""
    yield gauge(
        "open_requests",
        "Pieces of work that were asked for and have not ended.",
        one(len(outbox.open())),
    )


def _serves(registry: ModelRegistry, alias: str) -> ModelVersion | None:
    try:
        now = registry.serving(alias.partition(".")[2])
    except ArtifactError:
        return None
    return None if now is None else now.model
