"""A home folder with its stores open, and bars to put there."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from core.registry.registry import ModelRegistry
from core.services.intake import Intake
from core.storage.audit import Audit
from core.storage.bars import ParquetBars
from core.storage.database import Database
from core.storage.quarantine import Quarantine
from core.tickers import Ticker
from tests.bars import frame

AT = datetime(2024, 7, 1, 9, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Home:
    """The stores under one folder."""

    path: Path
    bars: ParquetBars
    database: Database
    registry: ModelRegistry
    audit: Audit
    url: str

    @property
    def quarantine(self) -> Quarantine:
        return Quarantine(self.database)

    @property
    def intake(self) -> Intake:
        return Intake(self.bars, self.quarantine)

    def again(self) -> "Home":
        """The same stores, opened as another process would."""
        return open_home(self.path, self.url)


def open_home(path: Path, url: str = "") -> Home:
    """Open the stores under a folder, with records at an address; SQLite in the folder if empty."""
    url = url or f"sqlite:///{path / 'records.db'}"
    database = Database(url)
    registry = ModelRegistry(database, path / "models")
    return Home(path, ParquetBars(path / "bars"), database, registry, Audit(database), url)


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
    """Every file below a folder by name; lock files are left out."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): p.read_bytes() for p in files if p.suffix != ".lock"}
