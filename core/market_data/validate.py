"""Check fetched bars and store them; bars that fail are held back, with a reason."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

from core.foundation.errors import RemovedError, SchemaError
from core.foundation.messages import Message
from core.market_data.checks.contradictions import contradiction
from core.market_data.checks.finding import CheckFinding, Fault, strongest
from core.market_data.checks.price_levels import LEVELS
from core.market_data.checks.run_checks import check
from core.market_data.checks.unlisted_splits import list_applied
from core.market_data.lake.bar_store import ParquetBars, Upserted
from core.market_data.lake.beside_stored import SOUND, beside, in_order
from core.market_data.lake.holds import HOLD, step_sessions
from core.market_data.records.noted_findings import (
    has_new_step,
    is_beyond,
    is_unseen,
    noted_findings,
)
from core.market_data.records.quarantine import Quarantine, QuarantineEntry, QuarantineStatus
from core.market_data.records.quarantine_entries import entries_of, of_another_bar
from core.market_data.records.step_explanation import with_explanations
from core.reference.bar_holds import PRICES_READ, Hold
from core.reference.schema import BAR_COLUMNS
from core.reference.sessions import Calendar, Calendars
from core.reference.tickers import Ticker


@dataclass(frozen=True)
class Accepted:
    """The result for fetched bars: what was written, and how many of them are held back."""

    written: Upserted = Upserted()
    held_back: int = 0


@dataclass(frozen=True)
class BarGateway:
    """Checks in front of the store `bars`, and the quarantine of what they hold back.

    Parameters
    ----------
    calendars : gives the exchange calendars as they are known at the time.
    """

    bars: ParquetBars
    quarantine: Quarantine
    calendars: Callable[[], Calendars] = Calendars

    def calendar(self, ticker: Ticker) -> Calendar:
        """That of the ticker's exchange."""
        return self.calendars()[ticker.market.calendar]


def validate_and_store(
    gateway: BarGateway,
    ticker: Ticker,
    fetched: pd.DataFrame,
    at: datetime,
    whole: bool = False,
    onto_stored: bool = False,
    in_place_of: str = "",
) -> Accepted:
    """Check fetched bars beside the stored ones, and store them.

    Parameters
    ----------
    fetched : the `bars` contract in columns and types, of one ticker, raw; its values may break
        it. A column `vendor_close` more is compared, not stored; one `note` is noted down.
    whole : the fetched rows are the vendor's whole history in other units than before, and
        replace what is stored, unless they do not agree with each other.
    onto_stored : they were fetched to continue what was stored, and mean nothing without it.
    in_place_of : a source whose bars they replace, if any of them may be read.

    Returns
    -------
    Counts. Running it twice changes nothing.

    Raises
    ------
    RemovedError : what they were to continue was removed meanwhile, and stays removed.
    SchemaError : none of those that were to replace others may be read; the others stay.

    Notes
    -----
    Rows accepted before are beyond doubt, and the fetched ones are judged by them. A correction
    that fails a check does not displace a sound bar. The register is written first: killed in
    between, the next run finds the same and goes on.
    """
    latest = gateway.bars.latest(ticker)
    latest = latest[latest["source"] != in_place_of]
    stored = _explained(gateway, ticker, latest)
    rows, repaired = in_order(fetched), list[CheckFinding]()
    calendar = gateway.calendar(ticker)
    if not whole and _contradicts(gateway.quarantine, ticker, stored, rows, at):
        return Accepted(Upserted(), len(rows))
    if whole or stored.empty:
        rows, repaired = list_applied(rows)
    frame = beside(stored, rows, whole)
    found = check(frame, ticker, calendar, frame["trusted"].to_numpy(bool))
    if whole and any(one.code in (Fault.SPLIT, Fault.UNITS) and one.hold for one in found):
        # The vendor is in the middle of a change: what is stored is better.
        return validate_and_store(gateway, ticker, fetched, at, onto_stored=onto_stored)
    found += [_moved(one, rows, frame) for one in repaired]
    noted = noted_findings(gateway.quarantine, ticker, frame, found, at)
    if whole and has_new_step(noted, stored):
        return validate_and_store(gateway, ticker, fetched, at, onto_stored=onto_stored)
    # A sound bar stays until the vendor sends another sound one.
    holds = strongest(len(frame), [one for one, _ in noted])
    if in_place_of:
        if (holds != Hold.NONE).all():
            raise SchemaError(
                "bars.none-replaced",
                "All {count:,} fetched bars of {ticker} failed a check, so its {source} bars "
                "stay.",
                {"count": len(holds), "ticker": ticker, "source": in_place_of},
                parameter="ticker",
            )
        gateway.quarantine.forget(ticker.symbol)  # what was noted is of bars that go
    refused = frame["sound"].to_numpy(bool) & (holds != Hold.NONE) & (not whole)
    refused &= ~((holds == Hold.STEP) & frame["session"].isin(step_sessions(stored)).to_numpy())
    refused_entries = [
        entry.with_message(_refused(one.message)) for one, entry in noted if refused[one.rows].any()
    ]
    if refused.any():
        rows = rows[~rows["session"].isin(frame["session"][refused])]
        if rows.empty:
            gateway.quarantine.add(refused_entries)
            return Accepted(Upserted(), int(refused.sum()))
        frame = beside(stored, rows, whole)
        found = check(frame, ticker, calendar, frame["trusted"].to_numpy(bool))
    holds = _note(gateway.quarantine, ticker, frame, found, at, refused_entries)
    changed = holds != frame[HOLD].to_numpy()
    fresh = frame["fetched"].to_numpy(bool)
    to_write = fresh | changed | frame["session"].isin(_unlike(stored, latest)).to_numpy()
    written = frame[to_write].assign(held=holds[to_write], ingested_at=pd.Timestamp(at))
    once = written.drop_duplicates("session", keep="last")[[*BAR_COLUMNS, HOLD]]
    done = _upserted(gateway, ticker, once, onto_stored or not stored.empty, in_place_of)
    return Accepted(done, int((holds[fresh] != Hold.NONE).sum() + refused.sum()))


