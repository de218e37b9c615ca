"""Trading sessions against dates the exchanges themselves published."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.foundation.errors import InvalidInputError
from core.reference.sessions import SHIPPED

DAY = pd.Timestamp

# NYSE: holidays and the closures of 2001, 2012 and 2018; TWSE: holidays and typhoon days.
CLOSED = [
    ("XNYS", "2013-03-29"),  # Good Friday
    ("XNYS", "2012-10-29"),  # Hurricane Sandy
    ("XNYS", "2012-10-30"),
    ("XNYS", "2001-09-11"),
    ("XNYS", "2018-12-05"),  # mourning for President Bush
    ("XNYS", "2022-06-20"),  # Juneteenth, observed
    ("XNYS", "2024-01-15"),  # Martin Luther King Day
    ("XNYS", "2024-06-29"),  # a Saturday
    ("XTAI", "2013-02-11"),  # Lunar New Year
    ("XTAI", "2013-02-15"),
    ("XTAI", "2024-02-28"),  # Peace Memorial Day
]
OPEN = [
    ("XNYS", "2013-03-28"),
    ("XNYS", "2013-04-01"),
    ("XNYS", "2012-10-31"),
    ("XNYS", "2024-10-14"),  # Columbus Day trades
    ("XTAI", "2013-02-06"),
    ("XTAI", "2013-02-18"),
    ("XTAI", "2024-12-25"),
]


@pytest.mark.parametrize(("code", "date"), CLOSED)
def test_closed_days_are_not_sessions(code: str, date: str) -> None:
    assert not SHIPPED[code].is_session(DAY(date))


@pytest.mark.parametrize(("code", "date"), OPEN)
def test_open_days_are_sessions(code: str, date: str) -> None:
    assert SHIPPED[code].is_session(DAY(date))


def test_labels_are_dates_without_a_zone_in_order() -> None:
    known = SHIPPED["XTAI"].sessions
    assert known.tz is None and known.is_monotonic_increasing and known.is_unique
    assert (known == known.normalize()).all()


CLOSES = [
    ("XNYS", "2024-11-29", "18:00"),  # the half day after Thanksgiving
    ("XNYS", "2024-07-03", "17:00"),  # a half day in summer time
    ("XNYS", "2024-03-08", "21:00"),  # winter time
    ("XNYS", "2024-03-11", "20:00"),  # the Monday after the clocks changed
    ("XNYS", "2024-11-01", "20:00"),
    ("XNYS", "2024-11-04", "21:00"),
    ("XTAI", "2024-07-01", "05:30"),  # 13:30 in Taipei, which has no summer time
    ("XTAI", "2024-12-02", "05:30"),
]


@pytest.mark.parametrize(("code", "date", "close"), CLOSES)
def test_closing_instants(code: str, date: str, close: str) -> None:
    assert SHIPPED[code].closes_at(DAY(date)) == pd.Timestamp(f"{date} {close}", tz="UTC")


def test_shift_passes_over_good_friday_both_ways() -> None:
    assert SHIPPED["XNYS"].shift(DAY("2013-03-28"), 1) == DAY("2013-04-01")
    assert SHIPPED["XNYS"].shift(DAY("2013-04-01"), -1) == DAY("2013-03-28")
    assert SHIPPED["XNYS"].shift(DAY("2013-04-01"), 0) == DAY("2013-04-01")


def test_shift_passes_over_lunar_new_year() -> None:
    assert SHIPPED["XTAI"].shift(DAY("2013-02-06"), 1) == DAY("2013-02-18")
    assert SHIPPED["XTAI"].shift(DAY("2013-02-18"), -2) == DAY("2013-02-05")


def test_a_date_between_sessions_counts_from_the_one_before() -> None:
    assert SHIPPED["XNYS"].shift(DAY("2013-03-30"), 0) == DAY("2013-03-28")
    assert SHIPPED["XNYS"].shift(DAY("2013-03-30"), 1) == DAY("2013-04-01")


@given(st.integers(0, 6000), st.integers(-20, 400), st.sampled_from(["XNYS", "XTAI"]))
def test_shift_back_undoes_shift(at: int, count: int, code: str) -> None:
    start = SHIPPED[code].sessions[at + 20]
    there = SHIPPED[code].shift(start, count)
    assert SHIPPED[code].shift(there, -count) == start
    between = SHIPPED[code].between(min(start, there), max(start, there))
    assert len(between) == abs(count) + 1


def test_shift_many_is_shift_for_each() -> None:
    labels = np.array(["2013-02-05", "2013-02-06"], dtype="datetime64[ns]")
    found = SHIPPED["XTAI"].shift_many(labels, [1, 2])
    expected = [["2013-02-06", "2013-02-18"], ["2013-02-18", "2013-02-19"]]
    np.testing.assert_array_equal(found, np.array(expected, dtype="datetime64[ns]"))


@pytest.mark.parametrize(
    ("date", "count"), [("1990-01-02", -1), ("1980-06-02", 1), ("2013-04-01", 9**6)]
)
def test_beyond_the_calendar_is_one_sentence(date: str, count: int) -> None:
    sentence = r"^The XNYS calendar is known from 1990-01-02 to 20\d\d-12-\d\d only\.$"
    with pytest.raises(InvalidInputError, match=sentence) as refused:
        SHIPPED["XNYS"].shift(DAY(date), count)
    assert refused.value.parameter == "session"


def test_the_calendar_reaches_a_year_ahead() -> None:
    assert SHIPPED["XNYS"].sessions[-1] > DAY.now() + pd.Timedelta(days=360)


LATEST = [
    ("2024-11-29T17:59:59+00:00", "2024-11-27"),  # Thanksgiving lies between
    ("2024-11-29T18:00:00+00:00", "2024-11-29"),
    ("2024-11-29T13:00:00-05:00", "2024-11-29"),
    ("2024-12-01T12:00:00+00:00", "2024-11-29"),  # a Sunday
    ("2024-03-11T20:00:00+00:00", "2024-03-11"),
    ("2024-03-11T19:59:59+00:00", "2024-03-08"),
]


@pytest.mark.parametrize(("at", "session"), LATEST)
def test_latest_closed_around_the_closing_instant(at: str, session: str) -> None:
    assert SHIPPED["XNYS"].latest_closed(datetime.fromisoformat(at)) == DAY(session)


def test_taipei_closes_before_new_york_opens() -> None:
    at = datetime(2024, 7, 2, 14, 0, tzinfo=ZoneInfo("Asia/Taipei"))
    assert SHIPPED["XTAI"].latest_closed(at) == DAY("2024-07-02")
    assert SHIPPED["XNYS"].latest_closed(at) == DAY("2024-07-01")


def test_before_the_calendar_nothing_has_closed() -> None:
    with pytest.raises(InvalidInputError, match="^The XNYS calendar starts after 1980-01-01.$"):
        SHIPPED["XNYS"].latest_closed(datetime(1980, 1, 1, tzinfo=UTC))


def test_open_from_bell_to_bell() -> None:
    new_york = ZoneInfo("America/New_York")
    hours = {(9, 29): False, (9, 30): True, (12, 59): True, (13, 1): False}
    for (hour, minute), trading in hours.items():  # the half day after Thanksgiving
        at = datetime(2024, 11, 29, hour, minute, tzinfo=new_york)
        assert SHIPPED["XNYS"].is_open(at) is trading, at


def test_every_calendar_is_read_from_where_it_begins_to_where_it_ends() -> None:
    assert SHIPPED["XTKS"].sessions[0] == DAY("1997-01-06")
    assert SHIPPED["XNYS"].sessions[0] == DAY("1990-01-02")
    with pytest.raises(InvalidInputError, match="^The XSHG calendar is known from 1990-12-03 to "):
        SHIPPED["XSHG"].shift(DAY("1990-01-02"), 1)
    assert SHIPPED["XLON"].is_session(DAY("2024-07-04"))
