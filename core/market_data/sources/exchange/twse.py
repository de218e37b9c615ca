"""Bars of Taiwan from its exchanges, by month, with the actions of their own tables.

For those who have the exchanges' consent, see docs/data.md: fetched for a person's own use and
never passed on. Tried against a server of our own that speaks as the exchanges are known to, never
against the exchanges themselves.
"""

import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from urllib.parse import urlsplit

import numpy as np
import pandas as pd

from core.foundation.errors import InvalidInputError, RateLimitedError, SourceError
from core.market_data.sources.closed_sessions import have_closed
from core.market_data.sources.exchange import exchange_errors
from core.market_data.sources.exchange.actions import (
    CorporateAction,
    action_of,
    applied,
    cash_of,
    listed,
)
from core.market_data.sources.exchange.exchange_client import ExchangeClient
from core.market_data.sources.exchange.months import month_bars
from core.market_data.sources.exchange.reports import (
    FIRST_MONTH,
    ActionTable,
    ExchangeReport,
    Span,
    action_tables,
    code_of,
    dividend_report,
    exchange_of,
    month_report,
    trades_in_taiwan,
)
from core.market_data.sources.persistence import PersistentRequests
from core.market_data.sources.rate_limiter import RateLimiter
from core.market_data.sources.source_contract import within
from core.reference.bar_sources import BarSource
from core.reference.schema import typed_bars
from core.reference.sessions import Calendars
from core.reference.tickers import Ticker

T = TypeVar("T")
SECONDS_APART = 3.0  # between two requests
REPORT_SECONDS = 35.0
EMPTY_MONTHS = 12  # so long a time without a bar, and no older month is asked for


