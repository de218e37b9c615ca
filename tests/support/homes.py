"""A home folder with its stores open, and bars to put there."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core.foundation.caches.opened_once import opened_once
from core.foundation.settings import Settings
from core.foundation.sql.database import Database
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.lake_index import NAME as INDEX
from core.market_data.sources.source_contract import Source
from core.reference.tickers import Ticker
from core.wiring import Workspace
from tests.support.bars import frame
from tests.support.databases import sqlite_records

AT = datetime(2024, 7, 1, 9, 0, tzinfo=UTC)


class Home(Workspace):
    """The stores under one folder, with a connection to the records of its own."""

    @opened_once
    def records(self) -> Database:
        return Database(self.settings.records_address)

    @property
    def database(self) -> Database:
        return self.records

    @property
    def path(self) -> Path:
        return self.settings.home

    def offer(self, source: Source) -> None:
        """Let every source be this one."""
        self._offered = source

    def source(self, name: str, *more: Any, **named: Any) -> Source:
        return getattr(self, "_offered", None) or super().source(name, *more, **named)

    def again(self) -> "Home":
        """The same stores, opened as another process would."""
        return open_home(self.path, self.settings.records_url)


def open_home(path: Path, url: str = "") -> Home:
    """Open the stores under a folder, with records at an address; SQLite in the folder if empty."""
    records = path / "records.db"
    if not url and not records.exists():
        sqlite_records(records)
    home = Home(Settings(_env_file=None, home=path, records_url=url))
    assert home.records
    return home


def closes(
    symbol: str,
    prices: list[float],
    start: str = "2024-06-03",
    at: str = "2024-07-01",
    **more: object,
) -> pd.DataFrame:
    """Bars on consecutive weekdays with these closes, ingested on that date (UTC)."""
    dates = pd.bdate_range(start, periods=len(prices))
    return frame(symbol, dates, prices, ingested_at=pd.Timestamp(at, tz="UTC"), **more)


def correct(bars: ParquetBars, symbol: str = "AAPL") -> None:
    """A ticker's last volume a little larger: bars that no version has learned from."""
    last = bars.load([Ticker.parse(symbol)], adjusted=False).tail(1)
    bars.upsert(last.assign(volume=last["volume"] + 1))


def file_bytes(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by name; locks and the index of the bars are left out."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    files = [path for path in files if path.suffix != ".lock" and path.name != INDEX]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def open_to_others(home: Path) -> list[str]:
    """What below a home, itself included, others than its owner may look at."""
    found = [home, *home.rglob("*")]
    assert len(found) > 1
    return [str(one) for one in found if one.lstat().st_mode & 0o077 and not one.is_symlink()]
