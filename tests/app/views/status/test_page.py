"""Status in its states: what answers, how fresh the tickers are, what waits for a word."""

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app.state import actions, dependencies
from app.state.stores import Stores, stores
from core.foundation.errors import AccessError, InvalidInputError
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.foundation.messages import Message
from core.market_data.records.ingest_log import IngestAttempt, IngestOutcome
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.validate import validate_and_store
from core.reference.schema import BAR_COLUMNS
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.app.test_main import MAIN, opened, texts
from tests.support.bars import walk

DEVELOPER = Person("ann", PersonRole.DEVELOPER)
STEP = pd.Timestamp("2000-09-29")  # on which Apple really lost half


@pytest.fixture
def as_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every browser is signed in, as one with a cookie is."""
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    monkeypatch.setattr("app.views.status.quarantine.person", lambda: DEVELOPER)


def own(stores: Stores, symbol: str, behind: int, idle: int = 0) -> None:
    """A ticker of one's own that ends so many sessions ago, with sessions without volume."""
    ticker = Ticker.parse(symbol)
    calendar = ticker.market.calendar
    end = SHIPPED[calendar].shift(SHIPPED[calendar].latest_closed(datetime.now(UTC)), -behind)
    days = SHIPPED[calendar].between(end - pd.Timedelta(days=200), end)
    bars = walk(symbol, len(days)).assign(source="csv", session=days.as_unit("ns"))
    bars.loc[[10 + 3 * k for k in range(idle)], "volume"] = 0.0
    validate_and_store(stores.gateway, ticker, bars[list(BAR_COLUMNS)], datetime.now(UTC))


def shown(test: AppTest) -> str:
    return texts(test)


def tickers(test: AppTest) -> pd.DataFrame:
    return test.dataframe[0].value.set_index("Ticker")


def the_step(stores: Stores) -> QuarantineEntry:
    (entry,) = stores.quarantine.entries("AAPL", (QuarantineStatus.OPEN,))
    return entry


def test_each_dependency_has_a_state_in_words_and_what_to_do(sample: Stores) -> None:
    messages = shown(opened("status"))
    assert "Scheduler (Prefect) and Exporter are down." in messages
    for name in ("Records database", "Bars", "Champion", "Experiments (MLflow)", "Yahoo Finance"):
        assert f"**{name}**" in messages
    assert "Version 1, har, serves from a verified file." in messages
    assert "no success since the app started" in messages
    assert "Look into exporter.log." in messages
    assert "It was never asked" in messages  # of Yahoo, which no page asks


def test_an_altered_model_is_down_and_the_page_goes_on(sample: Stores) -> None:
    (sample.settings.home / "models" / "1.npz").write_bytes(b"not what was registered")
    messages = shown(opened("status"))
    assert "Champion" in messages.split("are down.")[0]
    assert "was altered and will not serve" in messages


