"""Sessions that the library's calendars get wrong, and those found out later."""

import os
import subprocess
import sys
from datetime import UTC, date, datetime, time
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError
from core.reference.session_overrides import Override, SessionChange, shipped
from core.reference.sessions import SHIPPED, Calendars, _listed
from tests.house.tree import ROOT

DAY = pd.Timestamp
EVALUATION = Path(os.environ.get("TICKERLENS_EVALUATION_DATA", ""))
TYPHOON, SATURDAY = DAY("2024-10-31"), DAY("2016-01-30")


def labels(*dates: str) -> np.ndarray:
    return np.array(dates, dtype="datetime64[ns]")


def test_a_removed_session_is_gone_from_every_answer() -> None:
    before, after = DAY("2024-10-30"), DAY("2024-11-01")
    assert TYPHOON not in SHIPPED["XTAI"].sessions
    assert not SHIPPED["XTAI"].is_session(TYPHOON)
    assert SHIPPED["XTAI"].between(before, after).tolist() == [before, after]
    assert SHIPPED["XTAI"].shift(before, 1) == after
    assert SHIPPED["XTAI"].shift(after, -1) == before
    found = SHIPPED["XTAI"].shift_many(labels("2024-10-30", "2024-10-31"), [0, 1])
    np.testing.assert_array_equal(
        found, [labels("2024-10-30", "2024-11-01"), labels("2024-10-30", "2024-11-01")]
    )
    assert SHIPPED["XTAI"].latest_closed(datetime(2024, 10, 31, 12, tzinfo=UTC)) == before
    assert not SHIPPED["XTAI"].is_open(datetime(2024, 10, 31, 3, tzinfo=UTC))
    for instant in (SHIPPED["XTAI"].opens_at, SHIPPED["XTAI"].closes_at):
        with pytest.raises(InvalidInputError, match="^2024-10-31 is no session of XTAI.$"):
            instant(TYPHOON)


def test_an_added_session_is_in_every_answer() -> None:
    assert SATURDAY in SHIPPED["XTAI"].sessions
    assert SHIPPED["XTAI"].is_session(SATURDAY)
    assert SHIPPED["XTAI"].shift(DAY("2016-01-29"), 1) == SATURDAY
    assert SHIPPED["XTAI"].shift(SATURDAY, 1) == DAY("2016-02-01")
    assert SHIPPED["XTAI"].shift(DAY("2016-02-01"), -1) == SATURDAY
    assert SHIPPED["XTAI"].opens_at(SATURDAY) == DAY("2016-01-30 01:00", tz="UTC")
    assert SHIPPED["XTAI"].closes_at(SATURDAY) == DAY("2016-01-30 05:30", tz="UTC")
    half_past_five = datetime(2016, 1, 30, 5, 30, tzinfo=UTC)
    assert SHIPPED["XTAI"].latest_closed(half_past_five) == SATURDAY
    assert not SHIPPED["XTAI"].is_open(half_past_five)
    assert SHIPPED["XTAI"].is_open(datetime(2016, 1, 30, 5, 29, tzinfo=UTC))


CLOSED = [
    *("2024-07-24", "2024-07-25", "2024-10-02", "2024-10-03", "2024-10-31", "2023-08-03"),
    *("2019-09-30", "2019-08-09", "2016-09-27", "2016-09-28", "2016-07-08", "2015-07-10"),
    *("2015-09-29", "2022-02-04", "2023-01-18"),
]


@pytest.mark.parametrize("closed", CLOSED)
def test_typhoons_and_late_holidays_of_taiwan(closed: str) -> None:
    assert not SHIPPED["XTAI"].is_session(DAY(closed))


def test_the_lunar_new_year_of_2024() -> None:
    around = SHIPPED["XTAI"].between(DAY("2024-02-02"), DAY("2024-02-16"))
    found = [f"{session:%m-%d}" for session in around]
    assert found == ["02-02", "02-05", "02-15", "02-16"]
    assert SHIPPED["XTAI"].shift(DAY("2024-02-05"), 1) == DAY("2024-02-15")


def test_a_day_of_mourning_and_two_storms_elsewhere() -> None:
    assert not SHIPPED["XNYS"].is_session(DAY("2025-01-09"))
    assert not SHIPPED["XHKG"].is_session(DAY("2023-09-01"))
    assert not SHIPPED["XHKG"].is_session(DAY("2023-09-08"))


def test_what_is_found_out_counts_in_its_own_value_alone() -> None:
    monday, sunday = DAY("2026-03-02"), DAY("2026-03-01")
    found = (
        Override("XTAI", monday.date(), SessionChange.REMOVED, "storm"),
        Override("XTAI", sunday.date(), SessionChange.ADDED, "test", time(10), time(11, 30)),
    )
    corrected = Calendars(found)
    assert not corrected["XTAI"].is_session(monday) and corrected["XTAI"].is_session(sunday)
    assert corrected["XNYS"].is_session(monday)
    assert corrected["XTAI"].opens_at(sunday) == DAY("2026-03-01 02:00", tz="UTC")
    assert corrected["XTAI"].closes_at(sunday) == DAY("2026-03-01 03:30", tz="UTC")
    assert SHIPPED["XTAI"].is_session(monday) and not SHIPPED["XTAI"].is_session(sunday)
    assert corrected == Calendars(found) and corrected.stamp == Calendars(found).stamp
    assert corrected != SHIPPED and corrected.stamp != SHIPPED.stamp


