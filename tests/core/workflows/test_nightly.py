"""The night's work, whose parts share the stores."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.forecasts.ledger.ledger import Ledger
from core.foundation.audit import Audit
from core.foundation.outbox import Outbox
from core.foundation.settings import Settings
from core.foundation.sql.database import Database
from core.lifecycle.report_store import Reports
from core.market_data.ingest import WantedBars
from core.market_data.ingest import ingest as fetch_and_store
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.records.ingest_log import IngestLog
from core.market_data.records.quarantine import Quarantine
from core.market_data.records.session_override_store import SessionOverrides
from core.market_data.records.watchlist import Watchlist
from core.reference.tickers import Ticker
from core.registry.mlflow_mirror import MlflowRegistry
from core.registry.registry import ModelRegistry
from core.wiring import Workspace
from core.workflows.nightly import nightly
from monitoring.evidently_report import Measured
from tests.support.closed_session import CLOSED, TAIWAN, taiwan
from tests.support.homes import AT, Home
from tests.support.yahoo.server import FakeYahoo

STORES = (
    *(Database, ParquetBars, Quarantine, SessionOverrides, IngestLog, Watchlist, Audit, Outbox),
    *(ModelRegistry, MlflowRegistry, Ledger, Reports),
)


def test_a_night_opens_no_store_twice(copied: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: Counter[str] = Counter()

    def counted(store: type[Any]) -> None:
        made = store.__init__

        def counting(self: Any, *arguments: Any, **named: Any) -> None:
            opened[store.__name__] += 1
            made(self, *arguments, **named)

        monkeypatch.setattr(store, "__init__", counting)

    for store in STORES:
        counted(store)
    workspace = Workspace(Settings(_env_file=None, home=copied.path))
    done = nightly(workspace, "ann", lambda windows: Measured(), clock=lambda: AT)
    assert {"ingest", "score", "monitor", "forecast"} <= done.keys()
    assert {name: times for name, times in opened.items() if times > 1} == {}
    assert opened.keys() >= {"Database", "ParquetBars", "ModelRegistry", "Ledger", "Reports"}


def test_a_night_corrects_the_calendar_for_bars_that_were_stored_without_it(
    tmp_path: Path, yahoo: FakeYahoo
) -> None:
    yahoo.frames = taiwan()
    home = Settings(
        _env_file=None, home=tmp_path, source="yahoo", yahoo_url=yahoo.url, yahoo_rate=0.0
    )
    stored = Workspace(home)
    tickers = [Ticker.parse(name) for name in TAIWAN]
    fetch_and_store(stored.source("yahoo"), stored.gateway, AT, WantedBars(tickers))
    assert stored.calendars()["XTAI"].is_session(CLOSED)

    night = AT + timedelta(days=1)
    done = nightly(Workspace(home), "ann", lambda windows: Measured(), clock=lambda: night)
    assert done["ingest"]["sessions"] == [
        "XTAI 2022-03-09: session removed, 0 of 3 tickers traded."
    ]
    assert not Workspace(home).calendars()["XTAI"].is_session(CLOSED)
    again = nightly(Workspace(home), "ann", lambda windows: Measured(), clock=lambda: night)
    assert "sessions" not in again["ingest"]
