"""A ticker leaves the same behind, whichever door it came through."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from prefect.logging import disable_run_logger

from app.state import actions
from app.state.stores import Stores
from core.foundation.access import Person, PersonRole
from core.market_data.ingest import WantedBars
from core.market_data.lake.clickhouse import ClickHouseBars
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.ingest import ingest
from flows import cli, commands, deployments
from tests.support.clickhouse.server import TIMEOUT_SECONDS, ClickHouse, clickhouse
from tests.support.closed_session import TAIWAN, taiwan
from tests.support.homes import AT, file_bytes
from tests.support.yahoo.server import FakeYahoo


class Frozen(datetime):
    """A clock that stands still."""

    @classmethod
    def now(cls, tz: Any = None) -> datetime:
        return AT.astimezone(tz)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ClickHouse]:
    with clickhouse(tmp_path / "clickhouse") as running:
        yield running


def through_page(here: Stores) -> None:
    job = actions.start_tracking(Person("ann", PersonRole.DEVELOPER), ", ".join(TAIWAN))
    deadline = time.monotonic() + 120
    while job.running:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert job.error == ""


def through_command(here: Stores) -> None:
    assert cli.main(["ingest", "--source", "yahoo", "--tickers", ",".join(TAIWAN)]) == 0


def through_flow(here: Stores) -> None:
    with disable_run_logger():
        ended = deployments.ingest.fn(tickers=",".join(TAIWAN), source="yahoo")
    assert ended.is_completed(), ended.message


def through_workflow(here: Stores) -> None:
    wanted = WantedBars([Ticker.parse(name) for name in TAIWAN], "yahoo")
    ingest(Workspace(here.settings), wanted, "ann", AT)


DOORS: dict[str, Callable[[Stores], None]] = {
    "page": through_page,
    "command": through_command,
    "flow": through_flow,
    "workflow": through_workflow,
}


def left(workspace: Workspace, copy: ClickHouseBars) -> dict[str, str]:
    """All that is stored of bars, as text to compare: the lake's bytes, faults, rulings, copies."""
    log = workspace.ingest_log.last_of_each()
    return {
        "bars": str(file_bytes(workspace.settings.home / "bars")),
        "quarantine": str(workspace.quarantine.entries()),
        "sessions": str(workspace.session_overrides.last()),
        "ingest log": str(sorted(map(str, log.items()))),
        "watchlist": str(sorted(map(str, workspace.watchlist.all()))),
        "copy": copy.load().to_csv(),
    }


@pytest.fixture
def stored(
    tmp_path: Path,
    yahoo: FakeYahoo,
    server: ClickHouse,
    open_app: Callable[..., Stores],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[str], dict[str, str]]:
    """Call it with a door: what is left in an empty home after the tickers came through it."""
    yahoo.frames = taiwan()
    monkeypatch.setenv("TICKERLENS_YAHOO_URL", yahoo.url)
    monkeypatch.setenv("TICKERLENS_YAHOO_RATE", "0")
    monkeypatch.setenv("TICKERLENS_CLICKHOUSE_URL", server.url)
    for module in (actions, commands, deployments):
        monkeypatch.setattr(module, "datetime", Frozen)

    def stored_by(door: str) -> dict[str, str]:
        copy = ClickHouseBars(server.url, TIMEOUT_SECONDS)
        copy.prepare()
        copy.forget(list(copy.stamps()))
        here = open_app()
        DOORS[door](here)
        found = left(here, copy)
        here.settings.home.rename(tmp_path / door)
        return found

    return stored_by


def test_page_command_flow_and_workflow_leave_the_same(
    stored: Callable[[str], dict[str, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    every = {door: stored(door) for door in DOORS}
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert printed["sessions"] == ["XTAI 2022-03-09: session removed, 0 of 3 tickers traded."]
    assert printed["held"] == {"2454.TW": 1} and printed["mirror"]["status"] == "ok"
    wanted = every.pop("workflow")
    assert "2022, 3, 9" in wanted["sessions"] and "2454.TW" in wanted["quarantine"]
    assert len(wanted["copy"].splitlines()) > 500
    for door, found in every.items():
        for what, value in wanted.items():
            assert found[what] == value, f"{what} through the {door}"
