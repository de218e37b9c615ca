"""What the list of schedules says of the nightly work, without any scheduler."""

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.foundation.schedules.nightly_log import NightlyRun, NightlyStatus
from core.workflows.schedules.states import STOPPED, ScheduleState, nightly_states
from core.workflows.schedules.switches import (
    nightly_switches,
    switch_nightly,
    undecided_markets,
)
from tests.support.homes import Home
from tests.support.nights import NEW_YORK, Exchange, night, night_home

ZONE = ZoneInfo("America/New_York")
EVENING = datetime(2024, 7, 3, 17, tzinfo=ZONE)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    exchange = Exchange(NEW_YORK, "2023-03-01", "2024-12-31")
    return night_home(tmp_path, exchange, EVENING - timedelta(days=1))


def state(home: Home, now: datetime) -> ScheduleState:
    return {one.market: one for one in nightly_states(home, now)}["us"]


def test_it_is_off_until_somebody_switches_it_on_and_offered_until_somebody_decides(
    home: Home,
) -> None:
    assert undecided_markets(home) == ["us"]
    off = state(home, EVENING)
    assert (off.active, off.next, off.last, off.pending) == (False, None, None, False)
    switch_nightly(home, "us", True, "ann", EVENING)
    wanted = state(home, EVENING)
    assert (wanted.active, wanted.pending) == (True, True) and undecided_markets(home) == []
    home.schedule_switches.applied(nightly_switches(home)["us"], EVENING)
    assert not state(home, EVENING).pending
    switch_nightly(home, "us", False, "bob", EVENING)
    assert not state(home, EVENING).active and undecided_markets(home) == []
    assert [one.action for one in home.audit.latest(2)] == ["switch off", "switch on"]


def test_last_next_what_it_did_and_why_it_was_skipped(home: Home) -> None:
    switch_nightly(home, "us", True, "ann", EVENING)
    night(home, EVENING)
    done = state(home, EVENING + timedelta(hours=1))
    assert (done.status, done.session, done.skipped) == ("ok", date(2024, 7, 3), None)
    assert [name for name, _ in done.did] == ["ingest", "score", "monitor", "forecast"]
    assert done.next == datetime(2024, 7, 5, 17, tzinfo=ZONE)  # the day after the holiday
    night(home, EVENING + timedelta(days=1))
    found = state(home, EVENING + timedelta(days=1, hours=1))
    assert found.skipped is not None and found.skipped[0] == date(2024, 7, 4)
    assert "is a holiday of XNYS" in str(found.skipped[1])
    assert (found.last, found.session) == (done.last, done.session)


@pytest.mark.parametrize("day", [date(2024, 3, 8), date(2024, 11, 1)], ids=["March", "November"])
def test_next_keeps_its_hour_over_the_change_of_the_clock(home: Home, day: date) -> None:
    switch_nightly(home, "us", True, "ann", EVENING)
    friday = datetime(day.year, day.month, day.day, 18, tzinfo=ZONE)
    after = state(home, friday).next
    assert after is not None
    assert after == datetime(day.year, day.month, day.day, 17, tzinfo=ZONE) + timedelta(days=3)
    assert after.utcoffset() != friday.utcoffset()


def test_a_night_whose_process_is_gone_is_no_longer_running(home: Home) -> None:
    wanted = NightlyRun(
        0, "us", date(2024, 7, 3), NightlyStatus.RUNNING, "ann", "gone", EVENING, None, {}, None
    )
    home.nightly_log.claim(wanted, lambda lock: False)
    assert state(home, EVENING).status == STOPPED
    with home.run_locks.alive("gone"):
        assert state(home, EVENING).status == "running"
