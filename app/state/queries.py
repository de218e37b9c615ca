"""Cached reads, each keyed by what is stored, so that a change shows on the next run."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import streamlit as st

from app.state import dependencies
from app.state.mlflow_reader import Reading
from app.state.prefect_client import Run, Schedule
from app.state.stores import stores
from core.forecasts.forecast import Forecast
from core.forecasts.ledger import track_record as past
from core.forecasts.ledger.track_record import TrackRecord
from core.foundation.health import Status
from core.foundation.messages import Message
from core.foundation.outbox import Request
from core.foundation.settings import load_settings
from core.lifecycle.drift_episodes import HISTORY_REPORTS, Episode, open_episode
from core.lifecycle.report_store import Report
from core.market_data import catalog as catalogs
from core.market_data import history as histories
from core.market_data.awaited_tickers import Awaited, awaited
from core.market_data.freshness import Freshness, coverage, freshness
from core.market_data.history import History
from core.market_data.lake.lake_index import Summaries
from core.market_data.records import fetch_failure as setbacks
from core.market_data.records import step_explanation
from core.market_data.records.fetch_failure import FetchFailure
from core.market_data.records.quarantine_lists import QuarantineLists
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import Calendar
from core.reference.tickers import Ticker
from core.registry import served_tickers as who_serves
from core.registry.gate_log import GateDecision
from core.registry.registry import ModelVersion
from core.registry.served_tickers import ServedTickers
from core.workflows.forecast import forecast_one
from core.workflows.training import trainings
from core.workflows.training.trainings import Training, versions_by_run

_STORED = "_stored"  # what is stored, as the run that draws the page has listed it


def look_again() -> None:
    """List what is stored once, for all that this run reads; raises if it cannot be listed."""
    st.session_state[_STORED] = stores().bars.summaries()


def catalog() -> pd.DataFrame:
    """One row a tracked ticker."""
    return catalogs.catalog(_stored())


def damaged() -> dict[str, Message]:
    """Tickers that cannot be shown, and why."""
    return _stored().damaged


def champion(ticker: str = "") -> ModelVersion | None:
    """The version that is to serve all tickers, or the specialist of one."""
    return stores().registry.champion(ticker)


def challenger(ticker: str = "") -> ModelVersion | None:
    """The version evaluated beside the champion."""
    return stores().registry.challenger(ticker)


def versions_of(runs: pd.DataFrame) -> list[ModelVersion]:
    """The versions of this home that runs are of; a shared MLflow may hold others' too."""
    known = {(str(one.version), one.sha256): one for one in stores().registry.versions()}
    keys = zip(runs["version"], runs["sha256"]) if len(runs) else ()
    return [known[key] for key in keys if key in known]


def decisions(challenger: int | None = None) -> list[GateDecision]:
    """What the gate said, newest first; of one challenger, or of all."""
    return stores().registry.decisions.latest(challenger=challenger)


def experiments(condition: str, token: str) -> Reading:
    """A page of the runs on record in MLflow; never waited for longer than two seconds.

    Raises
    ------
    InvalidInputError : the condition makes no sense to MLflow, in its own words.
    """
    return stores().runs_on_record.page(condition, token)


def mlflow_is_loaded() -> bool:
    """Whether MLflow's own code is there to ask with; the first call begins to load it."""
    return stores().runs_on_record.is_loaded()


def reports(version: int | None = None, limit: int = 30) -> list[Report]:
    """What monitoring found, newest first; of one model version, or of all."""
    return stores().reports.latest(limit, version)


def served_tickers() -> ServedTickers:
    """Which version forecasts the stored tickers now, and which of them it never learned from."""
    sources = catalog().set_index("ticker")["source"].to_dict()
    return who_serves.served_tickers(stores().registry, sources)


def drift_episode() -> Episode | None:
    """The episode of drift that is not over; None if there is none."""
    return open_episode(stores().reports.latest(HISTORY_REPORTS))


def report_pages(number: int) -> dict[str, Path]:
    """The full pages kept of a report, by name."""
    return stores().reports.pages(number)


def requests(flow: str, limit: int = 8) -> list[Request]:
    """What was asked for, newest first."""
    return stores().outbox.latest(flow, limit)


def request(number: int) -> Request:
    """One thing that was asked for."""
    return stores().outbox.get(number)


def versions() -> list[ModelVersion]:
    """Every version of this home, oldest first."""
    return stores().registry.versions()


def latest_trainings(limit: int) -> list[Training]:
    """The newest trainings on record, newest first."""
    return trainings.trainings(stores(), datetime.now(UTC), limit)


def unrecorded_versions() -> list[ModelVersion]:
    """Versions that no training on record tells of."""
    return trainings.unrecorded_versions(stores())


@st.cache_data(ttl=3, show_spinner=False)
def scheduler_ready() -> bool:
    """Whether the scheduler answers and has flows to run; asked at most every few seconds."""
    return stores().runs.ready()


def schedules() -> list[Schedule]:
    """When flows run by themselves; raises as `run` does."""
    return stores().runs.schedules()


