"""Fetch the missing bars of each ticker from a source and store them, in the units stored."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from core.foundation.errors import InvalidInputError, NoBarsError, SchemaError, TickerLensError
from core.foundation.messages import Message
from core.foundation.threads import side_by_side
from core.market_data.checks.contradictions import MOVED
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.holds import HOLD
from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.records.step_explanation import with_explanations
from core.market_data.sources.source_contract import Source, within
from core.market_data.validate import Accepted, BarGateway, validate_and_store
from core.reference.bar_holds import PRICES_READ
from core.reference.bar_sources import BarSource, is_feed, is_sample
from core.reference.tickers import Ticker

AT_ONCE = 4
OVERLAP = 10  # stored sessions that are fetched again with each increment
_STUMP_SESSIONS = 2 * OVERLAP
# A price in other units keeps at most 6 decimals, so of any two tickers above a cent the ratios
# are alike to within this; what differs by less is rounding.
_ALIKE = 1e-4
_NEAR_HUNDRED = 0.01
_MIN_ROWS_OFF = 3  # rows off by one and the same ratio; fewer are corrections of single sessions


@dataclass(frozen=True)
class _Fetched:
    """Rows of one ticker.

    `whole` if they replace what is stored, being in other units; `onto_stored` if there was
    something to continue when they were asked for; `in_place_of` names a source whose bars they
    replace.
    """

    rows: pd.DataFrame
    whole: bool = False
    onto_stored: bool = False
    in_place_of: str = ""


def fetch_and_store(
    source: Source,
    gateway: BarGateway,
    at: datetime,
    tickers: list[Ticker],
    start: pd.Timestamp | None = None,
    end: pd.Timestamp | None = None,
) -> Iterator[tuple[Ticker, Accepted | TickerLensError]]:
    """Each ticker with the bars stored or the error, in the order in which they end.

    Parameters
    ----------
    start, end : first and last session wanted. Without either, a ticker stored from the same
        source is asked for from a few sessions before its last one; another for all there is.
        Where that is of a feed and comes in other units than what another feed had stored, all of
        it is replaced, as with a vendor that changed its units.
    """

    def fetched(ticker: Ticker) -> _Fetched:
        return _fetched(source, gateway, at, ticker, start, end)

    # A source that can list its tickers is local, so threads would save no waiting.
    at_once = AT_ONCE if source.tickers() is None else 1
    for ticker, found in side_by_side(fetched, tickers, at_once):
        if isinstance(found, TickerLensError):
            yield ticker, found
        else:
            yield ticker, _stored(gateway, ticker, found, at)


def _stored(
    gateway: BarGateway, ticker: Ticker, found: _Fetched, at: datetime
) -> Accepted | TickerLensError:
    try:
        taken = validate_and_store(
            gateway, ticker, found.rows, at, found.whole, found.onto_stored, found.in_place_of
        )
        count = len(found.rows)
        if taken.held_back >= count and gateway.bars.load([ticker], adjusted=False).empty:
            raise SchemaError(
                "bars.all-held",
                "All {count:,} bars of {ticker} failed a check and are held back: {reason}",
                {"count": count, "ticker": ticker, "reason": _main_reason(gateway, ticker)},
                parameter="ticker",
            )
    except TickerLensError as error:
        return error
    return taken


def _main_reason(gateway: BarGateway, ticker: Ticker) -> Message:
    """Why the largest number of a ticker's sessions is held back."""
    statuses = (QuarantineStatus.OPEN, QuarantineStatus.DISCARDED)
    sessions, messages = Counter[str](), dict[str, Message]()
    for one in gateway.quarantine.entries(ticker.symbol, statuses):
        sessions[one.reason] += one.sessions
        messages[one.reason] = one.message or Message.from_stored(one.reason)
    if not sessions:
        return Message("bars.no-reason", "The reason is not on record.")
    return messages[max(sessions, key=lambda reason: sessions[reason])]


def _fetched(
    source: Source,
    gateway: BarGateway,
    at: datetime,
    ticker: Ticker,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
) -> _Fetched:
    zone = ticker.market.timezone  # raises for an exchange without a calendar before any work
    bars, stored = gateway.bars, gateway.bars.latest(ticker)
    bars.renames().refuse(ticker)
    answered = gateway.quarantine.entries(ticker.symbol, (QuarantineStatus.RELEASED,))

    def ask(first: pd.Timestamp | None, last: pd.Timestamp | None) -> pd.DataFrame:
        return with_explanations(source.fetch(ticker, first, last, at), answered)

    in_place_of = _in_place_of(source, stored, ticker)
    newest = "" if stored.empty else str(stored["source"].iloc[-1])
    same = source.tickers() is None and source.name == newest
    if same or is_feed(newest) and is_feed(source.name):
        # Another feed may list other actions, or have none, all the way back.
        whole = start is None and end is None and (not same or is_stump(bars, ticker, stored))
        fetched = _continued(ask, stored, start, end, whole)
    else:
        fetched = _Fetched(ask(start, end))
    if fetched.rows.empty:
        raise NoBarsError(
            "source.no-bars-in-range",
            "{source} has no bars of {ticker} in that range.",
            {"source": source.name, "ticker": ticker},
            parameter="ticker",
        )
    # The exchange's own date; a day's grace because crypto and FX sessions are dated in UTC.
    today = pd.Timestamp(at.astimezone(zone).date()) + timedelta(days=1)
    last = fetched.rows["session"].iloc[-1]
    if last > today:
        raise SchemaError(
            "bars.session-in-future",
            "{ticker}: session {session} lies in the future.",
            {"ticker": ticker, "session": last.date()},
            parameter="session",
        )
    continued = not stored.empty and not in_place_of
    return replace(fetched, onto_stored=continued, in_place_of=in_place_of)


