"""The one place where settings become real stores and sources; called by entry points only."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InvalidInputError
from core.forecasts.ledger import Ledger
from core.market.csv_file import CsvSource
from core.market.sample import SampleSource
from core.market.sources import Source
from core.market.yahoo import YahooSource
from core.registry.mlflow_registry import MlflowRegistry
from core.registry.registry import ModelRegistry
from core.settings import Settings, load_settings
from core.storage.access import Access, Scheduler
from core.storage.audit import Audit
from core.storage.bars import ParquetBars
from core.storage.database import Database
from core.storage.lives import Lives
from core.storage.outbox import Outbox
from core.storage.outcomes import Outcomes
from core.storage.reports import Reports
from core.tickers import Ticker

if TYPE_CHECKING:
    from core.storage.clickhouse import ClickHouseBars


def open_bars(url: str | None = None, clickhouse_url: str = "") -> ParquetBars:
    """The lake of bars at a folder path or file:// address; as the settings say when None.

    With a ClickHouse that mirrors it, wide reads come from there while that is up to date.
    """
    address = load_settings().bars_address if url is None else url
    scheme, separator, rest = address.partition("://")
    if separator and scheme != "file":
        raise InvalidInputError(f"Bars cannot be stored at {scheme}:// yet; name a folder.", "url")
    root = Path(rest if separator else address)
    if not clickhouse_url:
        return ParquetBars(root)
    # Its client takes a quarter of a second to import, which who has no ClickHouse need not wait.
    from core.storage.clickhouse import ClickHouseBars
    from core.storage.mirrored import MirroredBars

    return MirroredBars(root, ClickHouseBars(clickhouse_url))


def open_mirror(settings: Settings) -> "ClickHouseBars | None":
    """The copy of the bars in ClickHouse, if there is to be one."""
    if not settings.clickhouse_url:
        return None
    from core.storage.clickhouse import ClickHouseBars

    return ClickHouseBars(settings.clickhouse_url)


def open_source(
    name: str,
    file: Path | None = None,
    ticker: Ticker | None = None,
    settings: Settings | None = None,
) -> Source:
    """A source of bars by name; `file` and `ticker` are for csv, the settings for yahoo.

    Raises
    ------
    InvalidInputError : no source has that name, or csv without a file.
    """
    if name == "sample":
        return SampleSource()
    if name == "yahoo":
        chosen = load_settings() if settings is None else settings
        return YahooSource(chosen.home / "yahoo", chosen.yahoo_url)
    if name != "csv":
        raise InvalidInputError(
            f"There is no source {name}; known are sample, csv and yahoo.", "source"
        )
    if file is None:
        raise InvalidInputError("The csv source needs a file; name it with --file.", "file")
    return CsvSource(file, ticker)


def open_registry(settings: Settings) -> ModelRegistry:
    """The model versions."""
    return ModelRegistry(open_records(settings.records_address), settings.home / "models")


def open_mlflow(settings: Settings) -> MlflowRegistry:
    """The mirror of the model versions in MLflow."""
    return MlflowRegistry(
        open_records(settings.records_address),
        settings.mlflow_address,
        settings.home / "mlflow-artifacts",
    )


def open_audit(settings: Settings) -> Audit:
    """The record of who did what."""
    return Audit(open_records(settings.records_address))


def open_ledger(settings: Settings) -> Ledger:
    """The forecasts as they were made."""
    return Ledger(open_records(settings.records_address))


def open_outbox(settings: Settings) -> Outbox:
    """The work that was asked for."""
    return Outbox(open_records(settings.records_address))


def open_outcomes(settings: Settings) -> Outcomes:
    """How ingests went."""
    return Outcomes(open_records(settings.records_address))


def open_reports(settings: Settings) -> Reports:
    """What monitoring found."""
    return Reports(open_records(settings.records_address), settings.home / "reports")


def open_lives(settings: Settings) -> Lives:
    """Which flow runs still have a process."""
    return Lives(settings.home / "running")


def open_scheduler(settings: Settings) -> Scheduler:
    """Where Prefect is and the password it asks for, made on first use."""
    return open_access(settings).scheduler(settings.prefect_address, settings.prefect_auth)


def open_access(settings: Settings) -> Access:
    """People's keys."""
    return Access(settings.home)


@lru_cache(maxsize=4)
def open_records(url: str) -> Database:
    """The records database, one for each address in a process."""
    return Database(url)
