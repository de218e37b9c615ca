"""Clients of yfinance that share nothing, so that several threads may ask at once.

yfinance keeps one session, cookie and crumb in a process, for all threads. Here each client has its
own. One thread at a time uses a client, and then another does, so that a cookie and a crumb are
asked for once a client and not once a ticker. Time zones are not looked up: that of a ticker is its
market's, and Yahoo's answer names its own.
"""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pandas as pd

from core.foundation.errors import SourceError
from core.market_data.sources.persistence import RequestState

REQUEST_SECONDS, COOKIE_SECONDS = 10.0, 5.0
_CHART = "/v8/finance/chart/"
_lending = threading.Lock()
# Threads are for waiting. Several that compute compete for the interpreter, which was measured to
# double the time of a ticker; so a thread holds this lock while it computes.
computing = threading.Lock()


@dataclass(frozen=True)
class YahooResponse:
    """Rows as Yahoo dates and adjusts them, and what it says of the ticker."""

    rows: pd.DataFrame
    currency: str | None
    zone: str | None
    symbol: str | None


class Client:
    """A session, cookie and crumb; for one thread at a time."""

    def __init__(self, yfinance: Any, base: str) -> None:
        self._yfinance, self._base = yfinance, base
        self._door = _door(base)
        # Bypasses the metaclass, which would return one shared instance.
        self._data = type.__call__(yfinance.data.YfData, session=self._door)

    def ask(
        self, symbol: str, zone: str, start: pd.Timestamp | None, state: RequestState
    ) -> YahooResponse:
        """One try; raises whatever yfinance makes of an answer it did not expect."""
        # The day before as well: the midnight of Yahoo's zone may come before that of ours.
        first = None if start is None else start - pd.Timedelta(days=1)
        span = {"period": "max"} if first is None else {"start": f"{first:%Y-%m-%d}"}
        state.status, state.text = 0, ""
        self._door.request_state = state
        if self._base and self._data._crumb is not None:
            # It keeps only Yahoo's own cookie, and would ask a mirror for one with each ticker.
            self._data._cookie = True
        self._data.cache_get.cache_clear()  # it keeps bad answers too
        from yfinance.scrapers.history import PriceHistory

        with computing:
            try:
                price_history = PriceHistory(self._data, symbol, zone, self._door)
                rows = price_history.history(
                    **span, auto_adjust=False, actions=True, timeout=REQUEST_SECONDS
                )
                meta = (
                    price_history.get_history_metadata()
                )  # only what is looked up in it is fetched
                facts = ("currency", "exchangeTimezoneName", "symbol")
                return YahooResponse(rows, *(meta.get(name) for name in facts))
            finally:
                # Or each thread that ever fetched would hold a file open.
                self._yfinance.cache._CookieDBManager.close_db()


def prepare(folder: Path) -> None:
    """Load yfinance, which takes a second, and on a busy machine far more."""
    with _lending:
        _yfinance(folder)


@contextmanager
def lent(folder: Path, base: str) -> Iterator[Client]:
    """A client for the caller alone; yfinance keeps its cookie in the folder."""
    with _lending:
        yfinance, free = _yfinance(folder), _free(folder, base)
        client = free.pop() if free else Client(yfinance, base)
    try:
        yield client
    finally:
        free.append(client)


@lru_cache(maxsize=8)
def _free(folder: Path, base: str) -> list[Client]:
    return []


@lru_cache(maxsize=1)
def _yfinance(folder: Path) -> Any:
    import yfinance  # costs a second

    yfinance.config.debug.hide_exceptions = False  # an empty frame would say nothing
    yfinance.set_tz_cache_location(str(folder.absolute()))
    # It holds on to the folder of its first use, and makes its tables as if no other thread did.
    yfinance.cache._CookieCacheManager._Cookie_cache = None
    yfinance.cache.get_cookie_cache().lookup("curlCffi")
    yfinance.cache._CookieDBManager.close_db()
    for chatty in ("yfinance", "bs4"):  # what they say is raised as well
        logging.getLogger(chatty).setLevel(logging.CRITICAL)
    return yfinance


def _door(base: str) -> Any:
    """A way to Yahoo: every request in its turn and time, to the base address if there is one."""
    from curl_cffi import requests

    cut_short = (requests.exceptions.IncompleteRead, requests.exceptions.ChunkedEncodingError)

    class Door(requests.Session[requests.Response]):
        request_state: RequestState

        def request(self, method: Any, url: str, *args: Any, **more: Any) -> requests.Response:
            computing.release()
            try:
                return self._waited_for(method, url, *args, **more)
            finally:
                computing.acquire()

        def _waited_for(self, method: Any, url: str, *args: Any, **more: Any) -> requests.Response:
            state, target = self.request_state, sent_to(url, base)
            state.deadline += state.acquire()
            left = state.deadline - time.monotonic()
            if left <= 0:
                raise requests.exceptions.Timeout("the time for this ticker is over")
            more["timeout"] = min(REQUEST_SECONDS if _CHART in url else COOKIE_SECONDS, left)
            if base:
                more["allow_redirects"] = False
            try:
                response = super().request(method, target, *args, **more)
            except cut_short:
                state.answered = True
                raise
            state.answered = True
            if _CHART in url:
                state.status, state.text = response.status_code, response.text[:1000]
            return response

    # The handle goes with the client from thread to thread, and its open connection with it.
    return Door(impersonate="chrome", trust_env=not base, use_thread_local_curl=False)


def sent_to(url: str, base: str) -> str:
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
        raise SourceError(
            "yahoo.other-host",
            "{host} is not Yahoo; only {base} may be asked.",
            {"host": host, "base": base},
        )
    return base + urlunsplit(("", "", parts.path or "/", parts.query, ""))
