"""Bars from Yahoo Finance, asked through yfinance.

Tried against recorded answers and a server of our own that speaks as Yahoo does, never against
Yahoo itself: what it sends may have changed since. A split that Yahoo applied to its prices
without listing it cannot be seen here; its prices are then stored as if they had been traded.
"""

import logging
import random
import threading
import time
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import pandas as pd

from core.errors import (
    InvalidInputError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    UnavailableError,
)
from core.market.answers import TOO_MANY, UNREACHABLE, Watch, check, empty, not_fetched, reason
from core.market.patience import Patience
from core.market.settled import settled
from core.market.sources import within
from core.schema import PRICE_COLUMNS, validate_bars
from core.tickers import FX, Ticker

TRIES = 3
TICKER_SECONDS = 35.0
REQUEST_SECONDS, COOKIE_SECONDS = 10.0, 5.0
_CHART = "/v8/finance/chart/"
_COLUMNS = {"Dividends": "dividend", "Stock Splits": "split_ratio", "Volume": "volume"}
_COLUMNS |= {name.capitalize(): name for name in PRICE_COLUMNS}
# yfinance keeps one session, cookie and cache a process, so one ticker is asked at a time.
_ASKING = threading.Lock()


class YahooSource:
    """Yahoo Finance.

    Parameters
    ----------
    folder : where yfinance keeps cookies and time zones; created when needed.
    url : a base address that is asked instead of Yahoo; nothing else is then reached.
    pause : seconds before a second try, twice as long before a third.
    limit : seconds for all tries of one ticker.
    """

    name = "yahoo"

    def __init__(
        self, folder: Path, url: str = "", pause: float = 1.0, limit: float = TICKER_SECONDS
    ) -> None:
        if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc):
            raise InvalidInputError(
                f'yahoo_url is "{url}"; it should look like http://127.0.0.1:8600.', "yahoo_url"
            )
        self._folder, self._url = folder, url.rstrip("/")
        self._pause, self._limit = pause, limit
        self._patience = Patience()
        self._refusal: tuple[type[SourceError], str] = (UnavailableError, UNREACHABLE)
        self._silent = 1  # tickers in a row without any answer; before the first one, all

    def tickers(self) -> None:
        """Nobody can list what Yahoo holds."""

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        """Bars as traded of sessions that had closed half an hour before `at`.

        Raises
        ------
        NotFoundError : Yahoo knows no such ticker, or has no bars of it from `start` on.
        RateLimitedError : Yahoo asks for fewer requests; all tickers then rest for a while.
        UnavailableError : no answer, or none that can be read, in 3 tries and 35 seconds.
        SchemaError : the answer is of another currency or time zone, or breaks the contract.
        """
        market = ticker.market
        rows = self._rows(ticker, start)
        if not (np.isfinite(rows["split_ratio"]) & (rows["split_ratio"] > 0)).all():
            raise SchemaError(f"Yahoo lists a split of {ticker} without a ratio.", "split_ratio")
        if market is FX:
            rows["volume"] = np.nan  # Yahoo has none and says 0
        bars = settled(rows, market, at).assign(
            ticker=ticker.symbol, source=self.name, ingested_at=pd.Timestamp(at)
        )
        # Every split until today was needed above, so what lies after `end` is cut only now.
        return within(validate_bars(bars, f"yahoo {ticker}"), start, end)

    def _rows(self, ticker: Ticker, start: pd.Timestamp | None) -> pd.DataFrame:
        with _ASKING:
            if self._patience.resting():
                kind, what = self._refusal
                raise kind(not_fetched(what, ticker))
            watch = Watch(time.monotonic() + self._limit)
            try:
                rows = self._tries(ticker, start, watch)
            except RateLimitedError:
                self._rest(RateLimitedError, TOO_MANY)
                raise
            except UnavailableError:
                self._silent = 0 if watch.answered else self._silent + 1
                if self._silent > 1:  # not this ticker's fault: spare the others the wait
                    self._rest(UnavailableError, UNREACHABLE)
                raise
            self._silent = 0
            self._patience.renew()
            return rows

    def _rest(self, kind: type[SourceError], what: str) -> None:
        self._refusal = kind, what
        self._patience.rest()

    def _tries(self, ticker: Ticker, start: pd.Timestamp | None, watch: Watch) -> pd.DataFrame:
        failures: list[SourceError | NotFoundError] = []
        while True:
            try:
                return _ask(ticker, start, self._folder, self._url, watch)
            except (UnavailableError, NotFoundError) as error:
                failures.append(error)
            # One "not found" may be a slip of Yahoo's; the same twice is believed.
            denied = len(failures) > 1 and all(isinstance(e, NotFoundError) for e in failures[-2:])
            pause = self._pause * 2 ** (len(failures) - 1) * random.uniform(1.0, 1.2)
            late = time.monotonic() + pause >= watch.deadline
            if denied or late or len(failures) == TRIES:
                raise failures[-1]
            time.sleep(pause)


