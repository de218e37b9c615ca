"""Answers in the shape of Yahoo's, made from raw bars.

Written from recorded answers: prices are adjusted for later splits, rounded to 6 decimals and
stored in 32 bits; a session is dated by the instant it opens; an event is keyed by its session.
"""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pandas as pd

_PRICES = ("open", "high", "low", "close")
# Per ending: zone, opening and closing time there, currency, kind.
_MARKETS = {
    ".TW": ("Asia/Taipei", "09:00", "13:30", "TWD", "EQUITY"),
    ".TWO": ("Asia/Taipei", "09:00", "13:30", "TWD", "EQUITY"),
    "=X": ("Europe/London", "00:00", "23:59", "", "CURRENCY"),
    "-USD": ("UTC", "00:00", "23:59", "USD", "CRYPTOCURRENCY"),
    "": ("America/New_York", "09:30", "16:00", "USD", "EQUITY"),
}


def opens(symbol: str, sessions: pd.Series) -> list[int]:
    """The instants the sessions of a ticker open, in seconds since 1970."""
    zone, first = market(symbol)[:2]
    local = (sessions + pd.Timedelta(f"{first}:00")).dt.tz_localize(zone)
    return [int(instant.timestamp()) for instant in local]


def market(symbol: str) -> tuple[str, str, str, str, str]:
    """Zone, opening and closing time, currency and kind of a ticker."""
    return next(facts for ending, facts in _MARKETS.items() if symbol.endswith(ending))


def chart(
    symbol: str, bars: pd.DataFrame, first: int, last: int, live: bool = False, nan: bool = False
) -> dict[str, Any]:
    """A chart answer with the bars that open in [first, last).

    `live` dates the last row by an instant within its session, as Yahoo does while it goes on;
    `nan` leaves its prices out.
    """
    stamps = opens(symbol, bars["session"])
    if live:
        stamps[-1] += 7_200
    chosen = [i for i, stamp in enumerate(stamps) if first <= stamp < last]
    later = [math.prod(bars["split_ratio"].iloc[i + 1 :]) for i in range(len(bars))]
    quote: dict[str, list[float | int | None]] = {
        name: [_float32(bars[name].iloc[i] / later[i]) for i in chosen] for name in _PRICES
    }
    quote["volume"] = [_whole(bars["volume"].iloc[i] * later[i]) for i in chosen]
    if nan and chosen:
        for values in quote.values():
            values[-1] = None
    result: dict[str, Any] = {"meta": meta(symbol)}
    if chosen:
        result["timestamp"] = [stamps[i] for i in chosen]
        result["events"] = _events(bars, stamps, chosen, later)
        every = _adjusted(bars, later)
        adjusted = [_float32(every[i]) for i in chosen]
        result["indicators"] = {"quote": [quote], "adjclose": [{"adjclose": adjusted}]}
    else:
        result["indicators"] = {"quote": [{}], "adjclose": [{}]}
    return {"chart": {"result": [result], "error": None}}


def _adjusted(bars: pd.DataFrame, later: list[float]) -> list[float]:
    """Yahoo's adjusted close: before each dividend, less by its share of the close before it."""
    close = [float(price) / by for price, by in zip(bars["close"], later, strict=True)]
    factor, adjusted = 1.0, close[:]
    for i in range(len(close) - 1, 0, -1):
        factor *= 1.0 - float(bars["dividend"].iloc[i]) / later[i] / close[i - 1]
        adjusted[i - 1] = close[i - 1] * factor
    return adjusted


def meta(symbol: str) -> dict[str, Any]:
    """What stands above the rows of a chart."""
    zone, first, last, currency, kind = market(symbol)
    now = pd.Timestamp.now(zone)
    offset = now.utcoffset()
    day = now.normalize()
    regular = {
        "timezone": now.tzname(),
        "start": int((day + pd.Timedelta(f"{first}:00")).timestamp()),
        "end": int((day + pd.Timedelta(f"{last}:00")).timestamp()),
        "gmtoffset": int(offset.total_seconds()) if offset else 0,
    }
    return {
        "currency": currency or symbol[-5:-2],
        "symbol": symbol,
        "exchangeName": "TAI" if currency == "TWD" else "NMS",
        "instrumentType": kind,
        "firstTradeDate": 0,
        "regularMarketTime": regular["end"],
        "gmtoffset": regular["gmtoffset"],
        "timezone": regular["timezone"],
        "exchangeTimezoneName": zone,
        "priceHint": 2,
        "currentTradingPeriod": {"pre": regular, "regular": regular, "post": regular},
        "dataGranularity": "1d",
        "range": "",
        "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
    }


def refused(code: str, description: str) -> dict[str, Any]:
    """A chart answer that only says why there is none."""
    return {"chart": {"result": None, "error": {"code": code, "description": description}}}


def _events(
    bars: pd.DataFrame, stamps: list[int], chosen: list[int], later: list[float]
) -> dict[str, Any]:
    dividends: dict[str, Any] = {}
    splits: dict[str, Any] = {}
    for i in chosen:
        paid, ratio, key = bars["dividend"].iloc[i], bars["split_ratio"].iloc[i], str(stamps[i])
        if paid > 0:
            dividends[key] = {"amount": round(paid / later[i], 6), "date": stamps[i]}
        if ratio != 1:
            exact = Fraction(ratio).limit_denominator(1000)
            up, down = exact.numerator, exact.denominator
            splits[key] = {"date": stamps[i], "numerator": up, "denominator": down}
            splits[key]["splitRatio"] = f"{up}:{down}"
    found = {"dividends": dividends, "splits": splits}
    return {kind: events for kind, events in found.items() if events}


def _float32(price: float) -> float | None:
    return None if math.isnan(price) else float(np.float32(round(price, 6)))


def _whole(volume: float) -> int | None:
    return None if math.isnan(volume) else round(volume)
