"""Every store of a home is opened once, on first use."""

import threading
import time
from pathlib import Path

import pytest

from core.foundation.audit import Audit
from core.foundation.caches.opened_once import opened_once
from core.foundation.errors import InvalidInputError
from core.foundation.settings import Settings
from core.foundation.sql.database import Database
from core.market_data.lake.bar_store import ParquetBars
from core.wiring import Workspace, open_bars, open_registry


def test_a_workspace_makes_nothing_before_it_is_asked(tmp_path: Path) -> None:
    Workspace(Settings(_env_file=None, home=tmp_path / "home"))
    assert list(tmp_path.iterdir()) == []


def test_each_store_is_the_same_each_time_and_shares_its_parts(tmp_path: Path) -> None:
    workspace = Workspace(Settings(_env_file=None, home=tmp_path))
    names = [name for name, kind in vars(Workspace).items() if isinstance(kind, opened_once)]
    assert len(names) > 15
    for name in names:
        assert getattr(workspace, name) is getattr(workspace, name)
    assert workspace.gateway.bars is workspace.bars
    assert workspace.gateway.quarantine is workspace.quarantine
    assert workspace.replica is None, "no ClickHouse is set up"


def test_threads_that_ask_at_once_get_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[Database] = []

    def slow(audit: Audit, database: Database) -> None:
        made.append(database)
        time.sleep(0.05)

    monkeypatch.setattr(Audit, "__init__", slow)
    workspace = Workspace(Settings(_env_file=None, home=tmp_path))
    threads = [threading.Thread(target=lambda: workspace.audit) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(made) == 1


def test_records_that_do_not_answer_keep_nobody_from_the_bars(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hanging, over = threading.Event(), threading.Event()

    def hang(database: Database, *addresses: str) -> None:
        hanging.set()
        over.wait(60)

    monkeypatch.setattr(Database, "__init__", hang)
    workspace = Workspace(Settings(_env_file=None, home=tmp_path))
    waiting = threading.Thread(target=lambda: workspace.audit)
    waiting.start()
    assert hanging.wait(60) and workspace.bars.tickers() == []
    over.set()
    waiting.join()


def test_a_store_that_could_not_be_opened_is_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace(Settings(_env_file=None, home=tmp_path))
    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(ParquetBars, "__init__", lambda *_: 1 / 0)
        assert workspace.bars
    assert workspace.bars.tickers() == []


def test_bars_and_models_open_where_the_settings_say(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKERLENS_HOME", str(tmp_path))
    assert open_bars().tickers() == [] and open_registry().champion() is None
    assert open_bars(f"file://{tmp_path}/elsewhere").tickers() == []
    with pytest.raises(InvalidInputError, match="Bars cannot be stored at ftp://"):
        open_bars("ftp://there/bars")


@pytest.mark.parametrize(
    ("name", "sentence"), [("moon", "There is no source moon"), ("csv", "needs a file")]
)
def test_a_source_that_cannot_be_is_one_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        Workspace(Settings(_env_file=None, home=tmp_path)).source(name)
