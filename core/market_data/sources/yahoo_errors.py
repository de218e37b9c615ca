"""Which error an answer of Yahoo's means, or a missing answer."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from core.foundation.errors import (
    InvalidInputError,
    NoBarsError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    UnavailableError,
)
from core.foundation.messages import Message
from core.foundation.printable import printable
from core.market_data.sources.persistence import RequestState
from core.reference.tickers import CRYPTO, FX, MAX_LENGTH, US, Market, Ticker

_CUT_SHORT = {"IncompleteRead", "ChunkedEncodingError"}


def reason(
    ticker: Ticker, start: pd.Timestamp | None, state: RequestState, error: Exception
) -> SourceError | NotFoundError:
    """The error that an exception of yfinance's means, judged by the HTTP answer."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    vendor_error = _vendor_error(state.text)
    if state.status == 429 or "YFRateLimitError" in kinds:
        return too_many(ticker)
    if vendor_error.get("code") == "Not Found":
        return NotFoundError(
            "yahoo.unknown-ticker",
            "Yahoo knows no ticker {ticker}.",
            {"ticker": ticker},
            parameter="ticker",
        )
    if vendor_error.get("code") == "Bad Request":  # no data in that range, or a range of the future
        return empty(ticker, start)
    if state.status >= 400:
        return UnavailableError(
            "yahoo.not-available",
            "Yahoo is not available (HTTP {status}); {ticker} was not fetched.",
            {"status": state.status, "ticker": ticker},
        )
    if state.status and "YFPricesMissingError" in kinds:
        return empty(ticker, start)
    if state.status or kinds & _CUT_SHORT:
        return UnavailableError(
            "yahoo.unreadable",
            "Yahoo sent an answer that cannot be read; {ticker} was not fetched.",
            {"ticker": ticker},
        )
    if "Timeout" in kinds:
        return UnavailableError(
            "yahoo.too-slow",
            "Yahoo did not answer in time; {ticker} was not fetched.",
            {"ticker": ticker},
        )
    return unreachable(ticker)


def too_many(ticker: Ticker) -> RateLimitedError:
    """Yahoo wants to be left alone for a while."""
    return RateLimitedError(
        "yahoo.too-many",
        "Yahoo asks for fewer requests; {ticker} was not fetched.",
        {"ticker": ticker},
    )


def unreachable(ticker: Ticker) -> UnavailableError:
    """Yahoo does not answer at all."""
    return UnavailableError(
        "yahoo.unreachable",
        "Yahoo cannot be reached; {ticker} was not fetched.",
        {"ticker": ticker},
    )


def empty(ticker: Ticker, start: pd.Timestamp | None) -> SourceError | NotFoundError:
    """The error for a valid answer without bars, which does not prove that a ticker is gone."""
    if start is not None:
        return NoBarsError(
            "yahoo.no-bars-since",
            "Yahoo has no bars of {ticker} since {start}.",
            {"ticker": ticker, "start": start.date()},
            parameter="start",
        )
    return UnavailableError(
        "yahoo.no-bars",
        "Yahoo sent no bars of {ticker}, which may pass; try again later.",
        {"ticker": ticker},
    )


def check(ticker: Ticker, currency: str | None, zone: str | None, symbol: str | None) -> None:
    """Refuse bars of another ticker, in another currency, or dated by another exchange.

    Raises
    ------
    SchemaError : names what Yahoo says and what was asked for, or the ticker's suffix implies.
    """
    if symbol and symbol.upper() != ticker.symbol:
        raise SchemaError.of(_other_symbol(ticker, symbol), "ticker")
    if currency and currency != ticker.currency:
        raise SchemaError(
            "yahoo.other-currency",
            "Yahoo quotes {ticker} in {currency}, where {expected} is expected.",
            {"ticker": ticker, "currency": currency, "expected": ticker.currency},
            parameter="ticker",
        )
    if ticker.market not in (FX, CRYPTO) and not _dates_alike(ticker.market, str(zone)):
        raise SchemaError(
            "yahoo.other-zone",
            "Yahoo dates {ticker} by {zone}, where {expected} is expected.",
            {"ticker": ticker, "zone": zone, "expected": ticker.market.zone},
            parameter="ticker",
        )


def _other_symbol(ticker: Ticker, symbol: str) -> Message:
    try:
        values = {"symbol": Ticker.parse(symbol), "ticker": ticker}
    except InvalidInputError:  # and so no part of a command
        return Message(
            "yahoo.no-symbol",
            "Yahoo sent bars of {symbol} where {ticker} was asked for.",
            {"symbol": printable(symbol, MAX_LENGTH), "ticker": ticker},
        )
    return Message(
        "yahoo.other-symbol",
        "Yahoo sent bars of {symbol} where {ticker} was asked for; if that is its symbol now, say "
        'so: python -m flows rename --from {ticker} --to {symbol} --reason "..."',
        values,
    )


def _dates_alike(market: Market, zone: str) -> bool:
    """Whether clocks in a zone show what those of the exchange do; anywhere in America for its."""
    if market == US:
        return zone.startswith("America/")
    try:
        theirs = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    noons = (datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 7))
    return all(
        noon.astimezone(theirs).utcoffset() == noon.astimezone(market.timezone).utcoffset()
        for noon in noons
    )


def _vendor_error(text: str) -> dict[str, Any]:
    """The error in an answer; empty where there is none."""
    try:
        error = json.loads(text)["chart"]["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
