"""What is found in bars beside what people decided of it before: the findings that count."""

from collections.abc import Sequence
from datetime import date, datetime

import numpy as np
import pandas as pd

from core.market_data.checks.finding import CheckFinding, Fault, strongest
from core.market_data.checks.price_levels import LEVELS
from core.market_data.checks.run_checks import split_adjusted_bars
from core.market_data.checks.unknown_actions import NO_COMPARISON, OTHER_CHANGE
from core.market_data.checks.unlisted_steps import step_findings
from core.market_data.checks.vendor_adjustment import UNIT, WITNESSED
from core.market_data.lake.holds import HOLD, step_sessions
from core.market_data.records.quarantine import Quarantine, QuarantineEntry, QuarantineStatus
from core.market_data.records.quarantine_entries import entries_of
from core.reference.bar_holds import PRICES_READ, Hold
from core.reference.tickers import Ticker


def noted_findings(
    quarantine: Quarantine,
    ticker: Ticker,
    frame: pd.DataFrame,
    found: list[CheckFinding],
    at: datetime,
) -> list[tuple[CheckFinding, QuarantineEntry]]:
    """The findings with their entries, without those that a person released, and the steps between
    the rows that may be read then.

    Parameters
    ----------
    frame : rows of the ticker by session with `held`: those of
        `core.market_data.lake.beside_stored.beside`, or all that is stored.
    """
    released = quarantine.entries(ticker.symbol, (QuarantineStatus.RELEASED,))
    keys = {entry.key for entry in released}
    both = zip(found, entries_of(ticker, frame, found, at), strict=True)
    noted = [(one, entry) for one, entry in both if entry.key not in keys]
    readable = np.isin(strongest(len(frame), [one for one, _ in noted]), PRICES_READ)
    readable &= ~_kept_back(quarantine, ticker, frame)
    parted = {int(one.rows[0]) for one, _ in noted if one.hold == Hold.STEP}
    steps = [
        one
        for one in step_findings(split_adjusted_bars(frame), readable, ticker)
        if evaluable(frame)[one.rows[0]]
        and int(one.rows[0]) not in parted
        and not _released_before(released, frame["session"].dt.date, int(one.rows[0]))
    ]
    with_entries = zip(steps, entries_of(ticker, frame, steps, at), strict=True)
    return noted + [(one, entry) for one, entry in with_entries if entry.key not in keys]


def _kept_back(quarantine: Quarantine, ticker: Ticker, frame: pd.DataFrame) -> np.ndarray:
    """Rows whose prices stay held back as they are stored, whatever is found of them now."""
    session, back = frame["session"].dt.date, np.zeros(len(frame), bool)
    statuses = (QuarantineStatus.OPEN, QuarantineStatus.DISCARDED)
    for entry in quarantine.entries(ticker.symbol, statuses):
        if entry.status == QuarantineStatus.DISCARDED or is_beyond(entry, frame):
            back |= session.between(entry.first, entry.last).to_numpy()
    return back & ~frame[HOLD].isin(PRICES_READ).to_numpy()


def evaluable(frame: pd.DataFrame) -> np.ndarray:
    """Rows with enough around them to tell whether a step lies before them; bool, one a row."""
    if "evaluable" not in frame:
        return np.ones(len(frame), bool)
    rows: np.ndarray = frame["evaluable"].to_numpy(bool)
    return rows


def is_unseen(entry: QuarantineEntry, frame: pd.DataFrame) -> bool:
    """Whether these rows cannot tell if what an entry asks about still holds."""
    at = np.flatnonzero(frame["session"].dt.date == entry.first)
    if entry.code != Fault.STEP or not len(at):
        return False
    row = int(at[0])
    if entry.message is None or entry.message.code not in WITNESSED:
        return not evaluable(frame)[row]
    if entry.message.code in (UNIT, NO_COMPARISON, OTHER_CHANGE):
        return not ("fetched" in frame and frame["fetched"].iloc[row])
    return not (
        "vendor_close" in frame and frame["vendor_close"].iloc[row - 1 : row + 1].gt(0).all()
    )


def _released_before(released: Sequence[QuarantineEntry], session: pd.Series, row: int) -> bool:
    """Whether a person has released the bar on its level, or the one before on another."""
    sides = session.iloc[max(0, row - 1) : row + 1]
    levels = [one for one in released if one.code in LEVELS]
    return any(sides.between(one.first, one.last).any() for one in levels)


def has_new_step(noted: list[tuple[CheckFinding, QuarantineEntry]], stored: pd.DataFrame) -> bool:
    """Whether a step in the prices is found that the stored rows do not have."""
    known: set[date] = set(step_sessions(stored).dt.date)
    return any(
        one.code == Fault.STEP and one.message.code not in WITNESSED and entry.first not in known
        for one, entry in noted
    )


def is_beyond(entry: QuarantineEntry, frame: pd.DataFrame) -> bool:
    """Whether a fault reaches beyond what was checked, so that not finding it proves nothing."""
    first, last = (frame["session"].iloc[at].date() for at in (0, -1))
    return bool(entry.first < first or entry.last > last)
