"""When a market's night is due, on its own clock, and on which days not."""

from datetime import UTC, date, datetime, time, timedelta

import pandas as pd
import pytest

from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import SHIPPED, Calendars
from core.workflows.schedules.evenings import EVENINGS

US, TW, OTHER = EVENINGS["us"], EVENINGS["tw"], EVENINGS["other"]


@pytest.mark.parametrize(
    ("day", "hour"),
    [
        (date(2026, 3, 7), 22),  # the clock goes forward in the night to the 8th
        (date(2026, 3, 8), 21),
        (date(2026, 3, 9), 21),
        (date(2026, 10, 31), 21),
        (date(2026, 11, 1), 22),  # and back
        (date(2026, 11, 2), 22),
    ],
)
def test_new_york_keeps_its_own_hour_when_the_clock_changes(day: date, hour: int) -> None:
    at = US.at(day)
    assert at.astimezone(UTC) == datetime(day.year, day.month, day.day, hour, tzinfo=UTC)
    assert (US.last(at), US.last(at - timedelta(seconds=1))) == (day, day - timedelta(days=1))
    assert US.next(at - timedelta(seconds=1)) == at
    assert US.next(at).astimezone(US.at(day).tzinfo).time() == time(17, 0)


def test_every_night_of_two_years_begins_an_hour_after_the_close_or_later() -> None:
    for evening, code in ((US, "XNYS"), (TW, "XTAI")):
        calendar = SHIPPED[code]
        days = [one.date() for one in calendar.sessions if one.year in (2024, 2025)]
        assert len(days) > 480
        for day in days:
            after = evening.at(day) - calendar.closes_at(one := pd.Timestamp(day))
            assert timedelta(hours=1) <= after < timedelta(hours=5), one
            # The next session has not opened, so that its forecast is live.
            assert evening.at(day) < calendar.opens_at(calendar.shift(one, 1))


def test_the_rest_of_the_world_is_done_after_the_americas_and_before_asia_opens() -> None:
    for code in ("XTSE", "BVMF", "XLON", "XHKG", "XTKS", "XASX", "XKRX"):
        calendar = SHIPPED[code]
        for session in calendar.sessions[(calendar.sessions.year == 2025)]:
            night = OTHER.at(session.date())
            assert calendar.closes_at(session) + timedelta(minutes=30) <= night
            assert night < calendar.opens_at(calendar.shift(session, 1))


def test_what_was_found_out_about_a_day_has_the_last_word() -> None:
    day = date(2024, 6, 4)
    assert US.closed(day, SHIPPED, {"XNYS"}) is None
    found = Calendars((Override("XNYS", day, SessionChange.REMOVED, "a storm"),))
    assert str(US.closed(day, found, {"XNYS"})) == "XNYS did not trade on 2024-06-04: a storm."
    assert OTHER.closed(day, found, {"XNYS", "XLON"}) is None  # London did
    saturday = date(2024, 6, 8)
    opened = Calendars((Override("XTAI", saturday, SessionChange.ADDED, "made up for"),))
    assert TW.closed(saturday, SHIPPED, {"XTAI"}) is not None
    assert TW.closed(saturday, opened, {"XTAI"}) is None


def test_what_trades_around_the_clock_has_no_closed_day() -> None:
    for day in (date(2024, 6, 7), date(2024, 6, 8), date(2024, 6, 9), date(2024, 12, 25)):
        assert OTHER.closed(day, SHIPPED, {"24/7"}) is None
        assert (OTHER.closed(day, SHIPPED, {"XLON"}) is None) == (day == date(2024, 6, 7))
