"""What is held back and why, and a person's word on it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pandas as pd

from core.errors import InvalidInputError
from core.market.checks.finding import Finding, strongest
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
    stored = intake.bars.latest(ticker)
    if intake.bars.load([ticker], adjusted=False).empty:
        return pd.DatetimeIndex([])
    return history(intake.bars, ticker).missing.difference(pd.DatetimeIndex(stored["session"]))


def release(intake: Intake, audit: Audit, number: int, who: str, why: str, at: datetime) -> Entry:
    """Let the bars of an entry be read, as they are; what another entry holds stays held.

    Raises
    ------
    NotFoundError : there is no such entry.
    InvalidInputError : no reason is given, nothing is held, or the bars cannot be read as they
        are, such as one without a close.
    """
    entry = _decidable(intake, number, why, (OPEN, DISCARDED))
    ticker = Ticker.parse(entry.ticker)
    rest = intake.quarantine.entries(entry.ticker, (OPEN, DISCARDED))

    def without(rows: pd.DataFrame) -> pd.Series:
        return _held_by([one for one in rest if one.id != number], rows)

    _rewrite(intake, ticker, entry, without, at)
    return _decided(intake, audit, entry, RELEASED, "release bars", who, why, at)


def discard(intake: Intake, audit: Audit, number: int, who: str, why: str, at: datetime) -> Entry:
    """Never read the bars of an entry; they stay stored, and may still be released.

    Raises
    ------
    NotFoundError : there is no such entry.
    InvalidInputError : no reason is given, or nothing was held or is discarded already.
    """
    entry = _decidable(intake, number, why, (OPEN, RELEASED))
    rest = intake.quarantine.entries(entry.ticker, (OPEN, DISCARDED))

    def again(rows: pd.DataFrame) -> pd.Series:
        return _held_by([*rest, entry], rows)

    _rewrite(intake, Ticker.parse(entry.ticker), entry, again, at)
    return _decided(intake, audit, entry, DISCARDED, "discard bars", who, why, at)


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


def _decidable(intake: Intake, number: int, why: str, standings: tuple[str, ...]) -> Entry:
    entry = intake.quarantine.get(number)
    if entry.standing not in standings:
        raise InvalidInputError(
            f"Entry {number} is {entry.standing}, so there is nothing to decide.", "entry"
        )
    if not why.strip():
        raise InvalidInputError("Say in a few words why.", "reason")
    if len(why) > _LONGEST_REASON:
        raise InvalidInputError(f"The reason is over {_LONGEST_REASON} characters.", "reason")
    return entry


def _held_by(entries: list[Entry], rows: pd.DataFrame) -> pd.Series:
    """What these entries hold back of rows, all together."""
    session = rows["session"].dt.date
    found = []
    for one in entries:
        covered = session.between(one.first, one.last).to_numpy().nonzero()[0]
        if len(covered):
            found.append(Finding(one.code, covered, one.reason, one.held))
    return pd.Series(strongest(len(rows), found), index=rows.index)


def _rewrite(
    intake: Intake,
    ticker: Ticker,
    entry: Entry,
    held: Callable[[pd.DataFrame], pd.Series],
    at: datetime,
) -> None:
    stored = intake.bars.latest(ticker)
    rows = stored[stored["session"].dt.date.between(entry.first, entry.last)]
    now = held(rows)
    changed = now.to_numpy() != rows[HELD].to_numpy()
    if changed.any():
        fresh = rows[changed].assign(held=now[changed], ingested_at=pd.Timestamp(at))
        intake.bars.upsert(fresh)


def _decided(
    intake: Intake,
    audit: Audit,
    entry: Entry,
    standing: str,
    action: str,
    who: str,
    why: str,
    at: datetime,
) -> Entry:
    decided = intake.quarantine.decide(entry.id, standing, who, why.strip(), at)
    span = f"{entry.first}" if entry.first == entry.last else f"{entry.first} to {entry.last}"
    audit.add(Action(at, who, action, f"{entry.ticker} {span}: {entry.code}", why.strip()))
    return decided
