"""Bars from Yahoo Finance, asked through yfinance.

Tried against recorded answers and a server of our own that speaks as Yahoo does, never against
Yahoo itself: what it sends may have changed since. A split that Yahoo applied to its prices
without listing it cannot be seen here; its prices are then stored as if they had been traded.
"""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from core.foundation.errors import (
    InvalidInputError,
    RateLimitedError,
    SchemaError,
    SourceError,
)
from core.market_data.sources import yahoo_client
from core.market_data.sources.capital_gains import with_capital_gains
from core.market_data.sources.closed_sessions import closed_sessions
from core.market_data.sources.persistence import PersistentRequests, RequestState
from core.market_data.sources.rate_limiter import RateLimiter
from core.market_data.sources.source_contract import within
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

TICKER_SECONDS = 35.0
_COLUMNS = {"Dividends": "dividend", "Stock Splits": "split_ratio", "Volume": "volume"}
_COLUMNS |= {"Adj Close": "vendor_close", "Capital Gains": "capital_gain"}
_COLUMNS |= {name.capitalize(): name for name in PRICE_COLUMNS}


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
        limiter = RateLimiter() if rate_limiter is None else rate_limiter
        self._requests = PersistentRequests(limiter, pause, limit)
        self._calendars = calendars

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
        yahoo_client.prepare(self._folder)  # before the clock starts
        return self._requests.send(
            lambda state: self._ask(ticker, start, state), lambda kind: _refusal(kind, ticker)
        )

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


def _refusal(kind: str, ticker: Ticker) -> SourceError:
    return too_many(ticker) if kind == RateLimitedError.__name__ else unreachable(ticker)
