"""The one place where settings become real stores and sources; called by entry points only."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import InvalidInputError
from core.forecasts.ledger import Ledger
from core.market.csv_file import CsvSource
from core.market.patience import Patience
from core.market.sample import SampleSource
from core.market.sources import Source
from core.market.yahoo import YahooSource
from core.overrides import learn
from core.registry.experiments import Experiments
from core.registry.mlflow_registry import MlflowRegistry
from core.registry.registry import ModelRegistry
from core.services.intake import Intake
from core.settings import Settings, load_settings
from core.storage.access import Access, Scheduler
from core.storage.audit import Audit
from core.storage.backfills import Backfills
from core.storage.bars import ParquetBars
from core.storage.cache import Cache, ProcessCache
from core.storage.database import Database, is_there
from core.storage.lives import Lives
from core.storage.objects import Objects
from core.storage.outbox import Outbox
from core.storage.outcomes import Outcomes
from core.storage.pace import SharedStanding
from core.storage.quarantine import Quarantine
from core.storage.reports import Reports
from core.storage.session_overrides import SessionOverrides
from core.tickers import Ticker

if TYPE_CHECKING:
    from core.storage.clickhouse import ClickHouseBars


def open_bars(url: str | None = None, settings: Settings | None = None) -> ParquetBars:
    """The lake of bars, as the settings say where not said here.

    Parameters
    ----------
    url : a folder path, file:// address or s3://bucket/prefix.
    settings : how S3 is reached, read now when None; and whether wide reads come from the copy in
        ClickHouse while that is up to date.

    Raises
    ------
    InvalidInputError : the address is of no such kind.
    """
    if url is None:
        settings = settings or load_settings()
        url = settings.bars_address
    scheme, separator, rest = url.partition("://")
    if separator and scheme == "s3":
        place: Path | Objects = _open_bucket(rest, settings or load_settings())
    elif separator and scheme != "file":
        raise InvalidInputError(
            f"Bars cannot be stored at {scheme}://; name a folder or s3://bucket/prefix.", "url"
        )
    else:
        place = Path(rest if separator else url)
    copy = open_mirror(settings) if settings and settings.clickhouse_reads else None
    if copy is None:
        return ParquetBars(place)
    from core.storage.mirrored import MirroredBars

    return MirroredBars(place, copy)


def open_mirror(settings: Settings) -> "ClickHouseBars | None":
    """The copy of the bars in ClickHouse, if there is to be one."""
    if not settings.clickhouse_url:
        return None
    from core.storage.clickhouse import ClickHouseBars  # and this a quarter of one

    return ClickHouseBars(settings.clickhouse_url)


def open_cache(settings: Settings) -> Cache:
    """Where forecasts are kept for a while."""
    if not settings.cache_url:
        return ProcessCache()
    from core.storage.redis_cache import RedisCache  # as above

    return RedisCache(settings.cache_url)


def open_intake(settings: Settings) -> Intake:
    """The way into the lake of bars, past the checks."""
    return Intake(open_bars(settings=settings), open_quarantine(settings))


def open_quarantine(settings: Settings) -> Quarantine:
    """The register of bars that failed a check."""
    return Quarantine(open_records(settings.records_address))


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
        patience = Patience(open_standing(chosen), chosen.yahoo_rate)
        return YahooSource(chosen.home / "yahoo", chosen.yahoo_url, patience=patience)
    if name != "csv":
        raise InvalidInputError(
            f"There is no source {name}; known are sample, csv and yahoo.", "source"
        )
    if file is None:
        raise InvalidInputError("The csv source needs a file; name it with --file.", "file")
    return CsvSource(file, ticker)


def open_standing(settings: Settings) -> SharedStanding:
    """How all processes stand with Yahoo, or with what is asked in its place."""
    records = open_records(settings.records_address)
    return SharedStanding(records, settings.yahoo_url or YahooSource.name)


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


def open_experiments(settings: Settings) -> Experiments:
    """The runs on record in MLflow."""
    return Experiments(settings.mlflow_address, lambda: open_mlflow(settings).run_ids())


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


def open_backfills(settings: Settings) -> Backfills:
    """Which past ranges were filled."""
    return Backfills(open_records(settings.records_address))


def open_reports(settings: Settings) -> Reports:
    """What monitoring found."""
    return Reports(open_records(settings.records_address), settings.home / "reports")


def open_session_overrides(settings: Settings) -> SessionOverrides:
    """What was found out here about single sessions."""
    return SessionOverrides(open_records(settings.records_address))


def learn_sessions(settings: Settings) -> None:
    """Let what is on record about single sessions count in this process."""
    if is_there(settings.records_address):
        learn(open_session_overrides(settings).in_force())


def open_lives(settings: Settings) -> Lives:
    """Which flow runs still have a process."""
    return Lives(settings.home / "running")


def open_scheduler(settings: Settings) -> Scheduler:
    """Where Prefect is and the password it asks for, made on first use."""
    return open_access(settings).scheduler(settings.prefect_address, settings.prefect_auth)


def open_access(settings: Settings) -> Access:
    """People's keys."""
    return Access(settings.home)


def _open_bucket(place: str, settings: Settings) -> Objects:
    from core.storage.s3 import Bucket, Credentials  # nearly a second, for those who use it

    bucket, _, prefix = place.partition("/")
    if not bucket:
        raise InvalidInputError("s3:// names no bucket; write s3://bucket/prefix.", "url")
    keys = (settings.s3_key, settings.s3_secret, settings.s3_region)
    return Bucket(bucket, prefix, Credentials(settings.s3_url, *keys))


@lru_cache(maxsize=4)
def open_records(url: str) -> Database:
    """The records database, one for each address in a process."""
    return Database(url)
