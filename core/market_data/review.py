"""Review of the bars held back: the reasons, and a person's decisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from core.foundation.audit import Action, Audit, validate_reason
from core.foundation.errors import InvalidInputError, RemovedError
from core.foundation.messages import Message
from core.foundation.progress import Progress, WorkStatus, silent
from core.market_data.checks.finding import CheckFinding, Fault, strongest
from core.market_data.history import history
from core.market_data.lake.holds import HOLD
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.records.quarantine_entries import of_another_bar
from core.market_data.validate import BarGateway, recheck
from core.reference.tickers import Ticker

_SHOWN = 20  # missing sessions named for a ticker, the newest


def quality(
    gateway: BarGateway,
    at: datetime,
    tickers: list[Ticker] | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Check what is stored again, and say what is held back, repaired and missing.

    Returns
    -------
    JSON-able: `held` counts sessions by ticker; `open` and `mended` list faults; `missing` gives
    by ticker how many sessions of its exchange are not stored at all, and the newest of them.
    """
    wanted = gateway.bars.tickers() if tickers is None else tickers
    held_back: dict[str, int] = {}
    missing: dict[str, Any] = {}
    damaged = gateway.bars.damaged()
    for done, ticker in enumerate(wanted):
        progress("Checking bars", done, len(wanted))
        if ticker.symbol in damaged:
            continue
        try:
            count = recheck(gateway, ticker, at)
        except RemovedError:
            continue
        if count:
            held_back[ticker.symbol] = count
        gaps = unseen(gateway, ticker)
        if len(gaps):
            newest = [f"{session:%Y-%m-%d}" for session in gaps[-_SHOWN:]]
            missing[ticker.symbol] = {"sessions": len(gaps), "newest": newest}
    symbols = {ticker.symbol for ticker in wanted}
    known = [entry for entry in gateway.quarantine.entries() if entry.ticker in symbols]
    return {
        "status": WorkStatus.OK,
        "tickers": len(wanted),
        "held": held_back,
        "open": [to_dict(entry) for entry in known if entry.status == QuarantineStatus.OPEN],
        "mended": [to_dict(entry) for entry in known if entry.status == QuarantineStatus.REPAIRED],
        "missing": missing,
        "damaged": {ticker: str(reason) for ticker, reason in damaged.items()},
    }


def unseen(gateway: BarGateway, ticker: Ticker) -> pd.DatetimeIndex:
    """Sessions of the ticker's exchange, within what is stored, of which no bar ever came."""
    if gateway.bars.load([ticker], adjusted=False).empty:
        return pd.DatetimeIndex([])
    return history(gateway.bars, ticker, gateway.calendars()).missing


def release(
    gateway: BarGateway, audit: Audit, number: int, actor: str, reason: str, at: datetime
) -> QuarantineEntry:
    """Let the bars of an entry be read, as they are; as `decide` does."""
    return decide(gateway, audit, QuarantineStatus.RELEASED, [number], actor, reason, at)[0]


def discard(
    gateway: BarGateway, audit: Audit, number: int, actor: str, reason: str, at: datetime
) -> QuarantineEntry:
    """Never read the bars of an entry; as `decide` does."""
    return decide(gateway, audit, QuarantineStatus.DISCARDED, [number], actor, reason, at)[0]


def decide(
    gateway: BarGateway,
    audit: Audit,
    status: QuarantineStatus,
    numbers: Sequence[int],
    actor: str,
    reason: str,
    at: datetime,
) -> list[QuarantineEntry]:
    """Release or discard entries of one ticker; either can be undone by the other.

    Parameters
    ----------
    status : `RELEASED`: the bars may be read as they are, but for what another entry holds.
        `DISCARDED`: they are never read, and stay stored.
    numbers : of the entries, one or more.

    Raises
    ------
    NotFoundError : there is no such entry.
    InvalidInputError : the reason cannot be kept, nothing of an entry is held, it has that standing
        already, several tickers are meant, or the bars cannot be read as they are, such as one
        without a close. Nothing is changed.
    """
    entries = [gateway.quarantine.get(number) for number in dict.fromkeys(numbers)]
    reason = _decidable(entries, status, reason)
    ticker = Ticker.parse(entries[0].ticker)
    waiting = gateway.quarantine.entries(
        ticker.symbol, (QuarantineStatus.OPEN, QuarantineStatus.DISCARDED)
    )
    meant = {entry.id for entry in entries}
    holding = [one for one in waiting if one.id not in meant]
    if status == QuarantineStatus.DISCARDED:
        holding += entries
    _rewrite(gateway, ticker, entries, holding, at)
    decided = gateway.quarantine.decide(sorted(meant), status, actor, reason, at)
    action = "release bars" if status == QuarantineStatus.RELEASED else "discard bars"
    audit.add(Action(at, actor, action, subject_of(entries), reason))
    return decided


