"""How files would be read and what the checks would ask, before anything is stored."""

import tempfile
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core.foundation.caches.opened_once import opened_once
from core.foundation.errors import InvalidInputError, TickerLensError
from core.foundation.sql.database import Database
from core.market_data.failure_messages import together
from core.market_data.fetch import fetch_and_store
from core.market_data.ingest import WantedBars, chosen
from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.sources.csv_file import CsvSource
from core.market_data.validate import Accepted, BarGateway
from core.reference.schema import PRICE_COLUMNS
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import parts_of, source_of

PREVIEW = "preview"
_ROWS = 3  # shown of each end
_Key = tuple[str, str, date, str]  # of a quarantine entry
_COLUMNS = ["session", *PRICE_COLUMNS, "volume", "dividend", "split_ratio"]


class _Rehearsal(Workspace):
    """Stores in a folder of their own, in which bars are stored for a look."""

    @opened_once
    def records(self) -> Database:
        return Database(self.settings.records_address)


def preview(workspace: Workspace, wanted: WantedBars, at: datetime) -> dict[str, Any]:
    """Read files as an ingest would, and store nothing.

    The bars pass the real checks beside copies of what is stored, in a folder that is then gone.

    Returns
    -------
    JSON-able: `status` "preview"; `files`, each as `Understood.to_dict`; and by ticker the count of
    `bars`, `new`, `corrected` and `held_back` ones, the `first` and `last` rows, and what would be
    asked, a sentence each; `failed`, the sentence of each ticker that would be refused, if any is.

    Raises
    ------
    InvalidInputError : another source than csv is meant.
    TickerLensError : as an ingest would say, for all files or where every ticker is refused.
    """
    wanted = parts_of(workspace, wanted)[0]
    source = source_of(workspace, wanted)
    if not isinstance(source, CsvSource):
        raise InvalidInputError(
            "preview.csv-alone", "--preview goes with --source csv.", parameter="preview"
        )
    found: dict[str, Any] = {}
    failures: dict[str, TickerLensError] = {}
    with tempfile.TemporaryDirectory() as folder:
        own = {"home": Path(folder), "records_url": "", "bars_url": "", "clickhouse_url": ""}
        rehearsal = _Rehearsal(workspace.settings.model_copy(update=own))
        gateway = BarGateway(rehearsal.bars, rehearsal.quarantine, workspace.calendars)
        tickers, before = chosen(source, workspace.bars, wanted), set[_Key]()
        for ticker in tickers:
            before |= _copied(workspace, gateway, ticker)
        every = fetch_and_store(source, gateway, at, tickers, wanted.start, wanted.end)
        for ticker, done in every:
            if isinstance(done, TickerLensError):
                failures[ticker.symbol] = done
                continue
            rows = source.fetch(ticker, wanted.start, wanted.end, at)
            found[ticker.symbol] = _described(gateway, ticker, rows, done, before)
        rehearsal.records.close()
    if not found:
        raise together(failures)
    failed = {symbol: str(error.sentence) for symbol, error in failures.items()}
    return {
        "status": PREVIEW,
        "files": [one.to_dict() for one in source.understood],
        "tickers": found,
        **({"failed": failed} if failed else {}),
    }


def _copied(workspace: Workspace, gateway: BarGateway, ticker: Ticker) -> set[_Key]:
    """Put what is stored of a ticker behind the gateway; the keys of what is asked already."""
    stored = workspace.bars.latest(ticker)
    if len(stored):
        gateway.bars.upsert(stored)
    known = workspace.quarantine.entries(ticker.symbol)
    if known:
        gateway.quarantine.add(known)
    return {one.key for one in known}


def _described(
    gateway: BarGateway, ticker: Ticker, fetched: pd.DataFrame, done: Accepted, before: set[_Key]
) -> dict[str, Any]:
    asked_about = gateway.quarantine.entries(ticker.symbol, (QuarantineStatus.OPEN,))
    rows = fetched.sort_values("session", kind="stable")
    return {
        "bars": len(rows),
        "new": done.written.new,
        "corrected": done.written.corrected,
        "held_back": done.held_back,
        "first": _rows(rows.head(_ROWS)),
        "last": _rows(rows.tail(_ROWS)),
        "asks": [one.reason for one in asked_about if one.key not in before],
    }


def _rows(bars: pd.DataFrame) -> list[dict[str, Any]]:
    shown = bars[_COLUMNS].assign(session=bars["session"].dt.strftime("%Y-%m-%d"))
    plain = shown.astype(object).where(shown.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in plain.to_dict("records")]
