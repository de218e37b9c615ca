"""Tracking one's own tickers on the page."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app.components.job_steps import under_way
from app.state import actions
from app.state.jobs import Step
from app.state.stores import Stores
from core.foundation.errors import AccessError, InvalidInputError
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.workflows.bars.track_tickers import parse_tickers
from tests.app.components.test_picker import typed
from tests.app.test_main import opened, texts
from tests.support.bars import walk
from tests.support.homes import file_bytes
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo

DEVELOPER = Person("developer", PersonRole.DEVELOPER)


@pytest.fixture
def known(yahoo: FakeYahoo, monkeypatch: pytest.MonkeyPatch) -> FakeYahoo:
    monkeypatch.setenv("TICKERLENS_YAHOO_URL", yahoo.url)
    yahoo.frames = {symbol: series(symbol) for symbol in ("TSM", "2330.TW")}
    return yahoo


@pytest.fixture
def fresh(known: FakeYahoo, open_app: Callable[..., Stores]) -> Iterator[Stores]:
    yield open_app()
    ended()


@pytest.fixture
def filled(
    known: FakeYahoo, open_app: Callable[..., Stores], sample_home: Path
) -> Iterator[Stores]:
    yield open_app(sample_home)
    ended()


def ended() -> None:
    job = actions.jobs().latest
    deadline = time.monotonic() + 90
    while job is not None and job.running and time.monotonic() < deadline:
        time.sleep(0.1)
    assert job is None or not job.running


def button(test: AppTest, label: str) -> AppTest:
    return next(one for one in test.button if one.label == label).click().run()


def submitted(text: str) -> AppTest:
    """The first visit, its form opened, filled in and sent."""
    test = button(opened(), "Track my own tickers")
    test.text_area[0].set_value(text)
    return button(test, "Track")


def test_the_form_opens_and_closes(fresh: Stores) -> None:
    test = button(opened(), "Track my own tickers")
    assert test.text_area[0].placeholder == "2330.TW, AAPL, TSM"
    assert [one.label for one in test.button] == [
        "Track",
        "Taiwan ten",
        "US ten",
        "Back",
    ]
    assert "Nothing to show yet" in texts(button(test, "Back"))


def test_a_viewer_tracks_into_an_empty_store_and_sees_the_first_ticker(fresh: Stores) -> None:
    test = submitted("tsm, 2330.TW")
    assert not test.exception
    ended()
    test.run()
    assert not test.exception and not test.warning
    assert test.title[0].value == "TSM TSMC ADR 台積電ADR" and len(test.dataframe[0].value) == 20
    assert test.query_params["ticker"] == "TSM"  # the first one named, not the first in order
    assert [str(ticker) for ticker in fresh.bars.tickers()] == ["2330.TW", "TSM"]
    assert {(one.actor, one.action) for one in fresh.audit.latest()} == {("viewer", "track")}


def test_what_failed_is_told_while_the_rest_is_shown(fresh: Stores) -> None:
    test = submitted("ZZZZ TSM")
    ended()
    test.run()
    assert "TSM" in test.title[0].value
    assert [one.value.replace("\\", "") for one in test.warning] == [
        "ZZZZ: Yahoo knows no ticker ZZZZ."
    ]
    test.switch_page("views/history/page.py").run()
    assert test.warning
    assert not button(test, "Understood").warning


def test_when_nothing_comes_the_card_says_why_and_keeps_the_form(
    fresh: Stores, known: FakeYahoo
) -> None:
    known.fail("unavailable")
    test = submitted("TSM")
    ended()
    test.run()
    shown = test.error[0].value.replace("\\", "")
    assert shown == "Yahoo is not available (HTTP 502); TSM was not fetched."
    assert test.text_area[0].value == "TSM", "what was typed is there to be sent again"
    assert not fresh.bars.tickers() and not fresh.audit.latest()
    known.heal()
    button(test, "Track")
    ended()
    assert "TSM" in test.run().title[0].value


def test_bad_tickers_are_named_before_any_work(fresh: Stores, known: FakeYahoo) -> None:
    test = submitted("TSM, a$b, 0700.XX")
    assert (
        test.error[0].value.replace("\\", "").startswith("a$b, 0700.XX are no tickers known here; ")
    )
    assert actions.jobs().latest is None and known.requests == []


def test_a_code_and_a_name_track_the_same_ticker(fresh: Stores) -> None:
    test = submitted("2330, 台積電, TSMC")
    ended()
    test.run()
    assert test.title[0].value == "2330\\.TW 台積電 TSMC"
    assert [str(ticker) for ticker in fresh.bars.tickers()] == ["2330.TW"]
    assert "2330.TW 台積電 TSMC" in test.selectbox[0].options


def test_one_click_fills_in_ten_names_each(fresh: Stores, known: FakeYahoo) -> None:
    test = button(opened(), "Track my own tickers")
    test.text_area[0].set_value("ZZZZ, ")
    test = button(button(test, "Taiwan ten"), "US ten")
    typed = test.text_area[0].value
    assert typed.startswith("ZZZZ, 2330.TW 台積電, 2317.TW 鴻海, ") and "AAPL 蘋果" in typed
    assert len(parse_tickers(typed.removeprefix("ZZZZ, "))) == 20
    assert button(test, "Taiwan ten").text_area[0].value == typed, "a second click adds nothing"
    shown = button(test, "Track").error[0].value
    assert shown == "21 tickers are too many at once; the most is 20\\."
    assert test.text_area[0].value == typed and known.requests == []


def test_too_little_history_keeps_the_bars_and_says_so(fresh: Stores, known: FakeYahoo) -> None:
    known.frames["TSM"] = known.frames["TSM"].tail(30)
    test = submitted("TSM")
    ended()
    test.run()
    assert "no model could be trained" in test.warning[0].value
    assert "No model was trained yet" in texts(test)
    assert len(fresh.bars.load("TSM")) == 30


def test_only_a_developer_adds_to_what_is_stored(filled: Stores) -> None:
    before = file_bytes(filled.settings.home / "bars")
    with pytest.raises(AccessError):
        actions.start_tracking(VIEWER, "TSM")
    with pytest.raises(InvalidInputError):
        actions.start_tracking(DEVELOPER, "a$b")
    assert actions.jobs().latest is None
    assert file_bytes(filled.settings.home / "bars") == before
    assert "Track tickers" not in [one.label for one in opened().button]


def test_a_developer_tracks_more_beside_any_page(
    filled: Stores, known: FakeYahoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.frames["AAPL"] = series("TSM").assign(ticker="AAPL")
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    monkeypatch.setattr("app.components.tracking.person", lambda: DEVELOPER)
    test = opened("history")
    test.text_area[0].set_value("TSM, AAPL")
    button(test, "Track")
    assert not test.exception
    ended()
    test.run()
    assert "TSM" in test.title[0].value
    assert set(filled.bars.load("AAPL")["source"]) == {"yahoo"}, "the sample's gave way"
    assert not test.text_area[0].value
    champion = filled.registry.champion()
    assert champion is not None and "TSM" in champion.card.tickers, "trained on at once"


def test_a_developer_tracks_what_the_picker_knows_but_does_not_hold(
    filled: Stores, known: FakeYahoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.frames["COST"] = series("TSM").assign(ticker="COST")
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    button(typed(opened("history"), "好市多"), "Track COST")
    ended()
    test = opened("history", ticker="COST")
    assert not test.warning and test.title[0].value == "COST Costco 好市多"


def test_what_a_developer_typed_comes_back_when_nothing_came(
    filled: Stores, known: FakeYahoo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    monkeypatch.setattr("app.components.tracking.person", lambda: DEVELOPER)
    known.fail("too many")
    test = opened("history")
    test.text_area[0].set_value("TSM, 2330")
    button(test, "Track")
    ended()
    test.run()
    assert "asks for fewer requests" in test.warning[0].value
    assert test.text_area[0].value == "TSM, 2330"


def test_a_developer_says_that_a_ticker_has_another_symbol_now(
    filled: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    monkeypatch.setattr("app.components.tracking.person", lambda: DEVELOPER)
    sample = opened("history", ticker="FB")
    assert "Rename" not in [one.label for one in sample.button], "the sample keeps its symbols"
    filled.bars.upsert(walk("TSM", 400).assign(source="csv"))
    test = opened("history", ticker="TSM")
    named = {one.label: one for one in test.text_input}
    named["Symbol now"].set_value("TSMX")
    refused = button(test, "Rename")
    assert refused.error[-1].value.startswith("A reason is needed")
    {one.label: one for one in refused.text_input}["Reason"].set_value("a new symbol")
    button(refused, "Rename")
    ended()
    refused.run()
    assert not refused.exception and refused.title[0].value.startswith("TSMX")
    (rename,) = filled.rename_log.all()
    assert (rename.old, rename.new, rename.actor) == ("TSM", "TSMX", "developer")


def test_a_viewer_renames_nothing(filled: Stores) -> None:
    filled.bars.upsert(walk("TSM", 400).assign(source="csv"))
    assert "Rename" not in [one.label for one in opened("history", ticker="TSM").button]
    with pytest.raises(AccessError):
        actions.start_renaming(VIEWER, "TSM", "TSMX", "a new symbol")
    assert filled.rename_log.all() == []


def test_while_it_fetches_it_says_which_came_last_how_many_and_how_long(
    fresh: Stores, known: FakeYahoo
) -> None:
    known.fail("stall", "2330.TW")
    test = submitted("TSM, 2330.TW, ZZZZ")
    job = actions.jobs().latest
    assert job is not None
    deadline = time.monotonic() + 30
    while not (job.steps and job.steps[-1].done == 2) and time.monotonic() < deadline:
        time.sleep(0.05)
    shown = test.run().get("progress")[0].proto.text.replace("\\", "")
    assert shown.startswith("Fetching bars, 2 of 3, last ") and shown.endswith(" left")
    assert "TSM TSMC ADR 台積電ADR" in shown or "ZZZZ" in shown
    known.heal()
    ended()


@pytest.mark.parametrize(
    ("done", "seconds", "expected"),
    [
        (0, 30.0, "Fetching bars, 0 of 20"),
        (5, 1.0, "Fetching bars, 5 of 20, last COST Costco 好市多, seconds left"),
        (5, 10.0, "Fetching bars, 5 of 20, last COST Costco 好市多, about 30 seconds left"),
        (2, 20.0, "Fetching bars, 2 of 20, last COST Costco 好市多, about 3 minutes left"),
        (20, 90.0, "Fetching bars, 20 of 20, last COST Costco 好市多"),
    ],
)
def test_the_time_left_follows_the_pace_so_far(done: int, seconds: float, expected: str) -> None:
    step = Step("Fetching bars", done, 20, "COST" if done else "", began=100.0)
    assert under_way(step, 100.0 + seconds) == expected
    assert under_way(Step("Fitting har", 0, 1, began=0.0), 9.0) == "Fitting har ..."


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("yahoo", "from Yahoo Finance"),
        ("twse", "from Yahoo Finance, those of Taiwan from TWSE and TPEx"),
        ("both", "from Yahoo Finance, those of Taiwan from TWSE and TPEx as well"),
    ],
)
def test_the_first_visit_says_where_bars_come_from(
    known: FakeYahoo,
    open_app: Callable[..., Stores],
    monkeypatch: pytest.MonkeyPatch,
    source: str,
    shown: str,
) -> None:
    monkeypatch.setenv("TICKERLENS_TW_SOURCE", source)
    open_app()
    first = opened()
    assert any(f"{shown}, or read from" in one.value for one in first.caption)
    form = button(first, "Track my own tickers")
    assert any(f"{shown}." in one.value for one in form.caption)