class TwseSource:
    """TWSE and TPEx; may be asked by several threads at once.

    Parameters
    ----------
    url : a base address that is asked instead of both exchanges; nothing else is then reached.
    pause : seconds before a second try, twice as long before a third.
    limit : seconds for all tries of one report, the wait for one's turn aside.
    rate_limiter : how often the exchanges may be asked, shared by all who ask them.
    calendars : gives the exchange calendars as they are known at the time.
    """

    name: str = BarSource.TWSE

    def __init__(
        self,
        url: str = "",
        pause: float = 1.0,
        limit: float = REPORT_SECONDS,
        rate_limiter: RateLimiter | None = None,
        calendars: Callable[[], Calendars] = Calendars,
    ) -> None:
        if url and not (urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc):
            raise InvalidInputError(
                "exchange.bad-address",
                'twse_url is "{address}"; it should look like http://127.0.0.1:8610.',
                {"address": url},
                parameter="twse_url",
            )
        limiter = RateLimiter(rate=1 / SECONDS_APART) if rate_limiter is None else rate_limiter
        self._client = ExchangeClient(url)
        self._requests = PersistentRequests(limiter, pause, limit)
        self._calendars = calendars
        # A table has all codes, so that it is asked for once and not for each ticker.
        self._tables: dict[tuple[ActionTable, Span], pd.DataFrame] = {}
        self._asking = threading.Lock()

    def tickers(self) -> None:
        """None: the exchanges are not asked what they list."""

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        """Bars as traded of sessions that had closed half an hour before `at`.

        Months are asked for backwards from `end` or from now, no further than `start`, January 2010
        or 12 months in a row without a bar. A dividend is NaN where the exchange compares a session
        with nothing and lists no action.

        Raises
        ------
        InvalidInputError : the ticker is not of a share or fund in Taiwan.
        NotFoundError : the exchange had no bar of it in the last 12 months.
        NoBarsError : it has none from `start` on.
        RateLimitedError : the exchange asks for fewer requests; it is then left alone for a while.
        UnavailableError : no answer, or none that can be read, in 3 tries and 35 seconds.
        SchemaError : a report is of another code or other days, or a cell in it is no number.
        """
        if not trades_in_taiwan(ticker):
            raise InvalidInputError(
                "exchange.other-market",
                "The source twse has shares and funds of Taiwan such as 2330.TW or 6488.TWO; "
                "{ticker} is none.",
                {"ticker": ticker},
                parameter="ticker",
            )
        today = pd.Timestamp(at.astimezone(ticker.market.timezone).date())
        months = self._months(ticker, start, today if end is None else min(end, today))
        calendar = self._calendars()[ticker.market.calendar]
        found = pd.concat(months[::-1], ignore_index=True) if months else pd.DataFrame()
        if len(found):
            found = found[have_closed(found["session"], ticker.market, at, calendar)]
        if found.empty:
            raise exchange_errors.no_bars(ticker, start, EMPTY_MONTHS)
        bars = applied(found, *self._actions(ticker, found["session"].iloc[0], today)).assign(
            ticker=ticker.symbol, source=self.name, ingested_at=pd.Timestamp(at)
        )
        typed = typed_bars(bars, f"twse {ticker}").assign(
            dividend=bars["dividend"], change=bars["change"]
        )
        return within(typed, start, end)

    def _months(
        self, ticker: Ticker, start: pd.Timestamp | None, end: pd.Timestamp
    ) -> list[pd.DataFrame]:
        """The months that have bars, newest first."""
        first = FIRST_MONTH if start is None else max(start, FIRST_MONTH)
        wanted = pd.date_range(_month_of(first), _month_of(end), freq="MS")
        found, empty = [], 0
        for month in wanted[::-1]:
            report = month_report(ticker, month)

            def read(
                body: dict[str, Any], report: ExchangeReport = report, month: pd.Timestamp = month
            ) -> pd.DataFrame:
                return month_bars(report, body, ticker, month)

            bars = self._sent(report, ticker, read)
            empty = 0 if len(bars) else empty + 1
            if empty == EMPTY_MONTHS:
                break
            if len(bars):
                found.append(bars)
        return found

    def _actions(
        self, ticker: Ticker, since: pd.Timestamp, today: pd.Timestamp
    ) -> tuple[list[CorporateAction], list[CorporateAction]]:
        """What was paid, and how shares were changed otherwise, from `since` to `today`."""
        paid, changed = list[CorporateAction](), list[CorporateAction]()
        for table in action_tables(ticker):
            for span in table.ranges(since, today):
                rows = self._table(table, span, ticker)
                own = (rows["code"] == code_of(ticker)) & (rows["session"] >= _month_of(since))
                for row in rows[own].to_dict("records"):
                    if np.isnan(row["cash"]):
                        row["cash"] = self._cash(ticker, row["session"])
                    (paid if table.pays else changed).append(action_of(row))
        return paid, changed

    def _table(self, table: ActionTable, span: Span, ticker: Ticker) -> pd.DataFrame:
        report = table.report(span)
        with self._asking:
            if (table, span) not in self._tables:
                self._tables[table, span] = self._sent(
                    report, ticker, lambda body: listed(table, report, body, span, ticker)
                )
            return self._tables[table, span]

    def _cash(self, ticker: Ticker, session: pd.Timestamp) -> float:
        report = dividend_report(ticker, session)
        return self._sent(report, ticker, lambda body: cash_of(report, body, ticker))

    def _sent(
        self, report: ExchangeReport, ticker: Ticker, read: Callable[[dict[str, Any]], T]
    ) -> T:
        """What is read of a report; one that cannot be read is asked for again."""
        return self._requests.send(
            lambda state: read(self._client.ask(report, ticker, state)),
            lambda kind: _refusal(kind, ticker),
        )


def _month_of(day: pd.Timestamp) -> pd.Timestamp:
    return day.normalize().replace(day=1)


def _refusal(kind: str, ticker: Ticker) -> SourceError:
    exchange = exchange_of(ticker)
    if kind == RateLimitedError.__name__:
        return exchange_errors.too_many(exchange, ticker)
    return exchange_errors.unreachable(exchange, ticker)
