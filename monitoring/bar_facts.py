"""Facts about the stored bars: how many tickers, and how far behind their exchanges they are."""

import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

import pandas as pd
from prometheus_client.core import Metric

from core.foundation.errors import InvalidInputError, TickerLensError
from core.market_data.catalog import catalog
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.lake_index import Summaries
from core.reference.bar_sources import is_sample
from core.reference.sessions import SHIPPED, Calendar, Calendars
from core.reference.tickers import Ticker
from monitoring.families import age, gauge, one

STALE_SESSIONS = 2  # a ticker further behind than this is stale
OWN, SAMPLE = "own", "sample"


@dataclass(frozen=True)
class _Stored:
    """What is stored: a row a ticker, and how many cannot be read."""

    summaries: Summaries
    tracked: pd.DataFrame
    damaged: int


class BarFacts:
    """Goes by the index of the bars, of which only files that changed are read again."""

    def __init__(
        self,
        open_bars: Callable[[], ParquetBars],
        read_calendars: Callable[[], Calendars] = Calendars,
    ) -> None:
        self._open = open_bars
        self._read_calendars = read_calendars
        self._calendars = SHIPPED
        self._bars: ParquetBars | None = None
        self._stored: _Stored | None = None
        self._lock = threading.Lock()

    def __call__(self, at: datetime) -> Iterator[Metric] | None:
        """Every fact as of an instant; None if no bars are stored."""
        stored = self._read()
        with suppress(TickerLensError):  # else by what was known before
            self._calendars = self._read_calendars()
        return (
            _families(stored, at, self._calendars)
            if len(stored.tracked) or stored.damaged
            else None
        )

    def sources(self) -> dict[str, str]:
        """The source of each stored ticker's last bar."""
        tracked = self._read().tracked
        return {str(one): str(source) for one, source in zip(tracked["ticker"], tracked["source"])}

    def _read(self) -> _Stored:
        with self._lock:
            if self._bars is None:
                self._bars = self._open()
            summaries = self._bars.summaries()
            if self._stored is None or self._stored.summaries is not summaries:
                found = catalog(summaries)
                tracked = found.assign(
                    kind=found["source"].map(_kind),
                    calendar=found["ticker"].map(lambda one: Ticker.parse(one).market.calendar),
                )
                self._stored = _Stored(summaries, tracked, len(summaries.damaged))
            return self._stored


def _families(stored: _Stored, at: datetime, calendars: Calendars) -> Iterator[Metric]:
    tracked = stored.tracked
    yield gauge(
        "tickers",
        "Tickers with bars, by market; kind tells a person's own ones from sample ones.",
        {_key(key): len(rows) for key, rows in tracked.groupby(["market", "kind"])},
        ("market", "kind"),
    )
    yield gauge("damaged_tickers", "Tickers whose stored bars cannot be read.", one(stored.damaged))
    yield gauge(
        "last_session_age_seconds",
        "Seconds since the close of the newest stored session, by market and kind.",
        {
            _key(key): _age(rows["last_session"].max(), calendars[rows["calendar"].iloc[0]], at)
            for key, rows in tracked.groupby(["market", "kind"])
        },
        ("market", "kind"),
    )
    own = tracked[tracked["kind"] == OWN]
    behind = _behind(own, at, calendars)
    by_market = {_key(key): behind[rows.index] for key, rows in own.groupby(["market"])}
    yield gauge(
        "freshness_sessions",
        "Sessions closed since the last bar of the ticker furthest behind, own tickers only.",
        {key: float(found.max()) for key, found in by_market.items()},
        ("market",),
    )
    yield gauge(
        "stale_tickers",
        f"Own tickers more than {STALE_SESSIONS} sessions behind, by market.",
        {key: float((found > STALE_SESSIONS).sum()) for key, found in by_market.items()},
        ("market",),
    )


def _kind(source: str) -> str:
    return SAMPLE if is_sample(source) else OWN


def _key(key: object) -> tuple[str, ...]:
    assert isinstance(key, tuple)
    return tuple(map(str, key))


def _age(session: pd.Timestamp, calendar: Calendar, at: datetime) -> float | None:
    with suppress(InvalidInputError):  # older than the calendar reaches back
        return age(at, calendar.closes_at(calendar.shift(session, 0)))
    return None


def _behind(own: pd.DataFrame, at: datetime, calendars: Calendars) -> pd.Series:
    """Sessions that each ticker is behind, float64 on the index of `own`."""
    places = own[["calendar", "last_session"]].drop_duplicates()
    behind = {}
    for code, last in places.itertuples(index=False):
        calendar = calendars[code]
        since = calendar.between(last + pd.Timedelta(days=1), calendar.latest_closed(at))
        behind[code, last] = float(len(since))
    found = [behind[key] for key in zip(own["calendar"], own["last_session"])]
    return pd.Series(found, own.index, dtype="float64")
