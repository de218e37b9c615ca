"""The one place where settings become real stores and sources; called by entry points only."""

import threading
from collections.abc import Callable
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from core.forecasts.ledger.ledger import Ledger
from core.forecasts.response_stores import WithResponses
from core.forecasts.stores import WithForecasts
from core.foundation.access import Access, Scheduler
from core.foundation.audit import Audit
from core.foundation.caches.opened_once import opened_once
from core.foundation.errors import InvalidInputError
from core.foundation.incidents import record_incident
from core.foundation.outbox import Outbox
from core.foundation.run_locks import RunLocks
from core.foundation.schedules.stores import ScheduleStores
from core.foundation.settings import Settings, load_settings
from core.foundation.sql.database import Database, Guard, GuardedDatabase, is_there
from core.foundation.sql.leases import Leases
from core.lifecycle.report_store import Reports
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.open_place import open_place
from core.market_data.records.backfill_log import Backfills
from core.market_data.records.ingest_log import IngestLog
from core.market_data.records.quarantine import Quarantine
from core.market_data.records.rename_log import RenameLog
from core.market_data.records.session_override_store import SessionOverrides
from core.market_data.records.watchlist import Watchlist
from core.market_data.sources.both_sources import BothSource
from core.market_data.sources.csv_file import CsvSource
from core.market_data.sources.exchange.twse import SECONDS_APART, TwseSource
from core.market_data.sources.rate_limit_store import SharedRateLimit
from core.market_data.sources.rate_limiter import RateLimiter
from core.market_data.sources.sample import SampleSource
from core.market_data.sources.source_contract import Source
from core.market_data.sources.tables.options import TableOptions
from core.market_data.sources.tables.text import FileBytes
from core.market_data.sources.yahoo import YahooSource
from core.market_data.validate import BarGateway
from core.reference.bar_sources import BarSource
from core.reference.renames import Renames
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker
from core.registry.mlflow_mirror import MlflowRegistry
from core.registry.mlflow_runs import Experiments
from core.registry.registry import ModelRegistry

if TYPE_CHECKING:
    from core.market_data.lake.clickhouse import ClickHouseBars