def test_what_is_found_out_wins_over_the_table() -> None:
    traded = Override("XTAI", TYPHOON.date(), SessionChange.ADDED, "it traded after all")
    closed = Override("XTAI", SATURDAY.date(), SessionChange.REMOVED, "it did not")
    taiwan = Calendars((traded, closed))["XTAI"]
    assert taiwan.is_session(TYPHOON) and not taiwan.is_session(SATURDAY)
    assert taiwan.closes_at(TYPHOON) == DAY("2024-10-31 05:30", tz="UTC")


def test_an_added_session_outside_the_calendar_is_none() -> None:
    long_ago = Override("XTAI", date(1980, 1, 1), SessionChange.ADDED, "long ago")
    assert Calendars((long_ago,))["XTAI"].sessions[0] == DAY("1990-01-02")


def test_an_added_session_follows_summer_time() -> None:
    saturdays = tuple(
        Override("XNYS", date(2024, month, 6), SessionChange.ADDED, "a Saturday")
        for month in (1, 7)
    )
    new_york = Calendars(saturdays)["XNYS"]
    assert new_york.closes_at(DAY("2024-01-06")) == DAY("2024-01-06 21:00", tz="UTC")
    assert new_york.closes_at(DAY("2024-07-06")) == DAY("2024-07-06 20:00", tz="UTC")


def test_the_table_changes_what_it_says_it_changes() -> None:
    """A line the library has caught up with belongs in it no longer."""
    listed = {code: _listed(code, 2026).sessions for code in ("XTAI", "XHKG")}
    rows = shipped()
    assert len(rows) >= 17 and {row.calendar for row in rows} == set(listed)
    for row in rows:
        assert (DAY(row.session) in listed[row.calendar]) == (
            row.change == SessionChange.REMOVED
        ), row
        assert row.change != SessionChange.AS_LISTED and row.reason
    for before, after in pairwise(rows):
        assert (before.calendar, before.session) < (after.calendar, after.session)


SCRIPT = """
from datetime import UTC, datetime
import pandas as pd
from core.reference.sessions import SHIPPED
day = pd.Timestamp
def told(code, start, end):
    return " ".join(f"{s:%m-%d}" for s in SHIPPED[code].between(day(start), day(end)))
print(told("XTAI", "2024-07-22", "2024-07-29"))
print(told("XTAI", "2024-10-30", "2024-11-01"))
print(told("XTAI", "2024-02-02", "2024-02-16"))
print(told("XTAI", "2018-12-20", "2018-12-24"))
print(SHIPPED["XTAI"].shift(day("2024-07-23"), 1), SHIPPED["XTAI"].closes_at(day("2018-12-22")))
print(SHIPPED["XNYS"].closes_at(day("2024-11-29")), SHIPPED["XNYS"].opens_at(day("2024-03-11")))
print(SHIPPED["XTAI"].latest_closed(datetime(2024, 10, 31, 23, tzinfo=UTC)))
print(SHIPPED["XTAI"].is_open(datetime(2018, 12, 22, 4, tzinfo=UTC)))
"""
EXPECTED = """07-22 07-23 07-26 07-29
10-30 11-01
02-02 02-05 02-15 02-16
12-20 12-21 12-22 12-24
2024-07-26 00:00:00 2018-12-22 05:30:00+00:00
2024-11-29 18:00:00+00:00 2024-03-11 13:30:00+00:00
2024-10-30 00:00:00
True
"""


@pytest.mark.parametrize("zone", ["UTC", "Asia/Taipei", "America/New_York"])
def test_the_zone_of_the_host_changes_nothing(zone: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT],
        cwd=ROOT,
        env={**os.environ, "TZ": zone},
        capture_output=True,
        text=True,
    )
    assert (done.stdout, done.stderr) == (EXPECTED, "")


@pytest.mark.evaluation
def test_taiwan_traded_on_exactly_these_sessions() -> None:
    rows = pd.read_parquet(EVALUATION / "taiwan" / "twse_raw_2015_2021.parquet")
    traded = pd.DatetimeIndex(sorted(rows.loc[rows["volume"] > 0, "date"].unique())).as_unit("ns")
    assert len(traded) > 1700 and rows["ticker"].nunique() == 8
    known = SHIPPED["XTAI"].between(traded[0], traded[-1])
    assert known.difference(traded).empty and traded.difference(known).empty


@pytest.mark.evaluation
def test_taiwan_since_2024_as_yahoo_lists_it() -> None:
    """Yahoo lost one session of 2330 and halted 0050 for a week; together they have all."""
    traded = pd.DatetimeIndex([], dtype="datetime64[ns]")
    for code in ("2330", "0050"):
        path = EVALUATION / "taiwan" / f"yahoo_adjusted_events_2024_2026_{code}.csv"
        rows = pd.read_csv(path)
        own = pd.to_datetime(rows.loc[rows["Volume"] > 0, "Date"].str[:10])
        traded = traded.union(pd.DatetimeIndex(own).as_unit("ns"))
    assert len(traded) > 480
    known = SHIPPED["XTAI"].between(traded[0], traded[-1])
    assert known.difference(traded).empty and traded.difference(known).empty
