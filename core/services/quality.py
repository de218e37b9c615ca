"""What is held back and why, and a person's word on it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from core.errors import InvalidInputError
from core.market.checks.finding import DUPLICATE, Finding, strongest
from core.services.entries import of_another_bar
from core.services.history import history
from core.services.intake import Intake, recheck
from core.services.progress import Progress, silent
from core.storage.audit import Action, Audit
from core.storage.held import HELD
from core.storage.quarantine import DISCARDED, MENDED, OPEN, RELEASED, Entry
from core.tickers import Ticker

_LONGEST_REASON = 500
_SHOWN = 20  # missing sessions named for a ticker, the newest


def quality(
    intake: Intake, at: datetime, tickers: list[Ticker] | None = None, progress: Progress = silent
) -> dict[str, Any]:
    """Check what is stored again, and say what is held back, mended and missing.

    Returns
    -------
    JSON-able: `held` counts sessions by ticker; `open` and `mended` list faults; `missing` gives
    by ticker how many sessions of its exchange are not stored at all, and the newest of them.
    """
    wanted = intake.bars.tickers() if tickers is None else tickers
    held: dict[str, int] = {}
    missing: dict[str, Any] = {}
    damaged = intake.bars.damaged()
    for done, ticker in enumerate(wanted):
        progress("Checking bars", done, len(wanted))
        if ticker.symbol in damaged:
            continue
        count = recheck(intake, ticker, at)
        if count:
            held[ticker.symbol] = count
        gaps = unseen(intake, ticker)
        if len(gaps):
            newest = [f"{session:%Y-%m-%d}" for session in gaps[-_SHOWN:]]
            missing[ticker.symbol] = {"sessions": len(gaps), "newest": newest}
    symbols = {ticker.symbol for ticker in wanted}
    known = [entry for entry in intake.quarantine.entries() if entry.ticker in symbols]
    return {
        "status": "ok",
        "tickers": len(wanted),
        "held": held,
        "open": [to_dict(entry) for entry in known if entry.standing == OPEN],
        "mended": [to_dict(entry) for entry in known if entry.standing == MENDED],
        "missing": missing,
        "damaged": damaged,
    }


def unseen(intake: Intake, ticker: Ticker) -> pd.DatetimeIndex:
    """Sessions of the ticker's exchange, within what is stored, of which no bar ever came."""
    if intake.bars.load([ticker], adjusted=False).empty:
        return pd.DatetimeIndex([])
    return history(intake.bars, ticker).missing


def release(intake: Intake, audit: Audit, number: int, who: str, why: str, at: datetime) -> Entry:
    """Let the bars of an entry be read, as they are; as `decide` does."""
    return decide(intake, audit, RELEASED, [number], who, why, at)[0]


def discard(intake: Intake, audit: Audit, number: int, who: str, why: str, at: datetime) -> Entry:
    """Never read the bars of an entry; as `decide` does."""
    return decide(intake, audit, DISCARDED, [number], who, why, at)[0]


def decide(
    intake: Intake,
    audit: Audit,
    standing: str,
    numbers: Sequence[int],
    who: str,
    why: str,
    at: datetime,
) -> list[Entry]:
    """Release or discard entries of one ticker; either can be undone by the other.

    Parameters
    ----------
    standing : `RELEASED`: the bars may be read as they are, but for what another entry holds.
        `DISCARDED`: they are never read, and stay stored.
    numbers : of the entries, one or more.

    Raises
    ------
    NotFoundError : there is no such entry.
    InvalidInputError : no reason is given, nothing of an entry is held, it has that standing
        already, several tickers are meant, or the bars cannot be read as they are, such as one
        without a close. Nothing is changed.
    """
    entries = [intake.quarantine.get(number) for number in dict.fromkeys(numbers)]
    reason = _decidable(entries, standing, why)
    ticker = Ticker.parse(entries[0].ticker)
    waiting = intake.quarantine.entries(ticker.symbol, (OPEN, DISCARDED))
    meant = {entry.id for entry in entries}
    holding = [one for one in waiting if one.id not in meant]
    if standing == DISCARDED:
        holding += entries
    _rewrite(intake, ticker, entries, holding, at)
    decided = intake.quarantine.decide(sorted(meant), standing, who, reason, at)
    action = "release bars" if standing == RELEASED else "discard bars"
    audit.add(Action(at, who, action, _subject(entries), reason))
    return decided


def to_dict(entry: Entry) -> dict[str, Any]:
    """As JSON-able values."""
    return {
        "id": entry.id,
        "ticker": entry.ticker,
        "first": f"{entry.first:%Y-%m-%d}",
        "last": f"{entry.last:%Y-%m-%d}",
        "sessions": entry.sessions,
        "code": entry.code,
        "reason": entry.reason,
        "held": entry.held,
        "source": entry.source,
        "found_at": entry.found_at.isoformat(),
        "standing": entry.standing,
    }


def _decidable(entries: list[Entry], standing: str, why: str) -> str:
    """Refuse what cannot be decided so; returns the reason as it is kept."""
    if len({entry.ticker for entry in entries}) != 1:
        raise InvalidInputError("Decide on entries of one ticker at a time.", "entry")
    for entry in entries:
        if entry.standing == standing or entry.standing not in (OPEN, RELEASED, DISCARDED):
            raise InvalidInputError(
                f"Entry {entry.id} is {entry.standing}, so there is nothing to decide.", "entry"
            )
    if not why.strip():
        raise InvalidInputError("Say in a few words why.", "reason")
    if len(why) > _LONGEST_REASON:
        raise InvalidInputError(f"The reason is over {_LONGEST_REASON} characters.", "reason")
    return why.strip()


def _held_by(entries: list[Entry], rows: pd.DataFrame) -> np.ndarray:
    """What these entries hold back of rows, all together."""
    session = rows["session"].dt.date
    found = []
    for one in entries:
        covered = session.between(one.first, one.last).to_numpy().nonzero()[0]
        if len(covered):
            found.append(Finding(one.code, covered, one.reason, one.held))
    return strongest(len(rows), found)


def _rewrite(
    intake: Intake, ticker: Ticker, entries: list[Entry], holding: list[Entry], at: datetime
) -> None:
    """Hold back of the sessions of `entries` what `holding` says, and nothing else.

    Entries of bars that were refused hold nothing of those that are stored.
    """
    stored = intake.bars.latest(ticker)
    session = stored["session"].dt.date
    refused = {
        one.id for one in of_another_bar([*entries, *holding], stored) if one.code != DUPLICATE
    }
    entries = [one for one in entries if one.id not in refused]
    holding = [one for one in holding if one.id not in refused]
    meant = np.zeros(len(stored), bool)
    for entry in entries:
        meant |= session.between(entry.first, entry.last).to_numpy()
    rows = stored[meant]
    now = _held_by(holding, rows)
    changed = now != rows[HELD].to_numpy()
    if changed.any():
        fresh = rows[changed].assign(held=now[changed], ingested_at=pd.Timestamp(at))
        intake.bars.upsert(fresh)


def _subject(entries: list[Entry]) -> str:
    first, last = min(one.first for one in entries), max(one.last for one in entries)
    span = f"{first}" if first == last else f"{first} to {last}"
    codes = ", ".join(dict.fromkeys(one.code for one in entries))
    count = f" ({len(entries)} entries)" if len(entries) > 1 else ""
    return f"{entries[0].ticker} {span}: {codes}{count}"
