"""The nightly work on the pages: its switch, its offer, and what the list says of it."""

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.testing.v1.element_tree import Toggle

from app.state import actions
from app.state.stores import Stores
from core.foundation.keys.person import Person
from core.foundation.messages import Message
from core.foundation.schedules.nightly_log import NightlyRun, NightlyStatus, NightlyStep
from tests.app.test_main import opened, texts
from tests.support.bars import walk
from tests.support.homes import AT


def test_a_developer_switches_the_night_of_a_market_while_the_scheduler_is_away(
    sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def switch(test: AppTest) -> Toggle:
        return next(one for one in test.toggle if "Taiwan kept" in one.label)

    assert switch(opened("retrain")).disabled
    monkeypatch.setattr(actions, "_must_act", lambda person: None)
    monkeypatch.setattr(Person, "may_act", property(lambda person: True))
    test = opened("retrain")
    switch(test).set_value(True).run()
    wish = sample.schedule_switches.all()["nightly-tw"]
    assert wish.active and wish.applied_at is None
    shown = texts(test)
    assert switch(test).value and "Monday to Friday" not in switch(test).label
    assert "every day at 15:00 in Taipei" in switch(test).label.replace("\\", "")
    assert "The scheduler follows this switch as soon as it answers." in shown
    assert "Next: " in shown and shown.count("Next: ") == 1, "no other one is on"


def test_the_list_of_schedules_says_what_a_night_did_and_why_another_was_skipped(
    sample: Stores,
) -> None:
    done = Message("test.done", "2 bars are new.")
    wanted = NightlyRun(
        0, "us", date(2024, 7, 3), NightlyStatus.RUNNING, "ann", "lock", AT, None, {}, None
    )
    night, _ = sample.nightly_log.claim(wanted, lambda lock: False)
    sample.nightly_log.add_step(night, "ingest", NightlyStep(NightlyStatus.OK, AT, done))
    sample.nightly_log.end(night, NightlyStatus.OK, AT)
    closed = Message("test.closed", "It was a holiday.")
    sample.nightly_log.skip("us", date(2024, 7, 4), closed, "ann", AT)
    shown = texts(opened("retrain"))
    assert ", session 2024-07-03, ok. ingest: 2 bars are new." in shown
    assert "Left out 2024-07-04: It was a holiday." in shown


def test_a_market_with_own_tickers_is_offered_once(
    sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    def offers(test: AppTest) -> list[str]:
        return [one.label for one in test.button if one.label in ("Every evening", "No")]

    monkeypatch.setattr(Person, "may_act", property(lambda person: True))
    assert offers(opened()) == []  # the sample alone
    sample.bars.upsert(walk("2330.TW").assign(source="csv"))
    test = opened()
    assert offers(test) == ["Every evening", "No"]
    assert "Keep those of Taiwan up to date every evening?" in texts(test)
    next(one for one in test.button if one.label == "Every evening").click().run()
    assert offers(test) == [] and sample.schedule_switches.all()["nightly-tw"].active
    monkeypatch.undo()
