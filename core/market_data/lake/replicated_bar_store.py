"""The bar store with faster wide reads from its copy in ClickHouse; the answers are equal."""

import logging
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import pandas as pd

from core.foundation.errors import TickerLensError
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.clickhouse import ClickHouseBars
from core.market_data.lake.holds import readable
from core.market_data.lake.objects import Objects
from core.market_data.lake.reading import named, shown
from core.reference.renames import Renames
from core.reference.tickers import Ticker

_log = logging.getLogger(__name__)

WIDE = 50
_REST_SECONDS = 30.0


class MirroredBars(ParquetBars):
    """A lake whose wide reads come from its copy in ClickHouse whenever that is up to date.

    Parameters
    ----------
    wide : reads of more tickers than this, or of all, may use the copy.
    """

    def __init__(
        self,
        place: Path | Objects,
        copy: ClickHouseBars,
        wide: int = WIDE,
        renames: Callable[[], Renames] = Renames,
    ) -> None:
        super().__init__(place, renames)
        self._copy = copy
        self._wide = wide
        self._resting_until = 0.0

    def load(
        self,
        tickers: Iterable[Ticker | str] | None = None,
        start: datetime | pd.Timestamp | None = None,
        end: datetime | pd.Timestamp | None = None,
        adjusted: bool = True,
        known_at: datetime | pd.Timestamp | None = None,
    ) -> pd.DataFrame:
        """Read bars, see `ParquetBars.load`."""
        wanted = None if tickers is None else named(tickers)
        stored = self._copied(wanted, known_at)
        if stored is None:
            return super().load(wanted, start, end, adjusted, known_at)
        return shown(readable(stored), start, end, adjusted)

    def _copied(
        self, tickers: list[Ticker] | None, known_at: datetime | pd.Timestamp | None
    ) -> pd.DataFrame | None:
        """The rows of the copy; None where it may not be used, or may differ from the lake."""
        if tickers is not None and len(tickers) <= self._wide:
            return None
        if time.monotonic() < self._resting_until:
            return None
        try:
            before = self.stamps()
            here = before if tickers is None else {t: before[t] for t in tickers if t in before}
            if not here or not self._equal(here):
                return None
            found = self._copy.latest(here, known_at)
            # A write in the meantime may be in it only in part.
            return found if self.stamps() == before and self._equal(here) else None
        except TickerLensError as error:
            _log.warning("%s Bars are read from the lake.", error.message)
            self._resting_until = time.monotonic() + _REST_SECONDS
            return None

    def _equal(self, here: dict[Ticker, str]) -> bool:
        there = self._copy.stamps()
        return all(t in there and there[t].stamp == stamp for t, stamp in here.items())