def test_a_store_that_cannot_be_read_leaves_what_answers_on_every_page(
    sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TICKERLENS_RECORDS_URL", "postgresql://nobody@127.0.0.1:9/records")
    stores.cache_clear()
    dependencies.health_checker.cache_clear()
    test = AppTest.from_file(str(MAIN), default_timeout=60).run()
    assert not test.exception
    assert "The records database cannot be opened" in test.error[0].value
    assert "Records database" in shown(test).split(" down.")[0]
    monkeypatch.delenv("TICKERLENS_RECORDS_URL")


def test_an_empty_store_shows_the_dependencies_and_nothing_else(empty: Stores) -> None:
    messages = shown(opened("status"))
    assert "Nothing is tracked yet." in messages and "Nothing is held back." in messages
    assert "No model was trained yet, so nothing is forecast." in messages


def test_a_sample_is_marked_and_raises_no_alarm(sample: Stores) -> None:
    test = opened("status")
    assert "Only sample tickers are stored" in shown(test)
    found = tickers(test)
    assert set(found["Freshness"]) == {"SAMPLE"} and len(found) == 6
    assert found.loc["AAPL", "Held back"] == 0 and found.loc["AAPL", "Last session"] == "2013-03-01"


def test_the_worst_ticker_comes_first_and_is_named(sample: Stores) -> None:
    own(sample, "2330.TW", behind=2)
    own(sample, "TSM", behind=0)
    at = datetime.now(UTC) - timedelta(hours=3)
    expected = "Yahoo asks for fewer requests."
    sample.ingest_log.add(
        [IngestAttempt(at, "2330.TW", "yahoo", IngestOutcome.RATE_LIMITED, Message("", expected))]
    )
    sample.ingest_log.add([IngestAttempt(at, "TSM", "yahoo", IngestOutcome.OK)])
    test = opened("status")
    assert "1 of 2 tickers is up to date; 2330.TW is 2 sessions behind." in shown(test)
    found = tickers(test)
    assert found.index[:2].tolist() == ["2330.TW", "TSM"]
    assert found["Freshness"].tolist()[:2] == ["◐ 2 sessions behind", "● up to date"]
    assert found.loc["2330.TW", "Last ingest"] == "✕ rate limited"
    assert found.loc["2330.TW", "What was said"] == expected
    assert "last success 3 hours ago" in shown(test)  # of Yahoo


def test_the_sample_s_first_question_is_seen_with_its_neighbours(sample: Stores) -> None:
    test = opened("status")
    messages = shown(test)
    assert "**AAPL 2000-09-29**" in messages and "The close fell 52 %" in messages
    assert "only a developer decides" in messages
    near = test.dataframe[1].value.set_index("Session")
    assert near.loc["2000-09-29 ◆", "Withheld"] == "all before it"
    assert near.loc["2000-09-29 ◆", "Close"] == 25.75 and near.loc["2000-09-28", "Close"] == 53.5
    assert round(near.loc["2000-09-29 ◆", "Change %"], 1) == -51.9
    assert len(near) == 11
    assert not [button for button in test.button if button.label in ("Release", "Discard")]


def test_a_developer_says_what_it_was_and_takes_it_back(sample: Stores, as_developer: None) -> None:
    number = the_step(sample).id
    test = opened("status")
    press(test, f"answer-button-{number}")
    assert "A reason is needed" in test.error[0].value
    assert sample.quarantine.get(number).status == QuarantineStatus.OPEN
    test.text_input(key=f"answer-reason-{number}").set_value("profit warning, it is real")
    press(test, f"answer-button-{number}")
    assert "Answered, real: AAPL 2000-09-29." in shown(test)
    assert "Nothing is held back." in shown(test)
    assert "Answered, real, by ann" in shown(test) and "it is real" in shown(test)
    read = sample.bars.load(["AAPL"], adjusted=False).set_index("session")
    assert read.loc[STEP, "close"] == 25.75 and len(read) == 3270
    action = sample.audit.latest(1)[0]
    assert (action.actor, action.action) == ("ann", "answer step")
    test.text_input(key=f"take-back-reason-{number}").set_value("a second thought")
    press(test, f"take-back-button-{number}")
    assert "Taken back: AAPL 2000-09-29." in shown(test)
    assert sample.quarantine.get(number).status == QuarantineStatus.OPEN
    assert sample.bars.load(["AAPL"])["session"].min() == STEP


@pytest.mark.parametrize(
    ("kind", "numbers", "explanation"),
    [
        ("A split", {"new": 3, "old": 2}, "split 3:2"),
        ("A reduction of capital", {"left": 0.5}, "capital reduction 0.5"),
        ("A dividend", {"paid": 27.75}, "dividend 27.75"),
    ],
)
def test_an_action_is_said_by_its_numbers(
    sample: Stores, as_developer: None, kind: str, numbers: dict[str, float], explanation: str
) -> None:
    number = the_step(sample).id
    test = opened("status")
    test.radio(key=f"answer-kind-{number}").set_value(kind).run()
    for name, value in numbers.items():
        test.number_input(key=f"answer-{name}-{number}").set_value(value)
    test.text_input(key=f"answer-reason-{number}").set_value("the notice")
    press(test, f"answer-button-{number}")
    assert f"Answered, {explanation}: AAPL 2000-09-29." in shown(test)
    assert sample.quarantine.get(number).explanation == explanation
    assert len(sample.bars.load(["AAPL"])) == 3270


@pytest.mark.parametrize(
    ("kind", "numbers"),
    [
        ("A dividend", {"paid": -5.0}),
        ("A split", {"new": 0}),
        ("A reduction of capital", {"left": 5}),
    ],
)
def test_a_number_that_makes_no_sense_stores_nothing(
    sample: Stores, as_developer: None, kind: str, numbers: dict[str, float]
) -> None:
    number = the_step(sample).id
    test = opened("status")
    test.radio(key=f"answer-kind-{number}").set_value(kind).run()
    for name, value in numbers.items():
        test.number_input(key=f"answer-{name}-{number}").set_value(value)
    test.text_input(key=f"answer-reason-{number}").set_value("the notice")
    press(test, f"answer-button-{number}")
    assert any("does not say what the step was" in one.value for one in test.error)
    assert the_step(sample).explanation is None


def test_one_reason_decides_all_of_a_kind_that_are_shown(
    sample: Stores, as_developer: None
) -> None:
    own(sample, "2330.TW", behind=0, idle=12)
    test = opened("status")
    test.selectbox(key="waiting-ticker").set_value("2330.TW").run()
    listed = test.dataframe[1].value
    assert len(listed) == 12 and set(listed["Kind"]) == {"No volume"}
    number = sample.quarantine.entries("2330.TW", (QuarantineStatus.OPEN,))[0].id
    test.checkbox(key=f"Release-all-{number}").check()
    test.text_input(key=f"Release-reason-{number}").set_value("halts")
    press(test, f"Release-button-{number}")
    assert "and 11 more." in shown(test)
    assert {one.status for one in sample.quarantine.entries("2330.TW")} == {
        QuarantineStatus.RELEASED
    }
    assert the_step(sample).status == QuarantineStatus.OPEN  # of another ticker
    assert "Decided (12)" in [tab.label for tab in test.tabs]


def test_a_filter_that_fits_nothing_says_so(sample: Stores) -> None:
    own(sample, "2330.TW", behind=0, idle=1)
    test = opened("status")
    test.selectbox(key="waiting-ticker").set_value("AAPL")
    test.selectbox(key="waiting-kind").set_value("volume").run()
    assert "None of this ticker and kind." in shown(test)


def test_the_server_asks_again_who_decides(sample: Stores) -> None:
    number, before = the_step(sample).id, sample.bars.stamp()
    for state in (QuarantineStatus.RELEASED, QuarantineStatus.DISCARDED):
        with pytest.raises(AccessError):
            actions.decide(VIEWER, [number], state, "let me")
    with pytest.raises(InvalidInputError, match="reason is needed"):
        actions.decide(DEVELOPER, [number], QuarantineStatus.RELEASED, " \n ")
    assert (
        sample.bars.stamp() == before
        and sample.quarantine.get(number).status == QuarantineStatus.OPEN
    )


def test_history_says_what_a_step_leaves_out(sample: Stores) -> None:
    test = opened("history", range="Max")
    assert "Bars before 2000-09-29 are left out" in shown(test)
    actions.explain_step(DEVELOPER, the_step(sample).id, "real", "a profit warning")
    assert "left out" not in shown(opened("history", range="Max"))


def test_a_forecast_from_an_older_close_says_so(sample: Stores) -> None:
    rows = sample.bars.latest(Ticker.parse("AAPL"))
    sample.bars.upsert(rows.tail(1).assign(held="prices"))
    messages = shown(opened())
    assert (
        "The bar of 2013-03-01 failed a check and is not read, so this forecast is from the close "
        "of 2013-02-28." in messages
    )
    assert "is not read" not in shown(opened(ticker="IBM"))


def press(test: AppTest, key: str) -> None:
    test.button(key=key).click().run()
    assert not test.exception
