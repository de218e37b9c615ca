"""Which session of its exchange a stamp belongs to."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

from core.foundation.errors import SchemaError
from core.market_data.sources.tables.dates import DateStamp
from core.reference.exchanges import CRYPTO, FX, Market
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker

_FITS = 0.9  # of the dates are sessions
_BETTER = 0.05
_LATE = timedelta(minutes=30)  # after the close


def sessions_of(stamps: pd.Series, cells: pd.Series, ticker: Ticker, file: str) -> pd.Series:
    """The date of each row's session as text, as `typed_bars` reads it.

    Parameters
    ----------
    stamps : `DateStamp`s or None, from `read_dates`.
    cells : what is written there, which stays where there is no stamp.

    Raises
    ------
    SchemaError : several rows a session, or stamps that are of another zone than the exchange's.
    """
    there = stamps.notna()
    moments = stamps[there].map(lambda one: _local(one, ticker.market))
    result = cells.copy()
    if not stamps[there].map(lambda one: one.has_clock).any():
        result[there] = moments.map(_text)
        return result
    _refuse_minutes(moments, file)
    naive = stamps[there].map(_on_no_zone)
    if ticker.market not in (FX, CRYPTO):
        moments = _in_zone(moments, naive, ticker, file)
    result[there] = moments.map(_text)
    return result


def _on_no_zone(one: DateStamp) -> bool:
    return one.offset is None and one.moment.time() != time()


def _local(one: DateStamp, market: Market) -> datetime:
    """On the exchange's clock; a midnight is a date wherever it is."""
    if one.offset is None or one.moment.time() == time():
        return one.moment
    return _from_utc(one.moment - timedelta(minutes=one.offset), market)


def _from_utc(moment: datetime, market: Market) -> datetime:
    there = moment.replace(tzinfo=ZoneInfo("UTC")).astimezone(market.timezone)
    return there.replace(tzinfo=None)


def _refuse_minutes(moments: pd.Series, file: str) -> None:
    once = moments.drop_duplicates()
    days = once.map(lambda moment: moment.date())
    if days.duplicated().any():
        day = days[days.duplicated()].iloc[0]
        raise SchemaError(
            "csv.minute-bars",
            "{file} has several rows a session, such as {count} on {day}; minute bars are not "
            "read.",
            {"file": file, "count": int((days == day).sum()), "day": day},
            parameter="session",
        )


def _in_zone(moments: pd.Series, naive: pd.Series, ticker: Ticker, file: str) -> pd.Series:
    """The stamps as they are, or as UTC where they say no zone and only so are of sessions."""
    as_utc = moments.where(~naive, moments.map(lambda one: _from_utc(one, ticker.market)))
    here, there = _share(moments, ticker.market), _share(as_utc, ticker.market)
    if list(moments.map(_text)) == list(as_utc.map(_text)):
        chosen = moments if here >= _FITS else None
    elif here >= _FITS and here >= there - _BETTER and _in_hours(moments, ticker.market):
        chosen = moments
    elif there >= _FITS and there > here + _BETTER:
        chosen = as_utc
    else:
        chosen = moments if here >= _FITS and here > there + _BETTER else None
    if chosen is None:
        odd = moments[moments.map(lambda one: one.time() != time())].iloc[0]
        raise SchemaError(
            "csv.other-zone",
            "{file}: stamps such as {stamp} are of another time zone than {ticker} trades in "
            "({zone}); write the dates alone, or stamps with their zone.",
            {"file": file, "stamp": odd, "ticker": ticker, "zone": ticker.market.zone},
            parameter="session",
        )
    return chosen


def _share(moments: pd.Series, market: Market) -> float:
    days = pd.DatetimeIndex(moments.map(_text).drop_duplicates())
    return float(days.isin(SHIPPED[market.calendar].sessions).mean())


def _in_hours(moments: pd.Series, market: Market) -> bool:
    """Whether the stamps stand where the exchange trades, or shortly after."""
    calendar = SHIPPED[market.calendar]
    for moment in moments.drop_duplicates():
        session = pd.Timestamp(moment.date())
        if not calendar.is_session(session) or moment.time() == time():
            continue
        first, last = (
            at.tz_convert(market.timezone).tz_localize(None)
            for at in (calendar.opens_at(session), calendar.closes_at(session))
        )
        if not first - _LATE <= moment <= last + _LATE:
            return False
    return True


def _text(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d}" if moment.year >= 1000 else moment.isoformat()[:10]
