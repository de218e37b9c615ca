"""Tracking one's own tickers on the page."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from app import actions
from app.stores import Stores
from core.errors import AccessError, InvalidInputError
from core.services.track import parse_tickers
from core.storage.access import VIEWER, Person
from tests.app.test_pages import opened, texts
from tests.homes import file_bytes
from tests.yahoo.series import series
from tests.yahoo.server import FakeYahoo

DEVELOPER = Person("developer", "developer")


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
    assert {(one.who, one.action) for one in fresh.audit.latest()} == {("viewer", "track")}


def test_what_failed_is_told_while_the_rest_is_shown(fresh: Stores) -> None:
    test = submitted("ZZZZ TSM")
    ended()
    test.run()
    assert "TSM" in test.title[0].value
    assert [one.value.replace("\\", "") for one in test.warning] == [
        "ZZZZ: Yahoo knows no ticker ZZZZ."
    ]
    test.switch_page("views/history.py").run()
    assert test.warning
    assert not button(test, "Understood").warning


def test_when_nothing_comes_the_card_says_why_and_keeps_the_form(
    fresh: Stores, known: FakeYahoo
) -> None:
    known.fail("unavailable")
    test = submitted("TSM")
    ended()
    test.run()
    told = test.error[0].value.replace("\\", "")
    assert told == "Yahoo is not available (HTTP 502); TSM was not fetched."
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
    assert actions.jobs().latest is None and known.asked == []


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
    told = button(test, "Track").error[0].value
    assert told == "21 tickers are too many at once; the most is 20\\."
    assert test.text_area[0].value == typed and known.asked == []


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
    filled: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.components.context.person", lambda: DEVELOPER)
    monkeypatch.setattr("app.components.tracking.person", lambda: DEVELOPER)
    test = opened("history")
    test.text_area[0].set_value("TSM, AAPL")
    button(test, "Track")
    assert not test.exception
    ended()
    test.run()
    assert "TSM" in test.title[0].value
    assert "AAPL already holds sample bars" in test.warning[0].value
    assert not test.text_area[0].value
    champion = filled.registry.champion()
    assert champion is not None and champion.version == 1  # it knows the sample, which is stored


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
