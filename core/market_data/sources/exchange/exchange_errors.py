"""What is said of an exchange that does not answer, or answers what cannot be used."""

import pandas as pd

from core.foundation.errors import (
    NoBarsError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    UnavailableError,
)
from core.market_data.sources.exchange.reports import ExchangeReport, exchange_of
from core.reference.tickers import Ticker


def too_many(exchange: str, ticker: Ticker) -> RateLimitedError:
    """The exchange wants to be left alone for a while."""
    return RateLimitedError(
        "exchange.too-many",
        "{exchange} asks for fewer requests; {ticker} was not fetched.",
        {"exchange": exchange, "ticker": ticker},
    )


def unreachable(exchange: str, ticker: Ticker) -> UnavailableError:
    """The exchange does not answer at all."""
    return UnavailableError(
        "exchange.unreachable",
        "{exchange} cannot be reached; {ticker} was not fetched.",
        {"exchange": exchange, "ticker": ticker},
    )


def too_slow(exchange: str, ticker: Ticker) -> UnavailableError:
    """The exchange did not answer in time."""
    return UnavailableError(
        "exchange.too-slow",
        "{exchange} did not answer in time; {ticker} was not fetched.",
        {"exchange": exchange, "ticker": ticker},
    )


def not_available(exchange: str, ticker: Ticker, status: int) -> UnavailableError:
    """The exchange is out of order."""
    return UnavailableError(
        "exchange.not-available",
        "{exchange} is not available (HTTP {status}); {ticker} was not fetched.",
        {"exchange": exchange, "status": status, "ticker": ticker},
    )


def unreadable(report: ExchangeReport, ticker: Ticker) -> UnavailableError:
    """What came is no report, or one in another form than is known here."""
    return UnavailableError(
        "exchange.unreadable",
        "{exchange} sent a report {report} that cannot be read; {ticker} was not fetched.",
        {"exchange": report.exchange, "report": report.name, "ticker": ticker},
    )


def of_another(report: ExchangeReport, ticker: Ticker) -> SchemaError:
    """A report of another code or of other days than were asked for."""
    return SchemaError(
        "exchange.other-report",
        "{exchange} sent a report {report} of another code or of other days than were asked for; "
        "{ticker} was not fetched.",
        {"exchange": report.exchange, "report": report.name, "ticker": ticker},
        parameter="ticker",
    )


def no_bars(ticker: Ticker, start: pd.Timestamp | None, months: int) -> NotFoundError:
    """The exchange has no bar of the ticker in the months asked for."""
    exchange = exchange_of(ticker)
    if start is not None:
        return NoBarsError(
            "exchange.no-bars-since",
            "{exchange} has no bars of {ticker} since {start}.",
            {"exchange": exchange, "ticker": ticker, "start": start.date()},
            parameter="start",
        )
    return NotFoundError(
        "exchange.unknown-ticker",
        "{exchange} has no bars of {ticker} in the last {months} months.",
        {"exchange": exchange, "ticker": ticker, "months": months},
        parameter="ticker",
    )
