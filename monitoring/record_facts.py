"""Facts from the records: the models, the newest forecast, the ingests, the work asked for."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import Metric

from core.forecasts.ledger.ledger import Ledger
from core.foundation.outbox import Outbox
from core.lifecycle.reevaluate import serving_version
from core.market_data.awaited_tickers import awaited
from core.market_data.lake.bar_origins import sources
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.records.ingest_log import IngestLog, IngestOutcome
from core.market_data.records.watchlist import Watchlist
from core.reference.sessions import Calendars
from core.registry.aliases import AliasRole, alias_of
from core.registry.registry import ModelRegistry
from core.registry.served_tickers import count_on_fallback
from monitoring.families import age, counter, gauge, one


def watchlist_facts(
    watchlist: Watchlist, ingest_log: IngestLog, bars: ParquetBars, calendars: Calendars
) -> Iterator[Metric]:
    """How many tickers were asked for and did not come."""
    every = awaited(watchlist, ingest_log, bars.tickers(), calendars)
    waiting = Counter(one.ticker.market.code for one in every)
    markets = {one.ticker.market.code for one in watchlist.all()}
    yield gauge(
        "awaited_tickers",
        "Tickers that were asked for and of which no bar came yet, by market.",
        {(market,): float(waiting[market]) for market in markets},
        ("market",),
    )


def model_facts(
    registry: ModelRegistry, at: datetime, bars: ParquetBars | None = None
) -> Iterator[Metric]:
    """Which versions are to serve, do serve and challenge, and how good what serves is."""
    champion = registry.champion()
    found = {AliasRole.CHAMPION: champion, AliasRole.CHALLENGER: registry.challenger()}
    found |= {
        alias_of(AliasRole.CHAMPION, one): model for one, model in registry.specialists().items()
    }
    found |= {
        alias_of(AliasRole.CHALLENGER, one): registry.challenger(one)
        for one in registry.aliases.tickers(AliasRole.CHALLENGER)
    }
    assigned = {alias: model for alias, model in found.items() if model is not None}
    moves = {alias: registry.aliases.last(alias) for alias in assigned}
    yield gauge(
        "model_version",
        "The model version that an alias points at.",
        {(alias,): model.version for alias, model in assigned.items()},
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
            for alias, model in assigned.items()
            if alias.startswith(AliasRole.CHAMPION)
        },
        ("alias",),
    )
    serving = {
        alias: serving_version(registry, alias.partition(".")[2])
        for alias in assigned
        if alias.startswith(AliasRole.CHAMPION)
    }
    yield gauge(
        "model_serving_version",
        "The model version that makes the forecasts of a champion alias: the one that it points "
        "at, or another while that one's file is of no use; absent where none can.",
        {(alias,): model.version for alias, model in serving.items() if model is not None},
        ("alias",),
    )
    if bars is not None:
        yield gauge(
            "fallback_tickers",
            "Tracked tickers that the fallback forecaster serves because no version can: none is "
            "whole, or all that are learned from sample bars alone.",
            one(count_on_fallback(registry, sources(bars))),
        )
    serves = serving.get(AliasRole.CHAMPION)
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


def ingest_facts(ingest_log: IngestLog, at: datetime) -> Iterator[Metric]:
    """How fetching went so far."""
    counts = ingest_log.counts()
    yield counter(
        "ingest_tickers",
        "Tickers asked for in all ingests so far, by how it went.",
        {(outcome,): counts.get(outcome, 0) for outcome in IngestOutcome},
        ("outcome",),
    )
    yield gauge(
        "ingest_success_age_seconds",
        "Seconds since a ticker was last fetched whole.",
        one(age(at, ingest_log.last_success())),
    )


def request_facts(outbox: Outbox, at: datetime) -> Iterator[Metric]:
    """What was asked for and has not ended."""
    yield gauge(
        "open_requests",
        "Pieces of work that were asked for and have not ended.",
        one(len(outbox.open())),
    )
