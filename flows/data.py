"""What commands and flows do with bars: fetch them, fill the past, mirror them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core import wiring
from core.errors import InvalidInputError
from core.market.sample import SampleSource
from core.market.sources import Source
from core.services.backfill import backfill as run_backfill
from core.services.ingest import Ingested
from core.services.ingest import ingest as run_ingest
from core.services.progress import Progress
from core.services.reconcile import reconcile, told
from core.settings import Settings
from core.storage.audit import Action
from core.storage.bars import ParquetBars
from core.tickers import Ticker

_A_FEW = 10  # sessions that a ticker may get in an ordinary ingest


@dataclass(frozen=True)
class Wanted:
    """Which bars to fetch: all tickers, the default source and every session where not said."""

    tickers: list[Ticker] | None = None
    source: str = ""
    file: Path | None = None
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    market: str = ""


def ingest(
    settings: Settings, progress: Progress, who: str, wanted: Wanted = Wanted()
) -> dict[str, Any]:
    """Fetch bars, store them, and write down how it went."""
    intake = wiring.open_intake(settings)
    source = _source(settings, intake.bars, wanted)
    done = run_ingest(
        source,
        intake,
        at := datetime.now(UTC),
        wanted.tickers,
        wanted.start,
        wanted.end,
        progress,
        wiring.open_outcomes(settings),
        wanted.market,
    )
    _noted(settings, at, who, "ingest", source, done.written)
    changes = reconcile(
        intake,
        wiring.open_session_overrides(settings),
        wiring.open_audit(settings),
        at,
        _newly(at, wanted, done),
    )
    learnt = {"sessions": list(map(told, changes))} if changes else {}
    return {**done.to_dict(), **learnt, **mirror(settings, progress)}


def backfill(
    settings: Settings, progress: Progress, who: str, wanted: Wanted, again: bool = False
) -> dict[str, Any]:
    """Fetch the sessions of a past range that no earlier backfill fetched.

    Raises
    ------
    InvalidInputError : the range has no start.
    """
    if wanted.start is None:
        raise InvalidInputError("A backfill needs a first session; name it with --start.", "start")
    intake = wiring.open_intake(settings)
    source = _source(settings, intake.bars, wanted)
    done = run_backfill(
        source,
        intake,
        wiring.open_backfills(settings),
        wiring.open_outcomes(settings),
        at := datetime.now(UTC),
        wanted.tickers,
        wanted.start,
        wanted.end,
        again,
        progress,
    )
    _noted(settings, at, who, "backfill", source, done.written)
    return {**done.to_dict(), **mirror(settings, progress)}


def _source(settings: Settings, bars: ParquetBars, wanted: Wanted) -> Source:
    name = wanted.source or _usual_source(settings, bars, wanted.tickers)
    only = wanted.tickers[0] if wanted.tickers and len(wanted.tickers) == 1 else None
    source = wiring.open_source(name, wanted.file, only, settings)
    if wanted.file is not None and name != "csv":
        raise InvalidInputError("--file goes with --source csv.", "file")
    return source


def _noted(
    settings: Settings, at: datetime, who: str, what: str, source: Source, written: Iterable[str]
) -> None:
    subject = f"{source.name}: {', '.join(written)}"[:256]
    wiring.open_audit(settings).add(Action(at, who, what, subject))


def _newly(at: datetime, wanted: Wanted, done: Ingested) -> pd.Timestamp | None:
    """Where to look for what changed: after a few new sessions the last year says enough."""
    most = max(counts.new + counts.corrected for counts in done.written.values())
    if most > _A_FEW or wanted.start is not None or wanted.end is not None:
        return None
    return pd.Timestamp(at.date()) - pd.Timedelta(days=400)


def mirror(settings: Settings, progress: Progress) -> dict[str, Any]:
    """Bring ClickHouse's copy of the bars up to date, if there is to be one."""
    copy = wiring.open_mirror(settings)
    if copy is None:
        return {}
    from core.services.mirror import mirror as run_mirror

    bars, lock = wiring.open_bars(settings=settings), settings.home / "mirror.lock"
    return {"mirror": run_mirror(bars, copy, lock, progress).to_dict()}


def _usual_source(settings: Settings, bars: ParquetBars, tickers: list[Ticker] | None) -> str:
    """Where to look when nobody says: what was tracked from Yahoo is refreshed from there.

    The sample is never put beside tickers of one's own unasked.
    """
    if settings.source == SampleSource.name:
        sources = set(bars.load(tickers, adjusted=False)["source"].unique())
        if "yahoo" in sources:
            return "yahoo"
        if tickers is None and sources - {SampleSource.name}:
            raise InvalidInputError(
                "No tracked ticker came from Yahoo, so there is nothing to refresh; name a "
                "source with --source.",
                "source",
            )
    return settings.source
