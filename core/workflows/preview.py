"""How files would be read and what the checks would ask, before anything is stored."""

import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from core.foundation.caches.opened_once import opened_once
from core.foundation.errors import InvalidInputError
from core.foundation.sql.database import Database
from core.market_data.ingest import WantedBars, chosen
from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.sources.csv_file import CsvSource
from core.market_data.validate import validate_and_store
from core.reference.schema import PRICE_COLUMNS
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.ingest import source_of

PREVIEW = "preview"
_ROWS = 3  # shown of each end
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
    asked, a sentence each.

    Raises
    ------
    InvalidInputError : another source than csv is meant.
    TickerLensError : as an ingest would say.
    """
    source = source_of(workspace, wanted)
    if not isinstance(source, CsvSource):
        raise InvalidInputError(
            "preview.csv-alone", "--preview goes with --source csv.", parameter="preview"
        )
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        own = {"home": Path(folder), "records_url": "", "bars_url": "", "clickhouse_url": ""}
        rehearsal = _Rehearsal(workspace.settings.model_copy(update=own))
        for ticker in chosen(source, workspace.bars, wanted):
            fetched = source.fetch(ticker, wanted.start, wanted.end, at)
            found[ticker.symbol] = _rehearsed(workspace, rehearsal, ticker, fetched, at)
        rehearsal.records.close()
    return {
        "status": PREVIEW,
        "files": [one.to_dict() for one in source.understood],
        "tickers": found,
    }


def _rehearsed(
    workspace: Workspace, rehearsal: Workspace, ticker: Ticker, fetched: pd.DataFrame, at: datetime
) -> dict[str, Any]:
    stored = workspace.bars.latest(ticker)
    if len(stored):
        rehearsal.bars.upsert(stored)
    known = workspace.quarantine.entries(ticker.symbol)
    if known:
        rehearsal.quarantine.add(known)
    done = validate_and_store(rehearsal.gateway, ticker, fetched, at)
    before = {one.key for one in known}
    asked_about = rehearsal.quarantine.entries(ticker.symbol, (QuarantineStatus.OPEN,))
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
