"""Bars from Yahoo Finance, asked through yfinance.

Tried against recorded answers and a server of our own that speaks as Yahoo does, never against
Yahoo itself: what it sends may have changed since. A split that Yahoo applied to its prices
without listing it cannot be seen here; its prices are then stored as if they had been traded.
"""

import random
import threading
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from core.foundation.errors import (
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    UnavailableError,
)
from core.market_data.sources import yahoo_client
from core.market_data.sources.capital_gains import with_capital_gains
from core.market_data.sources.closed_sessions import closed_sessions
from core.market_data.sources.rate_limiter import Permission, RateLimiter
from core.market_data.sources.source_contract import within
from core.market_data.sources.yahoo_client import RequestState
from core.market_data.sources.yahoo_errors import (
    check,
    empty,
    reason,
    too_many,
    unreachable,
)
from core.reference.bar_sources import BarSource
from core.reference.schema import PRICE_COLUMNS, typed_bars
from core.reference.sessions import Calendars
from core.reference.tickers import FX, Ticker

TRIES = 3
TICKER_SECONDS = 35.0
_COLUMNS = {"Dividends": "dividend", "Stock Splits": "split_ratio", "Volume": "volume"}
_COLUMNS |= {"Adj Close": "vendor_close", "Capital Gains": "capital_gain"}
_COLUMNS |= {name.capitalize(): name for name in PRICE_COLUMNS}
# What opens the circuit breaker, and the errors raised while it is open.
_KINDS: dict[str, type[SourceError]] = {
    kind.__name__: kind for kind in (RateLimitedError, UnavailableError)
}