def _ask(
    ticker: Ticker, start: pd.Timestamp | None, folder: Path, url: str, watch: Watch
) -> pd.DataFrame:
    """One try, split-adjusted as Yahoo answers."""
    yf = _yfinance(folder)
    if yf.utils.is_isin(ticker.symbol):  # yfinance would look for some ticker of that name
        raise NotFoundError(f"Yahoo knows no ticker {ticker}.", "ticker")
    session = _session(url)
    session.watch = watch
    watch.status, watch.text = 0, ""
    span = {"period": "max"} if start is None else {"start": f"{start:%Y-%m-%d}"}
    yf.data.YfData(session=session).cache_get.cache_clear()  # it keeps bad answers too
    try:
        asked = yf.Ticker(ticker.symbol, session=session)
        frame = asked.history(**span, auto_adjust=False, actions=True, timeout=REQUEST_SECONDS)
        meta = asked.history_metadata  # only what is looked up in it is fetched
        currency, zone = meta.get("currency"), meta.get("exchangeTimezoneName")
    except SourceError:
        raise
    except Exception as error:  # whatever yfinance makes of an answer it did not expect
        raise reason(ticker, start, watch, error) from error
    finally:
        # Or each thread that ever fetched would hold two files open.
        yf.cache._TzDBManager.close_db()
        yf.cache._CookieDBManager.close_db()
    if frame.empty:
        raise empty(ticker, start)
    check(ticker, currency, zone)
    rows: pd.DataFrame = frame.rename(columns=_COLUMNS)[list(_COLUMNS.values())]
    # The index holds midnights of the exchange: its own date, wherever this runs.
    sessions = frame.index.tz_localize(None).normalize()
    ratios = rows["split_ratio"].replace(0.0, 1.0)
    return rows.assign(session=sessions, split_ratio=ratios).reset_index(drop=True)


@lru_cache(maxsize=1)
def _yfinance(folder: Path) -> Any:
    import yfinance  # costs a second

    yfinance.config.debug.hide_exceptions = False  # an empty frame would say nothing
    yfinance.set_tz_cache_location(str(folder.absolute()))
    # Both hold on to the folder of their first use.
    yfinance.cache._TzCacheManager._tz_cache = None
    yfinance.cache._CookieCacheManager._Cookie_cache = None
    for chatty in ("yfinance", "bs4"):  # what they say is raised as well
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    return yfinance


@lru_cache(maxsize=4)
def _session(base: str) -> Any:
    """Yahoo's door: every request within its time, and to the base address if there is one."""
    from curl_cffi import requests

    cut_short = (requests.exceptions.IncompleteRead, requests.exceptions.ChunkedEncodingError)

    class Door(requests.Session[requests.Response]):
        watch: Watch

        def request(self, method: Any, url: str, *args: Any, **more: Any) -> requests.Response:
            left = self.watch.deadline - time.monotonic()
            if left <= 0:
                raise requests.exceptions.Timeout("the time for this ticker is over")
            more["timeout"] = min(REQUEST_SECONDS if _CHART in url else COOKIE_SECONDS, left)
            if base:
                more["allow_redirects"] = False
            try:
                answer = super().request(method, _sent_to(url, base), *args, **more)
            except cut_short:
                self.watch.answered = True
                raise
            self.watch.answered = True
            if _CHART in url:
                self.watch.status, self.watch.text = answer.status_code, answer.text[:1000]
            return answer

    return Door(impersonate="chrome", trust_env=not base)


def _sent_to(url: str, base: str) -> str:
    """Where a request really goes.

    Raises
    ------
    SourceError : there is a base address, and the request is for another host than Yahoo.
    """
    if not base:
        return url
    parts = urlsplit(url)
    host = parts.hostname or ""
    if host != "yahoo.com" and not host.endswith(".yahoo.com"):
        raise SourceError(f"{host} is not Yahoo; only {base} may be asked.")
    return base + urlunsplit(("", "", parts.path or "/", parts.query, ""))
