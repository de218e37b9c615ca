"""The stored bars of one ticker in short: what lists of tickers say without opening its file."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa

from core.foundation.errors import DamagedError, UnreadableError
from core.foundation.messages import Message
from core.market_data.lake.holds import HOLD, readable
from core.market_data.lake.revisions import latest
from core.reference.bar_holds import PRICES_READ, Hold
from core.reference.tickers import Ticker

TAIL_SESSIONS = 40  # newest stored ones of which is known whether they may be read
_DAY_NANOSECONDS = 86_400_000_000_000
_NAN = float("nan")


@dataclass(frozen=True)
class StoredDays:
    """Dates as one bit each from a first one on.

    Parameters
    ----------
    first : days since 1970.
    bits : as `numpy.packbits` packs them; the first of all is set.
    """

    first: int
    bits: bytes

    @classmethod
    def of(cls, days: np.ndarray) -> "StoredDays":
        """Of days since 1970, ascending, at least one."""
        marked = np.zeros(int(days[-1] - days[0]) + 1, bool)
        marked[days - days[0]] = True
        return cls(int(days[0]), np.packbits(marked).tobytes())

    def numbers(self) -> np.ndarray:
        """Days since 1970, int64, ascending."""
        return np.flatnonzero(np.unpackbits(np.frombuffer(self.bits, np.uint8))) + self.first


@dataclass(frozen=True)
class BarSummary:
    """What is stored of one ticker. Of a damaged file nothing but `damaged` is known.

    Parameters
    ----------
    stamp : of what was read, as `core.market_data.lake.bar_store.ParquetBars.stamps` says it.
    damaged : why its file cannot be used, as JSON; empty if it can.
    stored_source : of the newest stored session, readable or not.
    first_stored, stored_bits : the sessions stored, see `StoredDays`.
    tail : bit k says whether the prices of the session k before the newest may be read.
    newest_read : the newest session whose prices may be read, in days since 1970; None if none.
    held_back : sessions of which something is held back.
    count : bars that are read: those of `ParquetBars.load`, of which all that follows is too.
    first, last : sessions in days since 1970; None where nothing is read.
    source : of the last bar; empty where nothing is read.
    sources : of any bar, in alphabetical order.
    last_close : raw, NaN where nothing is read.
    change : from the close before as a ratio, splits taken out; NaN where there is none.
    """

    symbol: str
    stamp: str
    damaged: str = ""
    stored_source: str = ""
    first_stored: int = 0
    stored_bits: bytes = b""
    tail: int = 0
    newest_read: int | None = None
    held_back: int = 0
    count: int = 0
    first: int | None = None
    last: int | None = None
    source: str = ""
    sources: tuple[str, ...] = ()
    last_close: float = _NAN
    change: float = _NAN

    @cached_property
    def ticker(self) -> Ticker:
        """Whose bars they are."""
        return Ticker(self.symbol)

    @property
    def damage(self) -> Message | None:
        """Why the file cannot be used; None if it can."""
        return Message.from_stored(json.loads(self.damaged)) if self.damaged else None

    @property
    def days(self) -> StoredDays:
        """The stored sessions, readable or not."""
        return StoredDays(self.first_stored, self.stored_bits)


def session_of(day: int) -> pd.Timestamp:
    """A session from days since 1970."""
    return _session_of(int(day))


def summed(
    tickers: list[Ticker],
    stamps: Mapping[Ticker, str],
    every: Iterable[pa.Table | DamagedError],
) -> Iterator[BarSummary]:
    """The summary of each ticker from its revisions, or from why there are none."""
    for ticker, found in zip(tickers, every, strict=True):
        if isinstance(found, DamagedError):
            stamp = "" if isinstance(found, UnreadableError) else stamps[ticker]
            damage = json.dumps(found.sentence.to_dict(), sort_keys=True)
            yield BarSummary(ticker.symbol, stamp, damage)
        else:
            yield _summary_of(ticker.symbol, stamps[ticker], latest(found))


def _summary_of(symbol: str, stamp: str, stored: pa.Table) -> BarSummary:
    """Of the latest revisions of a ticker; without any, nothing is stored."""
    if not len(stored):
        return BarSummary(symbol, stamp)
    days = stored["session"].to_numpy().astype("datetime64[D]").astype("int64")
    holds = stored[HOLD].to_numpy()
    read = np.isin(holds, PRICES_READ)
    stored_days = StoredDays.of(days)
    return BarSummary(
        symbol,
        stamp,
        stored_source=stored["source"][-1].as_py(),
        first_stored=stored_days.first,
        stored_bits=stored_days.bits,
        tail=sum(1 << back for back in np.flatnonzero(read[::-1][:TAIL_SESSIONS]).tolist()),
        newest_read=int(days[read][-1]) if read.any() else None,
        held_back=int((~np.isin(holds, (Hold.NONE, Hold.STEP))).sum()),
        **_read_bars(stored, bool((holds == Hold.NONE).all())),
    )


def _read_bars(stored: pa.Table, all_read: bool) -> dict[str, Any]:
    """What is said of the bars that are read."""
    wanted = ["session", "source", "close", "split_ratio"]
    bars = stored.select(wanted).to_pandas() if all_read else readable(stored.to_pandas())
    if bars.empty:
        return {}
    close, split = bars["close"].to_numpy(), bars["split_ratio"].to_numpy()
    change = float(close[-1] * split[-1] / close[-2] - 1.0) if len(bars) > 1 else _NAN
    first, last = (int(bars["session"].iloc[at].value // _DAY_NANOSECONDS) for at in (0, -1))
    return {
        "count": len(bars),
        "first": first,
        "last": last,
        "source": str(bars["source"].iloc[-1]),
        "sources": tuple(sorted(map(str, bars["source"].unique()))),
        "last_close": float(close[-1]),
        "change": change,
    }


@lru_cache(maxsize=50_000)  # two hundred years
def _session_of(day: int) -> pd.Timestamp:
    return pd.Timestamp(day * _DAY_NANOSECONDS)
