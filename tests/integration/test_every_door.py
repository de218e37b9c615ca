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
from app.state.jobs import Job
from app.state.own_files import wanted_bars
from app.state.stores import Stores
from core.foundation.keys.person import Person, PersonRole
from core.market_data.ingest import WantedBars
from core.market_data.lake.clickhouse import ClickHouseBars
from core.market_data.sources.tables.options import TableOptions
from core.market_data.sources.tables.text import FileBytes
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import ingest
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


ANN = Person("ann", PersonRole.DEVELOPER)


def through_page(here: Stores) -> None:
    ended(actions.start_tracking(ANN, ", ".join(TAIWAN)))


def ended(job: Job) -> None:
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


def file_through_page(here: Stores) -> None:
    wanted = wanted_bars([FileBytes("../month.csv", MONTH)], Ticker.parse("2330.TW"), LOTS)
    assert actions.preview_files(ANN, wanted)["tickers"]["2330.TW"]["bars"] == 4
    ended(actions.start_storing(ANN, wanted, ("2330.TW",)))


def file_through_command(here: Stores) -> None:
    path = here.settings.home.parent / "month.csv"
    path.write_bytes(MONTH)
    words = ["--file", str(path), "--tickers", "2330.TW", "--volume", "lots"]
    assert cli.main(["ingest", "--source", "csv", *words]) == 0


def file_through_workflow(here: Stores) -> None:
    path = here.settings.home.parent / "month.csv"
    wanted = WantedBars([Ticker.parse("2330.TW")], "csv", (path,), table=LOTS)
    ingest(Workspace(here.settings), wanted, "ann", AT)


FILE_DOORS = {
    "file page": file_through_page,
    "file command": file_through_command,
    "file workflow": file_through_workflow,
}
LOTS = TableOptions(volume="lots")
MONTH = (
    "111年03月 2330 台積電 各日成交資訊\n日期,成交股數,成交金額,開盤價,最高價,最低價,收盤價,\n"
    "111/03/07,30,1,950,960,940,955\n111/03/08,31,1,955,965,945,960\n"
    "111/03/10,32,1,960,930,950,965\n111/03/11,33,1,965,975,955,970\n"  # a high below its low
    "說明:\n"
).encode("big5")


def left(workspace: Workspace, copy: ClickHouseBars) -> dict[str, str]:
    """All that is stored of bars, as text to compare: the lake's bytes, faults, rulings, copies."""
    log = workspace.ingest_log.last_of_each()
    # What is kept beside them names when each was written.
    stored = file_bytes(workspace.settings.home / "bars")
    bars = {name: content for name, content in stored.items() if not name.startswith(".")}
    return {
        "bars": str(bars),
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
    """Call it with a door: what is left in an empty home after the bars came through it."""
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
        {**DOORS, **FILE_DOORS}[door](here)
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


def test_a_file_leaves_the_same_through_page_command_and_workflow(
    stored: Callable[[str], dict[str, str]], tmp_path: Path
) -> None:
    every = {door: stored(door) for door in FILE_DOORS}
    wanted = every.pop("file workflow")
    assert "2330.TW" in wanted["bars"] and "2022, 3, 10" in wanted["quarantine"]
    assert "33000" in wanted["copy"]
    for door, found in every.items():
        for what, value in wanted.items():
            assert found[what] == value, f"{what} through the {door}"
    assert not list(tmp_path.rglob("*/month.csv")), "what came through the page is in no folder"
