"""Run every check on one ticker's rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.calendar import calendar_findings
from core.market_data.checks.contract import contract_findings
from core.market_data.checks.dividends import dividend_findings
from core.market_data.checks.finding import CheckFinding, Fault, in_runs, strongest
from core.market_data.checks.price_levels import level_findings
from core.market_data.checks.source_notes import source_findings
from core.market_data.checks.unknown_actions import change_findings, unknown_action_findings
from core.market_data.checks.vendor_adjustment import unit_findings, vendor_findings
from core.market_data.sources.undo_splits import later_splits
from core.reference.bar_holds import Hold
from core.reference.schema import PRICE_COLUMNS
from core.reference.sessions import Calendar
from core.reference.tickers import Ticker

# With so large a share at fault the rest of the series is not trusted either.
_AT_FAULT, _LONG = 0.25, 60
_ROW_CODES = (Fault.PRICE, Fault.RANGE, Fault.NO_VOLUME, Fault.STALE, Fault.CLOSED, Fault.JUMP)


def check(
    bars: pd.DataFrame, ticker: Ticker, calendar: Calendar, trusted: np.ndarray | None = None
) -> list[CheckFinding]:
    """Everything that is wrong with one ticker's bars.

    Parameters
    ----------
    bars : the `bars` contract in its columns and types, raw as traded, ascending by session; its
        values may break it. Columns more: `vendor_close`, the vendor's own adjusted close, is
        compared and never used; `fetched` (bool) names rows that have just come, `unknown_action`
        (bool) those of which no action is known though there was one; for `note` see
        `source_findings`, for `change` `change_findings`.
    calendar : of its exchange.
    trusted : bool, one a row: accepted before with these values. No finding names such a row;
        the others are judged against them. None: no row is.

    Returns
    -------
    Findings by their first row; their rows are positions in `bars`. Empty if all is well.
    """
    frame = bars.reset_index(drop=True)
    known = np.zeros(len(frame), bool) if trusted is None else np.asarray(trusted, bool)
    if frame.empty or known.all():
        return []
    found = contract_findings(frame) + calendar_findings(frame, ticker, calendar)
    split_adjusted = split_adjusted_bars(frame)
    found += level_findings(split_adjusted, known)
    found += dividend_findings(split_adjusted) + source_findings(frame)
    found += _on_arrival(split_adjusted, found, calendar)
    found += _series(len(frame), found)
    return sorted(_doubted(found, known), key=lambda one: (int(one.rows[0]), one.code))


def split_adjusted_bars(frame: pd.DataFrame) -> pd.DataFrame:
    """The rows in units of the last one, dividends left in; a ratio that is none counts as 1."""
    ratio = frame["split_ratio"].to_numpy(float)
    ratio = np.where(np.isfinite(ratio) & (ratio > 0), ratio, 1.0)
    later = later_splits(ratio)
    adjusted = frame.assign(
        split_ratio=ratio, volume=frame["volume"] * later, as_traded=frame["close"]
    )
    for name in (*PRICE_COLUMNS, "dividend"):
        adjusted[name] = frame[name] / later
    adjusted["dividend"] = adjusted["dividend"].fillna(0.0)
    return adjusted


def _on_arrival(
    frame: pd.DataFrame, found: Sequence[CheckFinding], calendar: Calendar
) -> list[CheckFinding]:
    """What is seen only as bars arrive, and is no question on rows that are doubted already."""
    vendor, more = None, list[CheckFinding]()
    held_back = strongest(len(frame), found)
    doubted = np.isin(held_back, (Hold.ACTIONS, Hold.ALL))
    if "vendor_close" in frame:
        vendor = frame["vendor_close"].to_numpy(float)
        more += vendor_findings(frame, vendor, doubted)
    if "fetched" in frame:
        fetched = frame["fetched"].to_numpy(bool)
        more += [one for one in unit_findings(frame, vendor) if fetched[one.rows[0]]]
    if "unknown_action" in frame:
        more += unknown_action_findings(frame, frame["unknown_action"].to_numpy(bool))
    if "change" in frame:
        more += change_findings(frame, calendar)
    return [one for one in more if one.hold == Hold.NONE or not held_back[one.rows[0]]]


def _series(size: int, found: Sequence[CheckFinding]) -> list[CheckFinding]:
    """A finding for all other rows, if too many rows are at fault."""
    bad = np.zeros(size, bool)
    for one in found:
        if one.code in _ROW_CODES:
            bad[one.rows] = True
    if size < _LONG or bad.mean() <= _AT_FAULT:
        return []
    message = Message(
        "bar.series",
        "{failed:,} of {sessions:,} sessions failed a check, so the rest is held as well.",
        {"failed": int(bad.sum()), "sessions": size},
    )
    return in_runs(Fault.SERIES, ~bad, message)


def _doubted(found: Sequence[CheckFinding], trusted: np.ndarray) -> list[CheckFinding]:
    """The findings without the rows accepted before."""
    remaining = []
    for one in found:
        rows = one.rows[~trusted[one.rows]]
        if len(rows):
            remaining.append(CheckFinding(one.code, rows, one.message, one.hold))
    return remaining
