"""Copy the revisions to ClickHouse that are not there yet."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from core.foundation.errors import StorageError, TickerLensError
from core.foundation.files import exclusive
from core.foundation.messages import Message
from core.foundation.progress import Progress, WorkStatus, silent
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.clickhouse import ClickHouseBars, Stamp, fits, stamped
from core.reference.tickers import Ticker

_AT_ONCE = 200_000  # revisions in memory before they are sent


@dataclass
class Mirrored:
    """What a copying did: revisions sent by ticker, who was removed, and who could not be copied.

    `warning` is the sentence to show if it ended early; the next run continues from there.
    """

    written: dict[str, int] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    failed: dict[str, Message] = field(default_factory=dict)
    warning: Message | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values; status is "ok", "partial" or "behind"."""
        status = (
            WorkStatus.BEHIND
            if self.warning
            else WorkStatus.PARTIAL if self.failed else WorkStatus.OK
        )
        return {
            "status": status,
            "written": self.written,
            "removed": self.removed,
            "failed": {ticker: str(reason) for ticker, reason in self.failed.items()},
            "warning": str(self.warning or ""),
        }


def mirror(
    bars: ParquetBars, copy: ClickHouseBars, lock: Path, progress: Progress = silent
) -> Mirrored:
    """Bring the copy up to date with the lake; a second time at once writes nothing.

    Parameters
    ----------
    lock : a file that everyone who copies this lake shares; one copies, others wait.

    Returns
    -------
    What was done. A failure of ClickHouse is never raised, because the lake is the original;
    `warning` says what was wrong. A ticker counts as copied only once all its revisions are there.
    """
    done = Mirrored()
    with exclusive(lock):
        try:
            _bring(bars, copy, done, progress)
        except TickerLensError as error:
            done.warning = Message(
                "mirror.behind",
                "{reason} The bars are stored; its copy follows later.",
                {"reason": error.sentence},
            )
    return done


def waiting(bars: ParquetBars, copy: ClickHouseBars) -> list[Ticker]:
    """Tickers whose copy differs from the lake; raises as `ClickHouseBars` does."""
    return _changed(bars.stamps(), copy.stamps())


def _changed(here: dict[Ticker, str], there: dict[Ticker, Stamp]) -> list[Ticker]:
    copied = {ticker: one.stamp for ticker, one in there.items()}
    return [ticker for ticker in here if copied.get(ticker) != here[ticker]]


def _bring(bars: ParquetBars, copy: ClickHouseBars, done: Mirrored, progress: Progress) -> None:
    copy.prepare()
    here, there = bars.stamps(), copy.stamps()
    gone = [ticker for ticker in there if ticker not in here]
    copy.forget(gone)
    done.removed = [ticker.symbol for ticker in gone]
    changed = _changed(here, there)
    batch = _Batch(copy, done)
    for number, ticker in enumerate(changed):
        progress("Copying to ClickHouse", number, len(changed))
        try:
            # As they came in: what is new since the last copying is at the end.
            revisions = bars.revisions(ticker).sort_values("ingested_at", kind="stable")
        except StorageError as error:
            done.failed[ticker.symbol] = error.sentence
            continue
        if not fits(revisions):
            done.failed[ticker.symbol] = Message(
                "mirror.too-early",
                "{ticker} has sessions before 1900, which ClickHouse cannot hold; it is read from "
                "the lake.",
                {"ticker": ticker},
            )
            continue
        # Taken before the file was read: if that changed in between, the next copying sees it.
        batch.add(ticker, stamped(here[ticker], revisions), revisions, there.get(ticker))
    batch.send()
    progress("Copying to ClickHouse", len(changed), len(changed))


class _Batch:
    """Revisions of several tickers, sent together: one insert costs as much as many rows."""

    def __init__(self, copy: ClickHouseBars, done: Mirrored) -> None:
        self._copy = copy
        self._done = done
        self._clear()

    def _clear(self) -> None:
        self._stamps: dict[Ticker, Stamp] = {}
        self._anew: list[Ticker] = []
        self._rows: list[pd.DataFrame] = []

    def add(
        self, ticker: Ticker, stamp: Stamp, revisions: pd.DataFrame, copied: Stamp | None
    ) -> None:
        """Take a ticker in, of which `copied` is there already."""
        there = copied.revisions if copied is not None else 0
        if copied is None or stamped(copied.stamp, revisions.iloc[:there]) != copied:
            self._anew.append(ticker)  # else revisions that the lake no longer has would stay
            there = 0
        rows = revisions.iloc[there:]
        self._stamps[ticker] = stamp
        self._rows.append(rows)
        if sum(map(len, self._rows)) >= _AT_ONCE:
            self.send()

    def send(self) -> None:
        """Rows first, then the stamps that say they are there."""
        if self._stamps:
            self._copy.forget(self._anew)
            self._copy.append(pd.concat(self._rows, ignore_index=True))
            self._copy.mark(self._stamps)
            for ticker, rows in zip(self._stamps, self._rows, strict=True):
                if len(rows):
                    self._done.written[ticker.symbol] = len(rows)
        self._clear()