class Workspace(ScheduleStores, WithForecasts, WithResponses):
    """Every store of one home, each opened on first use and only once.

    Raises
    ------
    StorageError : whenever a store is first asked for that cannot be opened; tried again next time.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        # One each: a database that does not answer keeps nobody from the bars.
        self._opening: dict[str | None, threading.Lock] = {}

    @opened_once
    def records(self) -> Database:
        """The records database."""
        return open_records(self.settings.records_address, self.settings.cache_url)

    @opened_once
    def bars(self) -> ParquetBars:
        """The lake of bars, read from its copy where the settings want that."""
        replica = self.replica if self.settings.clickhouse_reads else None
        return _open_lake(self.settings, replica, self.renames)

    @opened_once
    def replica(self) -> "ClickHouseBars | None":
        """The copy of the bars in ClickHouse, if there is to be one."""
        if not self.settings.clickhouse_url:
            return None
        from core.market_data.lake.clickhouse import ClickHouseBars  # a quarter of a second

        return ClickHouseBars(self.settings.clickhouse_url)

    @opened_once
    def quarantine(self) -> Quarantine:
        """The register of bars that failed a check."""
        return Quarantine(self.records, self.renames)

    @opened_once
    def gateway(self) -> BarGateway:
        """The way into the lake of bars, past the checks."""
        return BarGateway(self.bars, self.quarantine, self.calendars)

    @opened_once
    def session_overrides(self) -> SessionOverrides:
        """What was found out here about single sessions."""
        return SessionOverrides(self.records)

    @opened_once
    def ingest_log(self) -> IngestLog:
        """How ingests went."""
        return IngestLog(self.records)

    @opened_once
    def backfill_log(self) -> Backfills:
        """Which past ranges were filled."""
        return Backfills(self.records)

    @opened_once
    def watchlist(self) -> Watchlist:
        """What people asked to track."""
        return Watchlist(self.records, self.renames)

    @opened_once
    def rename_log(self) -> RenameLog:
        """Which symbols changed."""
        return RenameLog(lambda: self.records)

    @opened_once
    def rate_limit(self) -> SharedRateLimit:
        """How all processes stand with Yahoo, or with what is asked in its place."""
        return SharedRateLimit(self.records, self.settings.yahoo_url or YahooSource.name)

    @opened_once
    def twse_rate_limit(self) -> SharedRateLimit:
        """How all processes stand with Taiwan's exchanges, or with what is asked in their place."""
        return SharedRateLimit(self.records, self.settings.twse_url or TwseSource.name)

    @opened_once
    def registry(self) -> ModelRegistry:
        """The model versions."""
        return ModelRegistry(self.records, self.settings.home / "models", self.renames)

    def guarded_registry(self, guard: Guard) -> ModelRegistry:
        """The same, where a guard is asked within every transaction that changes it."""
        guarded = GuardedDatabase(self.records, guard)
        return ModelRegistry(guarded, self.settings.home / "models", self.renames)

    @opened_once
    def mlflow_mirror(self) -> MlflowRegistry:
        """The mirror of the model versions in MLflow."""
        return MlflowRegistry(
            self.records, self.settings.mlflow_address, self.settings.home / "mlflow-artifacts"
        )

    @opened_once
    def mlflow_runs(self) -> Experiments:
        """The runs on record in MLflow."""
        return Experiments(self.settings.mlflow_address, lambda: self.mlflow_mirror.run_ids())

    @opened_once
    def ledger(self) -> Ledger:
        """The forecasts as they were made."""
        incident = partial(record_incident, self.settings.home)
        return Ledger(self.records, incident, self.calendars, self.renames)

    @opened_once
    def reports(self) -> Reports:
        """What monitoring found."""
        return Reports(self.records, self.settings.home / "reports")

    @opened_once
    def audit(self) -> Audit:
        """The record of who did what."""
        return Audit(self.records)

    @opened_once
    def outbox(self) -> Outbox:
        """The work that was asked for."""
        return Outbox(self.records)

    @opened_once
    def leases(self) -> Leases:
        """Who may do which work."""
        return Leases(self.records)

    @opened_once
    def run_locks(self) -> RunLocks:
        """Which flow runs still have a process."""
        return RunLocks(self.settings.home / "running")

    @opened_once
    def access(self) -> Access:
        """People's keys."""
        return Access(self.settings.home, self.settings.oidc_groups)

    @opened_once
    def scheduler(self) -> Scheduler:
        """Where Prefect is and the password it asks for, made on first use."""
        return self.access.scheduler(self.settings.prefect_address, self.settings.prefect_auth)

    def source(
        self,
        name: str,
        files: tuple[Path | FileBytes, ...] = (),
        ticker: Ticker | None = None,
        table: TableOptions = TableOptions(),
    ) -> Source:
        """A source of bars by name; `files`, `ticker` and `table` are for csv.

        Raises an `InvalidInputError` where no source has that name, or for csv without a file.
        """
        if name == BarSource.SAMPLE:
            return SampleSource()
        if name == BarSource.YAHOO:
            return self._yahoo()
        if name == BarSource.TWSE:
            return self._twse()
        if name == BarSource.BOTH:
            return BothSource(self._twse(), self._yahoo())
        if name == BarSource.CSV:
            return CsvSource(files, ticker, table, self.settings.home / "columns.csv")
        raise InvalidInputError(
            "source.unknown",
            "There is no source {name}; known are {known}.",
            {"name": name, "known": list(BarSource)},
            parameter="source",
        )

    def _yahoo(self) -> YahooSource:
        return YahooSource(
            self.settings.home / "yahoo",
            self.settings.yahoo_url,
            rate_limiter=RateLimiter(self.rate_limit, self.settings.yahoo_rate),
            calendars=self.calendars,
        )

    def _twse(self) -> TwseSource:
        least = 0.0 if self.settings.twse_url else SECONDS_APART
        seconds = max(self.settings.twse_seconds, least)
        limiter = RateLimiter(self.twse_rate_limit, 1 / seconds if seconds else 0.0)
        return TwseSource(self.settings.twse_url, rate_limiter=limiter, calendars=self.calendars)

    def renames(self) -> Renames:
        """Which tickers have another symbol now: what every store of them reads and writes by."""
        if is_there(self.settings.records_address):
            return self.rename_log.in_force()
        return Renames()

    def calendars(self) -> Calendars:
        """The exchange calendars, corrected by what was last read about single sessions."""
        there = is_there(self.settings.records_address)  # looking must not make the records
        return self.session_overrides.calendars() if there else Calendars()

    def refresh_calendars(self) -> Calendars:
        """`calendars`, read again: another process may have found something out."""
        if is_there(self.settings.records_address):
            self.session_overrides.refresh()
        return self.calendars()


def open_bars(url: str | None = None) -> ParquetBars:
    """The lake of bars, as the settings say where not said here.

    Parameters
    ----------
    url : a folder path, file:// address or s3://bucket/prefix.

    Raises
    ------
    InvalidInputError : the address is of no such kind.
    """
    if url is None:
        return Workspace(load_settings()).bars
    return ParquetBars(open_place(url, load_settings))


def open_registry() -> ModelRegistry:
    """The model versions, where the settings say."""
    return Workspace(load_settings()).registry


def _open_lake(
    settings: Settings, replica: "ClickHouseBars | None", renames: Callable[[], Renames]
) -> ParquetBars:
    place = open_place(settings.bars_address, lambda: settings)
    if replica is None:
        return ParquetBars(place, renames)
    from core.market_data.lake.replicated_bar_store import MirroredBars

    return MirroredBars(place, replica, renames=renames)


@lru_cache(maxsize=4)
def open_records(url: str, cache_url: str = "") -> Database:
    """The records database, one for each address in a process."""
    return Database(url, cache_url)