def recheck(gateway: BarGateway, ticker: Ticker, at: datetime) -> int:
    """Check everything stored of a ticker again; returns how many sessions are held back now.

    What a person released stays so. If rows are known to stand on a level in doubt, the others
    are beyond doubt; else, as at first sight, the newest are.
    """
    latest = gateway.bars.latest(ticker)
    if latest.empty:
        return 0
    frame = _explained(gateway, ticker, latest)
    waiting = gateway.quarantine.entries(
        ticker.symbol, (QuarantineStatus.OPEN, QuarantineStatus.DISCARDED)
    )
    doubt = any(entry.code in LEVELS for entry in waiting)
    trusted = frame[HOLD].isin(SOUND).to_numpy() & doubt
    found = check(frame, ticker, gateway.calendar(ticker), trusted)
    holds = _note(gateway.quarantine, ticker, frame, found, at)
    changed = holds != frame[HOLD].to_numpy()
    changed |= frame["session"].isin(_unlike(frame, latest)).to_numpy()
    if changed.any():
        fresh = frame[changed].assign(held=holds[changed], ingested_at=pd.Timestamp(at))
        _upserted(gateway, ticker, fresh, onto_stored=True)
    return int((holds != Hold.NONE).sum())


def _explained(gateway: BarGateway, ticker: Ticker, stored: pd.DataFrame) -> pd.DataFrame:
    """The stored bars with what people said of steps: who was killed may not have stored that."""
    released = gateway.quarantine.entries(ticker.symbol, (QuarantineStatus.RELEASED,))
    return with_explanations(stored, released)


def _unlike(explained: pd.DataFrame, stored: pd.DataFrame) -> pd.Series:
    """The sessions of which another action is stored than people said."""
    actions = ["split_ratio", "dividend"]
    differs = (explained[actions].to_numpy() != stored[actions].to_numpy()).any(axis=1)
    sessions: pd.Series = stored["session"][differs]
    return sessions


def _contradicts(
    quarantine: Quarantine, ticker: Ticker, stored: pd.DataFrame, rows: pd.DataFrame, at: datetime
) -> bool:
    """Whether fetched rows contradict what is stored, which is noted, and nobody released them."""
    found = contradiction(stored[stored[HOLD].isin(PRICES_READ)], rows)
    if found is None:
        return False
    entries = entries_of(ticker, rows, [found], at)
    released = quarantine.entries(ticker.symbol, (QuarantineStatus.RELEASED,))
    if entries[0].key in {one.key for one in released}:
        return False
    quarantine.add(entries)
    return True


def _upserted(
    gateway: BarGateway,
    ticker: Ticker,
    rows: pd.DataFrame,
    onto_stored: bool,
    in_place_of: str = "",
) -> Upserted:
    try:
        return gateway.bars.upsert(rows, onto_stored, in_place_of)
    except RemovedError:
        gateway.quarantine.forget(ticker.symbol)  # what was just noted is of bars that are gone
        raise


def _note(
    quarantine: Quarantine,
    ticker: Ticker,
    frame: pd.DataFrame,
    found: list[CheckFinding],
    at: datetime,
    refused_entries: Sequence[QuarantineEntry] = (),
) -> np.ndarray:
    """Write the findings down; returns what must not be read of each row, decisions heeded.

    `refused_entries` are entries of bars that were refused, which the frame no longer holds.
    """
    noted = noted_findings(quarantine, ticker, frame, found, at)
    known = quarantine.entries(ticker.symbol, (QuarantineStatus.OPEN, QuarantineStatus.DISCARDED))
    session = frame["session"].dt.date
    fresh = set(session[frame["fetched"]]) if "fetched" in frame else set()
    # A check of stored bars proves nothing about a bar that is not stored.
    proven = of_another_bar([one for one in known if one.first not in fresh], frame)
    proven += [one for one in known if is_unseen(one, frame)]
    entries = [*(entry for _, entry in noted), *refused_entries, *proven]
    if known or entries:
        quarantine.record(ticker.symbol, entries, session.iloc[0], session.iloc[-1])
    holds = strongest(len(frame), [one for one, _ in noted])
    for entry in known:
        stays = (
            entry.status == QuarantineStatus.DISCARDED or is_beyond(entry, frame) or entry in proven
        )
        if stays:
            covered = session.between(entry.first, entry.last).to_numpy() & (holds == Hold.NONE)
            holds[covered] = frame[HOLD].to_numpy()[covered]
    return holds


def _refused(fault: Message) -> Message:
    """What is said of a fetched bar that does not take the place of a sound one."""
    return Message(
        "bar.refused",
        "{fault} The bar stored before is still read; once released, this one counts when it comes "
        "again.",
        {"fault": fault},
    )


def _moved(one: CheckFinding, rows: pd.DataFrame, frame: pd.DataFrame) -> CheckFinding:
    """A finding on the fetched rows as one on the frame."""
    at = np.flatnonzero(frame["session"].isin(rows["session"].iloc[one.rows]))
    return CheckFinding(one.code, at, one.message, one.hold)
