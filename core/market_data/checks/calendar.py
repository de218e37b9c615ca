"""Rows against the exchange's calendar and against trading itself: padded, stale, foreign rows."""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault, in_runs
from core.reference.schema import PRICE_COLUMNS
from core.reference.sessions import Calendar
from core.reference.tickers import CRYPTO, FX, TPEX, TWSE, Ticker

_FIRST = pd.Timestamp("1900-01-01")  # no vendor's daily bars are older
# So many equal closes in a row mean that the feed stands still, where no volume shows trading.
_MIN_EQUAL_CLOSES = 5
# Since 2020-10-26 Taiwan trades odd lots during the session. By chance, a volume is then in whole
# lots once in a thousand sessions. If it is also small, the feed lacks a part of the trades.
_LOT, _ODD_SINCE, _LOOKED_AT, _MAX_WHOLE_SHARE = 1000, pd.Timestamp("2020-10-26"), 20, 0.05
_SMALL = 0.6  # of the median of the sessions around


def calendar_findings(bars: pd.DataFrame, ticker: Ticker, calendar: Calendar) -> list[CheckFinding]:
    """Rows on days without a session, without trading, or repeated from the row before.

    Parameters
    ----------
    bars : one ticker's rows by session, as traded.
    calendar : of its exchange.
    """
    volume = bars["volume"].to_numpy(float)
    alike = _like_before(bars, list(PRICE_COLUMNS))
    flat = alike | _flat_at_close_before(bars)
    closed = _closed(bars["session"], calendar)
    idle = (volume == 0) & ~closed & _has_volume(ticker)
    padded = closed & flat & ~(volume > 0)
    stale = alike & _like_before(bars, ["volume"]) & (volume > 0) & ~closed
    if np.isnan(volume).all():
        stale = _unchanged(bars["close"].to_numpy(float)) & ~closed
    return [
        *in_runs(
            Fault.CLOSED,
            padded,
            Message(
                "bar.closed-repeated",
                "The exchange was closed; the vendor repeats the close before.",
            ),
        ),
        *in_runs(
            Fault.CLOSED,
            closed & ~padded,
            Message(
                "bar.closed",
                "The calendar lists no session on this date; if the exchange did trade, "
                "release it.",
            ),
        ),
        *in_runs(
            Fault.NO_VOLUME,
            idle,
            Message("bar.no-volume", "Nothing was traded on a session: the volume is zero."),
        ),
        *in_runs(
            Fault.STALE,
            stale,
            Message("bar.stale", "The bar repeats the one of the session before."),
        ),
        *in_runs(
            Fault.LOTS,
            _whole_lots(bars["session"], volume, ticker) & ~closed,
            Message(
                "bar.whole-lots",
                "The volume is small and in whole lots of {lot:,}, unlike that of the sessions "
                "around it: the row is of another feed or not finished.",
                {"lot": _LOT},
            ),
        ),
    ]


def _has_volume(ticker: Ticker) -> bool:
    return ticker.market not in (FX, CRYPTO) and not ticker.symbol.startswith("^")


def _closed(session: pd.Series, calendar: Calendar) -> np.ndarray:
    """Whether the calendar knows the time around a date, but no session on it."""
    known = calendar.sessions
    inside = (session >= known[0]) & (session <= known[-1])
    closed: np.ndarray = ((inside & ~session.isin(known)) | (session < _FIRST)).to_numpy()
    return closed


def _like_before(bars: pd.DataFrame, names: list[str]) -> np.ndarray:
    values = bars[names].to_numpy(float)
    alike = np.zeros(len(bars), bool)
    alike[1:] = (values[1:] == values[:-1]).all(axis=1)
    return alike


def _flat_at_close_before(bars: pd.DataFrame) -> np.ndarray:
    """Whether all four prices are the close of the row before."""
    before = bars["close"].shift().to_numpy(float)
    flat: np.ndarray = (bars[list(PRICE_COLUMNS)].to_numpy(float) == before[:, None]).all(axis=1)
    return flat


def _unchanged(close: np.ndarray) -> np.ndarray:
    """Rows of a run of `_MIN_EQUAL_CLOSES` or more equal closes, but for its first."""
    same = np.r_[False, close[1:] == close[:-1]]
    unchanged = np.zeros(len(close), bool)
    for run in np.split(np.arange(len(close)), np.flatnonzero(~same)):
        unchanged[run[1:]] = len(run) >= _MIN_EQUAL_CLOSES
    return unchanged


def _whole_lots(session: pd.Series, volume: np.ndarray, ticker: Ticker) -> np.ndarray:
    whole = (volume > 0) & (volume % _LOT == 0)
    odd = session.ge(_ODD_SINCE).to_numpy() & (volume > 0)
    share = whole[odd].mean() if odd.sum() >= _LOOKED_AT else 1.0
    if ticker.market not in (TWSE, TPEX) or share > _MAX_WHOLE_SHARE:
        return np.zeros(len(volume), bool)
    traded = pd.Series(np.where(volume > 0, volume, np.nan))
    around = traded.rolling(_LOOKED_AT, center=True, min_periods=_LOOKED_AT // 4).median()
    lots: np.ndarray = whole & odd & (volume < _SMALL * around.to_numpy())
    return lots
