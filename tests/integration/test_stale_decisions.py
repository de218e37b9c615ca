"""A challenger whose rival no longer serves: no promotion before the gate was asked anew."""

import shutil
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.components.requests import ending
from app.state import actions
from app.state.stores import Stores
from core.foundation.errors import InvalidInputError
from core.foundation.outbox import RunState
from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest, train
from core.wiring import Workspace
from tests.app.test_main import opened, texts
from tests.app.views.experiments.test_page import shown
from tests.integration.test_machinery_pages import DEVELOPER
from tests.support.built_once import copy_of

GONE = "It was said of version 1, which no longer serves."


@pytest.fixture(scope="session")
def stale_home(tmp_path_factory: pytest.TempPathFactory, sample_home: Path) -> Path:
    """3 challenges, and was compared with 1; then somebody lets 2 serve."""

    def build(folder: Path) -> None:
        shutil.copytree(sample_home, folder, dirs_exist_ok=True)
        workspace = Workspace(Settings(home=folder))
        now = datetime.now(UTC)
        for name in ("random_walk_gauss", "drift"):
            order = TrainingRequest("ann", "try", name=name, run=f"run-{name}")
            train(workspace.bars, workspace.registry, order, now)
        workspace.registry.promote(2, "ann", "by hand", now)
        workspace.records.close()

    return copy_of(tmp_path_factory, "stale-home", build)


@pytest.fixture
def stale(
    stale_home: Path, open_app: Callable[[Path], Stores], monkeypatch: pytest.MonkeyPatch
) -> Stores:
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    return open_app(stale_home)


def buttons(page: AppTest) -> list[str]:
    return [one.key for one in page.button if one.key]


@pytest.mark.parametrize("name", ["experiments", "retrain"])
def test_the_page_says_so_and_offers_to_ask_instead_of_to_promote(stale: Stores, name: str) -> None:
    page = shown() if name == "experiments" else opened(name)
    messages = texts(page)
    assert GONE in messages and "Gate: " not in messages
    assert "Promote--3-button" not in buttons(page) and "gate--3" in buttons(page)
    assert messages.count("not measured beside the other on the same sessions") == 2


def test_the_press_of_a_page_drawn_before_is_refused(stale: Stores) -> None:
    with pytest.raises(
        InvalidInputError, match=f"decision of the gate on version 3 holds now; .* {GONE}"
    ):
        actions.promote(DEVELOPER, 3, "by hand", 2)
    champion = stale.registry.champion()
    assert champion is not None and champion.version == 2


def test_once_asked_both_are_shown_on_the_same_sessions_and_it_can_be_promoted(
    stale: Stores,
) -> None:
    page = opened("retrain")
    page.button("gate--3").click().run()
    job = actions.jobs().latest
    assert job is not None and job.title == "Asking the gate"
    while job.running:
        time.sleep(0.05)
    assert not job.error and job.note.startswith("The gate says")
    logged = stale.registry.decisions.latest(1)[0]
    assert (logged.challenger, logged.champion) == (3, 2)
    page = opened("retrain")
    messages = texts(page)
    decision = logged.decision
    facts = f"n {decision.n} past forecasts from {decision.window.replace('..', ' to ')}"
    assert messages.count(facts) == 2 and "against version 2" in messages and GONE not in messages
    assert "gate--3" not in buttons(page)
    page.text_input("Promote--3-reason").set_value("by hand")
    page.button("Promote--3-button").click().run()
    champion = stale.registry.champion()
    assert champion is not None and champion.version == 3
    assert stale.audit.latest(2)[1].action == "ask the gate"


def test_the_table_of_decisions_and_the_end_of_a_training_say_so(stale: Stores) -> None:
    table = next(one.value for one in shown().dataframe if "Answer" in one.value)
    assert table["Champion"].tolist() == ["1, serves no longer"] * 2
    now = datetime.now(UTC)
    request, _ = stale.outbox.ask("train", {}, "ann", now)
    stale.outbox.sent(request.id, "run-drift")
    stale.outbox.ended(request.id, RunState.COMPLETED, now)
    assert ending(stale.outbox.get(request.id)).endswith(f"That holds no longer. {GONE}")


@pytest.mark.soak
def test_a_specialist_s_decision_names_a_champion_that_is_gone(stale: Stores) -> None:
    order = TrainingRequest("ann", "try", name="random_walk_gauss", scope="IBM")
    own = train(stale.bars, stale.registry, order, datetime.now(UTC)).version
    stale.registry.promote(1, "ann", "by hand", datetime.now(UTC))
    page = shown()
    row = next(one.value for one in page.dataframe if "Forecast by" in one.value).iloc[0]
    assert row["Against"] == "2, serves no longer"
    assert f"gate-IBM-{own}" in buttons(page) and f"Promote-IBM-{own}-button" not in buttons(page)
    with pytest.raises(InvalidInputError, match="said of version 2, which no longer serves"):
        actions.promote(DEVELOPER, own, "by hand", None, "IBM")