def is_stump(bars: ParquetBars, ticker: Ticker, stored: pd.DataFrame) -> bool:
    """Whether the stored bars may be only the end of a longer history.

    Parameters
    ----------
    stored : what `bars.latest` gives of the ticker.

    Returns
    -------
    True where the first fetch stored only a few sessions and none older was added since. An
    increment that was stored after its ticker was removed leaves such bars.
    """
    first = stored["ingested_at"].iloc[0]
    if (stored["ingested_at"].iloc[:_STUMP_SESSIONS] == first).sum() == _STUMP_SESSIONS:
        return False
    revisions = bars.revisions(ticker).drop_duplicates("session")  # each as it first came
    arrived = revisions["ingested_at"]
    return bool(
        arrived.iloc[0] == arrived.min() and (arrived == arrived.min()).sum() < _STUMP_SESSIONS
    )


def _continued(
    ask: Callable[[pd.Timestamp | None, pd.Timestamp | None], pd.DataFrame],
    stored: pd.DataFrame,
    start: pd.Timestamp | None,
    end: pd.Timestamp | None,
    whole: bool,
) -> _Fetched:
    """The rows to fetch of a stored ticker; all if its units changed, or if `whole` says so."""
    first = start
    if start is None and end is None and not whole:
        first = pd.Timestamp(stored["session"].tail(OVERLAP).iloc[0])
    fetched = ask(first, None)
    if in_other_units(fetched, stored):
        # The older rows are in other units than these, so all are replaced in one write.
        return _Fetched(fetched if first is None else ask(None, None), True)
    return _Fetched(within(fetched, start, end))


def in_other_units(fetched: pd.DataFrame, stored: pd.DataFrame) -> bool:
    """Whether a source now gives one ticker's prices in other units than the stored ones.

    Parameters
    ----------
    fetched : `bars` of the ticker, raw.
    stored : the same as the lake has it, with `held`; of prices that may not be read, the closes
        are left out.

    Returns
    -------
    True where a session has another split than before, or where at least three closes, or all of
    fewer, are off by the same ratio: the vendor applied a split that it does not list, or lists
    one later than it applied it. Sessions in only one of the two say nothing, closes that differ
    each by its own ratio are corrections, and pence for pounds are an error for the checks.
    """
    place = pd.Index(stored["session"]).get_indexer(fetched["session"])
    ours, theirs = fetched[place >= 0], stored.iloc[place[place >= 0]]
    with np.errstate(divide="ignore", invalid="ignore"):  # held prices may be anything
        splits = ours["split_ratio"].to_numpy(float) / theirs["split_ratio"].to_numpy(float)
        ratios = ours["close"].to_numpy(float) / theirs["close"].to_numpy(float)
    if (abs(splits - 1.0) > _ALIKE).any():
        return True
    ratios = ratios[theirs[HOLD].isin(PRICES_READ).to_numpy()]
    off = ratios[abs(ratios - 1.0) > _ALIKE]
    if not len(off) or len(off) < min(_MIN_ROWS_OFF, len(ratios)):
        return False
    if any(abs(off[0] / hundred - 1.0) <= _NEAR_HUNDRED for hundred in (100.0, 0.01)):
        return False
    return bool(off.max() / off.min() - 1.0 <= 2 * _ALIKE)


@dataclass(frozen=True)
class Difference:
    """A session that two series of one ticker have otherwise: the closes and splits of both."""

    session: pd.Timestamp
    closes: tuple[float, float]
    splits: tuple[float, float]


def first_difference(older: pd.DataFrame, newer: pd.DataFrame) -> Difference | None:
    """The first session in which two series differ that are said to be of one ticker.

    Parameters
    ----------
    older, newer : raw `bars` with `held`, by session; prices that may not be read are left out.

    Returns
    -------
    None where the closes of every session of both are within 2 % of each other, as for
    `core.market_data.checks.contradictions.contradiction`, and not in other units.
    """
    older, newer = (one[one[HOLD].isin(PRICES_READ)] for one in (older, newer))
    both = older.merge(newer, on="session", suffixes=("", "_newer"))
    close, split = (both[f"{name}_newer"] / both[name] for name in ("close", "split_ratio"))
    differs = np.abs(np.log(close)) > MOVED
    if len(both) and in_other_units(newer, older):
        differs |= (abs(close - 1.0) > _ALIKE) | (abs(split - 1.0) > _ALIKE)
    if not differs.any():
        return None
    row = both[differs].iloc[0]
    closes, splits = ((row[one], row[f"{one}_newer"]) for one in ("close", "split_ratio"))
    return Difference(row["session"], closes, splits)


def _in_place_of(source: Source, stored: pd.DataFrame, ticker: Ticker) -> str:
    """The source whose bars these replace: the sample, whose bars end years ago.

    A series of both would be neither. Bars of one's own are never replaced this way.
    """
    names = set(stored["source"].unique())
    if is_sample(source.name) and not all(map(is_sample, names)):
        raise InvalidInputError(
            "source.own-bars-stay",
            "{ticker} already holds bars of its own; remove them before ingesting it from "
            "{source}.",
            {"ticker": ticker, "source": source.name},
            parameter="source",
        )
    replaces = not is_sample(source.name) and any(map(is_sample, names))
    return BarSource.SAMPLE if replaces else ""