def log_lines(request: Request) -> list[str]:
    """What a run has written so far; raises as `run` does."""
    return [] if request.run_id is None else stores().runs.lines(request.run_id)


def trained_by(run_id: str) -> ModelVersion | None:
    """The version that a run trained; of all tickers, if it renewed specialists too."""
    return versions_by_run(stores().registry.versions()).get(run_id)


def open_trainings() -> list[Training]:
    """Trainings that have not ended, oldest first."""
    return trainings.open_trainings(stores(), datetime.now(UTC))


def run(request: Request) -> Run | None:
    """The flow run of a request, None before the scheduler has taken it.

    Raises
    ------
    OfflineError : the scheduler does not answer within two seconds.
    NotFoundError : it does not know the run any more.
    """
    return None if request.run_id is None else stores().runs.get(request.run_id)


def forecast(ticker: Ticker) -> Forecast:
    """The champion's forecast over every horizon."""
    return _forecast(stores().forecast_stamp.now(), ticker)


def track_record(forecast: Forecast, horizon: int, replayed: bool = False) -> TrackRecord:
    """The scores of past forecasts: live, of a fallback as this one, replayed, or of the sample."""
    kind = ForecastKind.FALLBACK if forecast.fallback else ForecastKind.LIVE
    kind = ForecastKind.REPLAYED if replayed else kind
    seals = stores().ledger.seals()
    stamp = f"{seals.forecasts_hash} {seals.scores_hash}"
    return _track_record(stamp, forecast.ticker, horizon, forecast.source, kind)


def explained_later(ticker: Ticker, made: pd.DataFrame) -> pd.Series:
    """What was said of steps in a ticker's prices only after its forecasts `made`, a text a row."""
    return step_explanation.explained_later(stores().quarantine.entries(ticker.symbol), made)


def fetch_failure(ticker: Ticker, last: pd.Timestamp) -> FetchFailure | None:
    """Why the latest attempt at a ticker's bars failed, if it did; `last` is what is stored."""
    return setbacks.fetch_failure(
        stores().ingest_log, ticker, last, datetime.now(UTC), stores().calendars()
    )


def history(ticker: Ticker, adjusted: bool = True) -> History:
    """All stored bars of a ticker."""
    return _history(f"{_stamp_of(ticker)} {stores().calendars().stamp}", ticker, adjusted)


def _stamp() -> str:
    """Changes with the stored bars, and with what is found out about sessions."""
    return f"{_stored().stamp} {stores().calendars().stamp}"


def _stamp_of(ticker: Ticker) -> str:
    """Changes with the stored bars of one ticker."""
    known = _stored().by_ticker.get(ticker)
    return "" if known is None else known.stamp


def _stored() -> Summaries:
    listed: Summaries | None = st.session_state.get(_STORED)
    return stores().bars.summaries() if listed is None else listed


def calendar(ticker: Ticker) -> Calendar:
    """That of the ticker's exchange."""
    return stores().calendars()[ticker.market.calendar]


def statuses() -> list[Status]:
    """How each dependency is; asked at most every few seconds, and never waited for longer."""
    return _statuses()


def ask_again() -> None:
    """Forget how the dependencies were."""
    _statuses.clear()


def links() -> dict[str, str]:
    """Pages of the programs beside this one."""
    return dependencies.links(load_settings())


def fresh(at: datetime) -> list[Freshness]:
    """How fresh each ticker is, the worst first."""
    covered = coverage(_stored(), stores().calendars())
    return freshness(covered, stores().ingest_log.last_of_each(), at, stores().calendars())


def not_fetched() -> list[Awaited]:
    """Tickers that were asked for and of which nothing came yet."""
    here, stored = stores(), _stored().by_ticker
    return awaited(here.watchlist, here.ingest_log, stored, here.calendars())


def faults() -> QuarantineLists:
    """Faults of bars, of which a page at a time is read."""
    return stores().quarantine.lists


def rows(ticker: Ticker) -> pd.DataFrame:
    """Every stored session of a ticker, raw, with what is held back of it."""
    return _rows(_stamp_of(ticker), ticker)


@st.cache_data(ttl=5, show_spinner=False)
def _statuses() -> list[Status]:
    return dependencies.health_checker().look()


@st.cache_data(max_entries=10, show_spinner="Reading bars ...")
def _rows(stamp: str, ticker: Ticker) -> pd.DataFrame:
    return stores().bars.latest(ticker)


@st.cache_data(max_entries=100, show_spinner="Forecasting ...")
def _forecast(stamp: str, ticker: Ticker) -> Forecast:
    return forecast_one(stores(), ticker)


@st.cache_data(max_entries=100, show_spinner="Reading the ledger ...")
def _track_record(
    stamp: str, ticker: Ticker, horizon: int, source: str, kind: ForecastKind
) -> TrackRecord:
    return past.track_record(stores().ledger, ticker, horizon, source, kind)


@st.cache_data(max_entries=20, show_spinner="Reading bars ...")
def _history(stamp: str, ticker: Ticker, adjusted: bool) -> History:
    return histories.history(stores().bars, ticker, stores().calendars(), adjusted=adjusted)
