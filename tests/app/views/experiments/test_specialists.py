"""Specialists on the pages: none, one that challenges, one that serves, one that is broken."""

from datetime import UTC, datetime

import pytest
from starlette.testclient import TestClient

from app.api.routes import api
from app.components.requests import ending
from app.state import actions
from app.state.stores import Stores
from core.foundation.outbox import RunState
from core.lifecycle.train import TrainingRequest, train
from tests.app.test_main import opened, texts
from tests.app.views.experiments.test_page import shown
from tests.integration.test_broken_champion import flip
from tests.integration.test_machinery_pages import DEVELOPER


def test_without_one_it_is_said_how_to_make_one(sample: Stores) -> None:
    assert "There is none: on Retrain, choose a ticker as the scope" in texts(shown())


def test_one_challenges_serves_by_hand_and_goes_again(sample: Stores) -> None:
    model = train(
        sample.bars, sample.registry, TrainingRequest("ann", "try", scope="IBM"), datetime.now(UTC)
    )
    found = [one.value for one in shown().dataframe]
    row = next(one for one in found if "Forecast by" in one).iloc[0]
    assert row[["Ticker", "Forecast by"]].tolist() == ["IBM", "the champion of all"]
    assert row["Challenger"] == f"version {model.version}, har" and int(row["n"]) > 100
    assert row["Gate"] in ("keep", "reject") and "champion" in row["Why"]
    actions.promote(DEVELOPER, model.version, "by hand", None, "IBM")
    messages = texts(opened(ticker="IBM"))
    assert f"Specialist har version {model.version}, trained on IBM alone" in messages
    assert "All real tickers" not in messages
    assert "Model har version 1, trained on 6 sample tickers" in texts(opened(ticker="AAPL"))
    response = TestClient(api).post("/predict", json={"ticker": "IBM"}).json()
    assert (
        response["model"]["version"] == str(model.version) and response["skill"]["scope"] == "IBM"
    )
    served = shown().dataframe[-1].value
    assert served["Forecasts"].tolist() == ["IBM", "all tickers"]
    actions.roll_back(DEVELOPER, "no", model.version, "IBM")
    assert "Model har version 1" in texts(opened(ticker="IBM"))
    assert shown().dataframe[-1].value["Version"].iloc[0] == "the champion of all"


def test_one_whose_file_is_broken_is_named_everywhere(sample: Stores) -> None:
    model = train(
        sample.bars, sample.registry, TrainingRequest("ann", "try", scope="IBM"), datetime.now(UTC)
    )
    actions.promote(DEVELOPER, model.version, "by hand", None, "IBM")
    assert "Specialist" in texts(opened(ticker="IBM"))
    flip(sample.registry.artifact(model.version))
    with sample.bars.edition.changing():
        """What nobody told of is found within 20 seconds, or with the next change."""
    test = opened(ticker="IBM")
    expected = f"Version {model.version}, the specialist of IBM, cannot serve, so version 1"
    assert test.error[0].value.replace("\\", "").startswith(expected)
    assert "Model har version 1" in texts(test)
    health = TestClient(api).get("/health").json()
    assert (health["status"], health["champion"]) == ("degraded", "1")
    assert health["note"].startswith(expected)
    rows = next(one.value for one in shown().dataframe if "Forecast by" in one.value)
    damaged = f"the champion of all, for version {model.version}, har (damaged)"
    assert rows["Forecast by"].tolist() == [damaged]


def test_what_somebody_else_moved_meanwhile_is_said(sample: Stores) -> None:
    train(sample.bars, sample.registry, TrainingRequest("ann", "again"), datetime.now(UTC))
    page = shown()
    assert not page.toast
    actions.promote(DEVELOPER, 2, "by hand", 1)
    page.run()
    expected = "Meanwhile version 2 was let serve; look again before you move it."
    assert [one.value for one in page.toast] == [expected]
    assert not page.run().toast


def test_one_s_own_move_is_said_once_and_as_one_s_own(
    sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    model = train(
        sample.bars, sample.registry, TrainingRequest("ann", "try", scope="IBM"), datetime.now(UTC)
    )
    page = shown()
    page.text_input(f"Promote-IBM-{model.version}-reason").set_value("by hand")
    page.button(f"Promote-IBM-{model.version}-button").click().run()
    assert sample.registry.specialists() == {"IBM": model}
    assert [one.value for one in page.toast] == [f"Version {model.version} forecasts IBM now."]


def test_a_training_s_end_says_whose_place_its_result_has(sample: Stores) -> None:
    def sentence(run: str, scope: str) -> str:
        now = datetime.now(UTC)
        train(
            sample.bars, sample.registry, TrainingRequest("ann", "try", scope=scope, run=run), now
        )
        request, _ = sample.outbox.ask("train", {}, "ann", now)
        sample.outbox.sent(request.id, run)
        sample.outbox.ended(request.id, RunState.COMPLETED, now)
        return ending(sample.outbox.get(request.id))

    done = "Training completed. Version"
    same = "The gate says keep: The recipe that serves, from the same bars: nothing would change."
    assert sentence("a", "all") == f"{done} 2 is stored; it challenges the champion. {same}"
    own = sentence("b", "IBM")
    assert own.startswith(f"{done} 3 is stored; it challenges for IBM. The gate says")
    actions.promote(DEVELOPER, 3, "by hand", None, "IBM")
    assert ending(sample.outbox.latest("train", 1)[0]).startswith(
        f"{done} 3 is stored; it serves IBM. The gate says"
    )
