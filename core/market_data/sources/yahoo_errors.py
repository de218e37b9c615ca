"""What an answer of Yahoo's means, and what the lack of one does."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pandas as pd

from core.foundation.errors import (
    NoBarsError,
    NotFoundError,
    RateLimitedError,
    SchemaError,
    SourceError,
    UnavailableError,
)
from core.market_data.sources.yahoo_client import RequestState
from core.reference.tickers import CRYPTO, FX, US, Market, Ticker

TOO_MANY = "asks for fewer requests"
UNREACHABLE = "cannot be reached"
_CUT_SHORT = {"IncompleteRead", "ChunkedEncodingError"}


def reason(
    ticker: Ticker, start: pd.Timestamp | None, watch: RequestState, error: Exception
) -> SourceError | NotFoundError:
    """What an exception of yfinance's means, judged by what really came back."""
    kinds = {kind.__name__ for kind in type(error).__mro__}
    said = _said(watch.text)
    if watch.status == 429 or "YFRateLimitError" in kinds:
        return RateLimitedError(not_fetched(TOO_MANY, ticker))
    if said.get("code") == "Not Found":
        return NotFoundError(f"Yahoo knows no ticker {ticker}.", "ticker")
    if said.get("code") == "Bad Request":  # no data in that range, or a range of the future
        return empty(ticker, start)
    if watch.status >= 400:
        what = f"is not available (HTTP {watch.status})"
    elif watch.status and "YFPricesMissingError" in kinds:
        return empty(ticker, start)
    elif watch.status or kinds & _CUT_SHORT:
        what = "sent an answer that cannot be read"
    else:
        what = "did not answer in time" if "Timeout" in kinds else UNREACHABLE
    return UnavailableError(not_fetched(what, ticker))


def not_fetched(what: str, ticker: Ticker) -> str:
    """The sentence for a ticker that Yahoo gave nothing usable of."""
    return f"Yahoo {what}; {ticker} was not fetched."


def empty(ticker: Ticker, start: pd.Timestamp | None) -> SourceError | NotFoundError:
    """No bars in an answer that is sound otherwise; that is no proof that a ticker is gone."""
    if start is not None:
        return NoBarsError(f"Yahoo has no bars of {ticker} since {start:%Y-%m-%d}.", "start")
    return UnavailableError(f"Yahoo sent no bars of {ticker}, which may pass; try again later.")


def check(ticker: Ticker, currency: str | None, zone: str | None) -> None:
    """Refuse bars that would be shown in the wrong currency or dated by another exchange.

    Raises
    ------
    SchemaError : naming what Yahoo says and what the ticker's form lets expect.
    """
    if currency and currency != ticker.currency:
        raise SchemaError(
            f"Yahoo quotes {ticker} in {currency}, where {ticker.currency} is expected.", "ticker"
        )
    if ticker.market not in (FX, CRYPTO) and not _dates_alike(ticker.market, str(zone)):
        raise SchemaError(
            f"Yahoo dates {ticker} by {zone}, where {ticker.market.zone} is expected.", "ticker"
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


def _said(text: str) -> dict[str, Any]:
    """The error in an answer; empty where there is none."""
    try:
        error = json.loads(text)["chart"]["error"]
    except (ValueError, KeyError, TypeError):
        return {}
    return error if isinstance(error, dict) else {}