def to_dict(entry: QuarantineEntry) -> dict[str, Any]:
    """As JSON-able values."""
    return {
        "id": entry.id,
        "ticker": entry.ticker,
        "first": f"{entry.first:%Y-%m-%d}",
        "last": f"{entry.last:%Y-%m-%d}",
        "sessions": entry.sessions,
        "code": entry.code,
        "reason": entry.reason,
        "message": None if entry.message is None else entry.message.to_dict(),
        "held": entry.hold,
        "source": entry.source,
        "found_at": entry.found_at.isoformat(),
        "standing": entry.status,
        **({"answer": entry.explanation} if entry.explanation else {}),
    }


def _decidable(entries: list[QuarantineEntry], status: QuarantineStatus, reason: str) -> str:
    """Refuse what cannot be decided so; returns the reason as it is kept."""
    if len({entry.ticker for entry in entries}) != 1:
        raise InvalidInputError(
            "quarantine.several-tickers",
            "Decide on entries of one ticker at a time.",
            parameter="entry",
        )
    for entry in entries:
        if entry.code == Fault.STEP and status == QuarantineStatus.DISCARDED:
            raise InvalidInputError(
                "quarantine.step-not-discarded",
                "Entry {entry} is a step between two stretches of bars, of which neither can be "
                "discarded; say what it was.",
                {"entry": entry.id},
                parameter="entry",
            )
        if entry.status == status or entry.status not in (
            QuarantineStatus.OPEN,
            QuarantineStatus.RELEASED,
            QuarantineStatus.DISCARDED,
        ):
            raise InvalidInputError(
                "quarantine.nothing-to-decide",
                "Entry {entry} is {status}, so there is nothing to decide.",
                {"entry": entry.id, "status": entry.status},
                parameter="entry",
            )
    return validate_reason(reason)


def holds_of(entries: list[QuarantineEntry], rows: pd.DataFrame) -> np.ndarray:
    """What these entries hold back of rows, all together."""
    session = rows["session"].dt.date
    found = []
    for one in entries:
        covered = session.between(one.first, one.last).to_numpy().nonzero()[0]
        if len(covered):
            found.append(CheckFinding(one.code, covered, Message.from_stored(one.reason), one.hold))
    return strongest(len(rows), found)


def _rewrite(
    gateway: BarGateway,
    ticker: Ticker,
    entries: list[QuarantineEntry],
    holding: list[QuarantineEntry],
    at: datetime,
) -> None:
    """Hold back of the sessions of `entries` what `holding` says, and nothing else.

    Entries of bars that were refused hold nothing of those that are stored.
    """
    stored = gateway.bars.latest(ticker)
    session = stored["session"].dt.date
    refused = {
        one.id
        for one in of_another_bar([*entries, *holding], stored)
        if one.code != Fault.DUPLICATE
    }
    entries = [one for one in entries if one.id not in refused]
    holding = [one for one in holding if one.id not in refused]
    meant = np.zeros(len(stored), bool)
    for entry in entries:
        meant |= session.between(entry.first, entry.last).to_numpy()
    rows = stored[meant]
    now = holds_of(holding, rows)
    changed = now != rows[HOLD].to_numpy()
    if changed.any():
        fresh = rows[changed].assign(held=now[changed], ingested_at=pd.Timestamp(at))
        gateway.bars.upsert(fresh, onto_stored=True)


def subject_of(entries: list[QuarantineEntry]) -> str:
    """What an action on these entries of one ticker was done to, as the audit names it."""
    first, last = min(one.first for one in entries), max(one.last for one in entries)
    span = f"{first}" if first == last else f"{first} to {last}"
    codes = ", ".join(dict.fromkeys(one.code for one in entries))
    count = f" ({len(entries)} entries)" if len(entries) > 1 else ""
    return f"{entries[0].ticker} {span}: {codes}{count}"
