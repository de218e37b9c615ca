"""Fetched bars into the lake, past the checks: what fails is kept, but held back with a reason."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from core.market.applied import list_applied
from core.market.checks.finding import SPLIT, UNITS, Finding, strongest
from core.market.checks.levels import LEVELS
from core.market.quality import check
from core.schema import BAR_COLUMNS, USABLE
from core.services.entries import VALUES, entries_of, of_another_bar
from core.storage.bars import ParquetBars, Upserted
from core.storage.held import HELD
from core.storage.quarantine import DISCARDED, OPEN, RELEASED, Entry, Quarantine
from core.tickers import Ticker

# Sessions on either side by which the fetched ones are judged: a year, and room to look around.
_CONTEXT = 300
_REFUSED = (
    "The bar stored before is still read; once released, this one counts when it comes again."
)


@dataclass(frozen=True)
class Taken:
    """What became of fetched bars: what was written, and how many of them are held back."""

    written: Upserted = Upserted()
    held: int = 0


@dataclass(frozen=True)
class Intake:
    """The way into the lake: `bars` behind the checks, and the register of what they hold back."""

    bars: ParquetBars
    quarantine: Quarantine


def take_in(
    intake: Intake, ticker: Ticker, fetched: pd.DataFrame, at: datetime, whole: bool = False
) -> Taken:
    """Check fetched bars beside the stored ones, and store them.

    Parameters
    ----------
    fetched : the `bars` contract in columns and types, of one ticker, raw; its values may break
        it. A column `vendor_close` more is compared, not stored.
    whole : the fetched rows are the vendor's whole history in other units than before, and
        replace what is stored, unless they do not agree with each other.

    Returns
    -------
    Counts. Running it twice changes nothing.

    Notes
    -----
    Rows accepted before are beyond doubt, and the fetched ones are judged by them. A correction
    that fails a check does not displace a sound bar. The register is written first: killed in
    between, the next run finds the same and goes on.
    """
    stored = intake.bars.latest(ticker)
    rows, mended = _in_order(fetched), list[Finding]()
    if whole or stored.empty:
        rows, mended = list_applied(rows)
    frame = _beside(stored, rows, whole)
    found = check(frame, ticker, frame["trusted"].to_numpy(bool))
    if whole and any(one.code in (SPLIT, UNITS) and one.held for one in found):
        # The vendor is in the middle of a change: what is stored is better.
        return take_in(intake, ticker, fetched, at)
    found += [_moved(one, rows, frame) for one in mended]
    noted = _noted(intake.quarantine, ticker, frame, found, at)
    # A sound bar stays until the vendor sends another sound one.
    held = strongest(len(frame), [one for one, _ in noted])
    refused = frame["sound"].to_numpy(bool) & (held != USABLE) & (not whole)
    told = [
        replace(entry, reason=f"{entry.reason} {_REFUSED}")
        for one, entry in noted
        if refused[one.rows].any()
    ]
    if refused.any():
        rows = rows[~rows["session"].isin(frame["session"][refused])]
        if rows.empty:
            intake.quarantine.add(told)
            return Taken(Upserted(), int(refused.sum()))
        frame = _beside(stored, rows, whole)
        found = check(frame, ticker, frame["trusted"].to_numpy(bool))
    held = _note(intake.quarantine, ticker, frame, found, at, told)
    changed = held != frame[HELD].to_numpy()
    fresh = frame["fetched"].to_numpy(bool)
    kept = fresh | changed
    written = frame[kept].assign(held=held[kept], ingested_at=pd.Timestamp(at))
    done = intake.bars.upsert(written.drop_duplicates("session", keep="last")[[*BAR_COLUMNS, HELD]])
    return Taken(done, int((held[fresh] != USABLE).sum() + refused.sum()))


def recheck(intake: Intake, ticker: Ticker, at: datetime) -> int:
    """Check everything stored of a ticker again; returns how many sessions are held back now.

    What a person released stays so. If rows are known to stand on a level in doubt, the others
    are beyond doubt; else, as at first sight, the newest are.
    """
    frame = intake.bars.latest(ticker)
    if frame.empty:
        return 0
    waiting = intake.quarantine.entries(ticker.symbol, (OPEN, DISCARDED))
    doubt = any(entry.code in LEVELS for entry in waiting)
    found = check(frame, ticker, (frame[HELD] == USABLE).to_numpy() & doubt)
    held = _note(intake.quarantine, ticker, frame, found, at)
    changed = held != frame[HELD].to_numpy()
    if changed.any():
        intake.bars.upsert(frame[changed].assign(held=held[changed], ingested_at=pd.Timestamp(at)))
    return int((held != USABLE).sum())


def _noted(
    quarantine: Quarantine, ticker: Ticker, frame: pd.DataFrame, found: list[Finding], at: datetime
) -> list[tuple[Finding, Entry]]:
    """The findings with their entries, without those that a person released."""
    known = quarantine.entries(ticker.symbol, (RELEASED,)) if found else []
    released = {entry.key for entry in known}
    both = zip(found, entries_of(ticker, frame, found, at), strict=True)
    return [(one, entry) for one, entry in both if entry.key not in released]


def _note(
    quarantine: Quarantine,
    ticker: Ticker,
    frame: pd.DataFrame,
    found: list[Finding],
    at: datetime,
    told: Sequence[Entry] = (),
) -> np.ndarray:
    """Write the findings down; returns what must not be read of each row, decisions heeded.

    `told` are entries of bars that were refused, which the frame no longer holds.
    """
    noted = _noted(quarantine, ticker, frame, found, at)
    known = quarantine.entries(ticker.symbol, (OPEN, DISCARDED))
    session = frame["session"].dt.date
    first, last = session.iloc[0], session.iloc[-1]
    fresh = set(session[frame["fetched"]]) if "fetched" in frame else set()
    # Of a bar that is not stored a check of those that are proves nothing.
    proven = of_another_bar([one for one in known if one.first not in fresh], frame)
    entries = [*(entry for _, entry in noted), *told, *proven]
    if known or entries:
        quarantine.record(ticker.symbol, entries, first, last)
    held = strongest(len(frame), [one for one, _ in noted])
    for entry in known:
        stays = entry.standing == DISCARDED or _beyond(entry, first, last) or entry in proven
        if stays:
            covered = session.between(entry.first, entry.last).to_numpy() & (held == USABLE)
            held[covered] = frame[HELD].to_numpy()[covered]
    return held


def _beyond(entry: Entry, first: date, last: date) -> bool:
    """Whether a fault reaches beyond what was checked, so that not finding it proves nothing."""
    return entry.first < first or entry.last > last


def _in_order(fetched: pd.DataFrame) -> pd.DataFrame:
    """By session, and each bar once; a session that came with two different ones keeps both."""
    rows = fetched.sort_values("session", kind="stable")
    return rows[~rows.duplicated(["session", *VALUES])].reset_index(drop=True)


def _beside(stored: pd.DataFrame, rows: pd.DataFrame, whole: bool) -> pd.DataFrame:
    """The fetched rows among the stored ones around them.

    Columns more: `fetched`; `trusted`, for those accepted before with these values; `sound`, for
    fetched ones where another bar may be read so far; `held`, as it is stored, or usable.
    """
    place = pd.Index(stored["session"]).get_indexer(rows["session"])
    known = place >= 0
    alike = known.copy()
    for name in VALUES:
        ours, theirs = rows[name].to_numpy(float), stored[name].to_numpy(float)[place[known]]
        alike[known] &= (ours[known] == theirs) | (np.isnan(ours[known]) & np.isnan(theirs))
    before = np.full(len(rows), USABLE, object)
    before[known] = stored[HELD].to_numpy(object)[place[known]]
    usable = known & (before == USABLE)
    fresh = rows.assign(
        fetched=True,
        trusted=usable & alike,
        sound=usable & ~alike,
        held=np.where(alike, before, USABLE),
    )
    around = stored[~stored["session"].isin(rows["session"])]
    if not whole:
        at = around["session"].searchsorted(rows["session"].iloc[[0, -1]])
        around = around.iloc[max(0, at[0] - _CONTEXT) : at[1] + _CONTEXT]
    context = around.assign(
        fetched=False, trusted=(around[HELD] == USABLE) & (not whole), sound=False
    )
    frame = pd.concat([context, fresh]) if len(context) else fresh
    return frame.sort_values("session", kind="stable", ignore_index=True)


def _moved(one: Finding, rows: pd.DataFrame, frame: pd.DataFrame) -> Finding:
    """A finding on the fetched rows as one on the frame."""
    at = np.flatnonzero(frame["session"].isin(rows["session"].iloc[one.rows]))
    return Finding(one.code, at, one.reason, one.held)