class YahooSource:
    """Yahoo Finance; may be asked by several threads at once.

    Parameters
    ----------
    folder : where yfinance keeps its cookie; created when needed.
    url : a base address that is asked instead of Yahoo; nothing else is then reached.
    pause : seconds before a second try, twice as long before a third.
    limit : seconds for all tries of one ticker, the wait for one's turn aside.
    rate_limiter : how often Yahoo may be asked, shared by all who ask it.
    calendars : gives the exchange calendars as they are known at the time.
    """

    name: str = BarSource.YAHOO

    def __init__(
        self,
        folder: Path,
        url: str = "",
        pause: float = 1.0,
        limit: float = TICKER_SECONDS,
        rate_limiter: RateLimiter | None = None,
        calendars: Callable[[], Calendars] = Calendars,
    ) -> None:
        if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc):
            raise InvalidInputError(
                "yahoo.bad-address",
                'yahoo_url is "{address}"; it should look like http://127.0.0.1:8600.',
                {"address": url},
                parameter="yahoo_url",
            )
        self._folder, self._url = folder, url.rstrip("/")
        self._pause, self._limit = pause, limit
        self._rate_limiter = RateLimiter() if rate_limiter is None else rate_limiter
        self._calendars = calendars
        self._silent = 1  # tickers in a row without any answer; before the first one, all
        self._counting = threading.Lock()

    def tickers(self) -> None:
        """None: the tickers of Yahoo cannot be listed."""

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        """Bars as traded of sessions that had closed half an hour before `at`.

        Their values may break the contract. A column `vendor_close` more is Yahoo's own close,
        adjusted for splits and dividends until today.

        Raises
        ------
        NotFoundError : Yahoo knows no such ticker.
        NoBarsError : Yahoo has no bars of it from `start` on.
        RateLimitedError : Yahoo asks for fewer requests; all tickers then rest for a while.
        UnavailableError : no answer, or none that can be read, in 3 tries and 35 seconds.
        SchemaError : the answer is of another currency or time zone, or breaks the contract.
        """
        rows = self._rows(ticker, start)
        with yahoo_client.computing:
            # Every split until today was needed, so what lies after `end` is cut only now.
            return within(self._bars(ticker, rows, at), start, end)

    def _bars(self, ticker: Ticker, rows: pd.DataFrame, at: datetime) -> pd.DataFrame:
        if not (np.isfinite(rows["split_ratio"]) & (rows["split_ratio"] > 0)).all():
            raise SchemaError(
                "yahoo.bad-split",
                "Yahoo lists a split of {ticker} without a ratio.",
                {"ticker": ticker},
                parameter="split_ratio",
            )
        if ticker.market is FX:
            rows["volume"] = np.nan  # Yahoo has none and says 0
        bars = closed_sessions(rows, ticker.market, at, self._calendars()).assign(
            ticker=ticker.symbol, source=self.name, ingested_at=pd.Timestamp(at)
        )
        return typed_bars(bars, f"yahoo {ticker}").assign(vendor_close=bars["vendor_close"])

    def _rows(self, ticker: Ticker, start: pd.Timestamp | None) -> pd.DataFrame:
        permission = self._rate_limiter.enter()
        if not permission.granted:
            raise _refusal(permission, ticker)
        yahoo_client.prepare(self._folder)  # before the clock starts
        state = RequestState(time.monotonic() + self._limit, lambda: self._acquire(ticker))
        try:
            rows = self._tries(ticker, start, state)
        except RateLimitedError:
            self._rate_limiter.trip(RateLimitedError.__name__)
            raise
        except UnavailableError:
            # One silence may be this ticker's alone. After a second, or on trial, spare the others.
            if self._silence(state) > 1 or permission.trial:
                self._rate_limiter.trip(UnavailableError.__name__)
            raise
        except (NotFoundError, SchemaError):
            self._renew(permission)
            raise
        self._renew(permission)
        return rows

    def _acquire(self, ticker: Ticker) -> float:
        permission, waited = self._rate_limiter.acquire()
        if not permission.granted:
            raise _refusal(permission, ticker)
        return waited

    def _silence(self, state: RequestState) -> int:
        with self._counting:
            self._silent = 0 if state.answered else self._silent + 1
            return self._silent

    def _renew(self, leave: Permission) -> None:
        with self._counting:
            self._silent = 0
        if leave.trial:
            self._rate_limiter.renew()

    def _tries(
        self, ticker: Ticker, start: pd.Timestamp | None, state: RequestState
    ) -> pd.DataFrame:
        failures: list[SourceError | NotFoundError] = []
        while True:
            try:
                return self._ask(ticker, start, state)
            except (UnavailableError, NotFoundError) as error:
                failures.append(error)
            # One "not found" may be an error of Yahoo's; the second one is believed.
            denied = len(failures) > 1 and all(isinstance(e, NotFoundError) for e in failures[-2:])
            pause = self._pause * 2 ** (len(failures) - 1) * random.uniform(1.0, 1.2)
            late = time.monotonic() + pause >= state.deadline
            if denied or late or len(failures) == TRIES:
                raise failures[-1]
            time.sleep(pause)

    def _ask(self, ticker: Ticker, start: pd.Timestamp | None, state: RequestState) -> pd.DataFrame:
        """One try, split-adjusted as Yahoo answers."""
        try:
            with yahoo_client.lent(self._folder, self._url) as lent:
                found = lent.ask(ticker.symbol, ticker.market.zone, start, state)
        except SourceError:
            raise
        except Exception as error:  # whatever yfinance makes of an answer it did not expect
            raise reason(ticker, start, state, error) from error
        if found.rows.empty:
            raise empty(ticker, start)
        check(ticker, found.currency, found.zone, found.symbol)
        # There are gains of funds alone.
        rows: pd.DataFrame = found.rows.rename(columns=_COLUMNS).reindex(
            columns=list(_COLUMNS.values())
        )
        # The index holds midnights of the exchange: its own date, wherever this runs.
        sessions = pd.DatetimeIndex(found.rows.index).tz_localize(None).normalize()
        ratios = rows["split_ratio"].replace(0.0, 1.0)
        rows = rows.assign(session=sessions, split_ratio=ratios).reset_index(drop=True)
        return with_capital_gains(rows)


def _refusal(leave: Permission, ticker: Ticker) -> SourceError:
    return too_many(ticker) if leave.kind == RateLimitedError.__name__ else unreachable(ticker)
