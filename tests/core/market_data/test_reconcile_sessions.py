"""Findings about sessions: kept, in force, taken back."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError
from core.foundation.sql.database import Database
from core.market_data.reconcile_sessions import ACTOR, decide, reconcile
from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.records.session_override_store import SessionOverrides, SessionRuling
from core.market_data.validate import validate_and_store
from core.reference.session_overrides import SessionChange
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.homes import AT, Home

MONDAY = pd.Timestamp("2024-03-04")


@pytest.fixture
def found(home: Home) -> SessionOverrides:
    return home.session_overrides


def trades(found: SessionOverrides, session: pd.Timestamp, code: str = "XTAI") -> bool:
    return found.calendars()[code].is_session(session)


def stored(home: Home, source: str = "yahoo", skip: pd.Timestamp | None = MONDAY) -> None:
    """Four tickers that traded on every session of half a year but one."""
    dates = SHIPPED["XTAI"].between(pd.Timestamp("2024-01-02"), pd.Timestamp("2024-06-28"))
    for name in ("2330.TW", "2317.TW", "2454.TW", "5274.TWO"):
        home.bars.upsert(frame(name, dates[dates != skip], 50.0, source=source))


def test_a_closed_day_is_found_once_and_counts_at_once(home: Home, found: SessionOverrides) -> None:
    stored(home)
    assert trades(found, MONDAY)
    changes = reconcile(home.gateway, found, home.audit, AT)
    assert [(one.session, one.change) for one in changes] == [
        (MONDAY.date(), SessionChange.REMOVED)
    ]
    assert not trades(found, MONDAY)
    assert reconcile(home.gateway, found, home.audit, AT) == []
    word = found.last()["XTAI", MONDAY.date()]
    assert (word.actor, word.at, word.reason) == (ACTOR, AT, "0 of 4 tickers traded")
    logged = home.audit.latest()
    assert [(one.actor, one.action, one.subject, one.reason) for one in logged] == [
        (ACTOR, "session removed", "XTAI 2024-03-04", "0 of 4 tickers traded")
    ]


def test_another_process_knows_it_once_it_reads_again(home: Home, found: SessionOverrides) -> None:
    stored(home)
    other = home.again()
    assert trades(other.session_overrides, MONDAY)
    before = other.calendars()
    assert other.refresh_calendars() is before, "nothing changed"
    reconcile(home.gateway, found, home.audit, AT)
    assert other.calendars() is before
    assert other.refresh_calendars() == found.calendars() != before
    assert not trades(other.session_overrides, MONDAY)


def test_a_bar_that_comes_late_takes_the_finding_back(home: Home, found: SessionOverrides) -> None:
    stored(home)
    reconcile(home.gateway, found, home.audit, AT)
    assert not trades(found, MONDAY)
    stored(home, skip=None)
    changes = reconcile(home.gateway, found, home.audit, AT)
    assert [(one.session, one.change, one.reason) for one in changes] == [
        (MONDAY.date(), SessionChange.AS_LISTED, "the stored bars do not show it any longer")
    ]
    assert trades(found, MONDAY) and found.in_force() == []
    assert reconcile(home.gateway, found, home.audit, AT) == []


def test_what_an_earlier_version_found_wrongly_is_taken_back(
    home: Home, found: SessionOverrides
) -> None:
    """New York's calendar as three funds of Taiwan, taken for American ones, once rewrote it."""
    dates = SHIPPED["XTAI"].between(pd.Timestamp("2024-01-02"), pd.Timestamp("2024-12-31"))
    for name in ("50", "56", "878"):
        home.bars.upsert(frame(name, dates, 50.0, source="csv"))
    holidays = dates.difference(SHIPPED["XNYS"].between(dates[0], dates[-1]))
    assert len(holidays) > 3
    word = SessionRuling(AT, ACTOR, "XNYS", dates[0].date(), SessionChange.ADDED, "3 of 3 traded")
    found.add([replace(word, session=one.date()) for one in holidays])
    say(found, home, SessionChange.REMOVED, calendar="XNYS")
    changes = reconcile(home.gateway, found, home.audit, AT)
    assert [pd.Timestamp(one.session) for one in changes] == list(holidays)
    assert {one.change for one in changes} == {SessionChange.AS_LISTED}
    assert [one.session for one in found.in_force()] == [MONDAY.date()], "a person's word stays"
    assert reconcile(home.gateway, found, home.audit, AT) == []


def test_a_look_at_the_last_sessions_takes_back_no_older_finding(
    home: Home, found: SessionOverrides
) -> None:
    stored(home)
    reconcile(home.gateway, found, home.audit, AT)
    for name in ("2330.TW", "2317.TW"):
        home.bars.remove(Ticker.parse(name))
    since = MONDAY - pd.Timedelta(days=30)
    assert reconcile(home.gateway, found, home.audit, AT, since) == []
    assert len(reconcile(home.gateway, found, home.audit, AT)) == 1


def test_the_sample_is_no_evidence(home: Home, found: SessionOverrides) -> None:
    stored(home, source="sample")
    assert reconcile(home.gateway, found, home.audit, AT) == [] and found.last() == {}


def say(found: SessionOverrides, home: Home, change: str, **more: object) -> None:
    word = {"at": AT, "actor": "ann", "calendar": "XTAI", "session": MONDAY.date()}
    decide(found, home.audit, SessionRuling(**word | {"change": change, "reason": "I know"} | more))


def test_a_person_takes_a_finding_back_for_good(home: Home, found: SessionOverrides) -> None:
    stored(home)
    reconcile(home.gateway, found, home.audit, AT)
    say(found, home, SessionChange.AS_LISTED)
    assert trades(found, MONDAY) and found.in_force() == []
    assert reconcile(home.gateway, found, home.audit, AT) == []
    assert trades(found, MONDAY)
    assert home.audit.latest(1)[0].action == "session as listed"


def test_a_person_adds_and_removes(home: Home, found: SessionOverrides) -> None:
    say(found, home, SessionChange.ADDED, session=date(2024, 3, 9))
    say(found, home, SessionChange.REMOVED, calendar="XNYS")
    assert trades(found, pd.Timestamp("2024-03-09"))
    assert not trades(found, MONDAY, "XNYS") and trades(found, MONDAY)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"calendar": "XXXX"}, "^There is no calendar XXXX; known are ASEX, "),
        ({"change": "maybe"}, "^A session is added, removed or as listed, not maybe.$"),
        ({"reason": "  "}, "^A reason is needed: it stays on record.$"),
        ({"reason": "x" * 501}, "^A reason has at most 500 characters, not 501.$"),
    ],
)
def test_what_a_person_says_is_checked(
    home: Home, found: SessionOverrides, wrong: dict[str, str], sentence: str
) -> None:
    with pytest.raises(InvalidInputError, match=sentence):
        say(found, home, wrong.pop("change", SessionChange.REMOVED), **wrong)
    assert found.last() == {} and home.audit.latest() == []


def test_findings_are_kept_on_both_back_ends(records_url: str) -> None:
    overrides = SessionOverrides(Database(records_url))
    word = SessionRuling(AT, "ann", "XTAI", date(2024, 3, 4), SessionChange.REMOVED, "颱風")
    overrides.add(
        [word, SessionRuling(AT, "ann", "XNYS", date(2024, 3, 4), SessionChange.ADDED, "x")]
    )
    overrides.add([])
    assert overrides.last()["XTAI", date(2024, 3, 4)] == word
    overrides.add(
        [SessionRuling(AT, "bob", "XNYS", date(2024, 3, 4), SessionChange.AS_LISTED, "y")]
    )
    assert [(one.calendar, one.change) for one in overrides.in_force()] == [
        ("XTAI", SessionChange.REMOVED)
    ]


def test_a_session_nobody_listed_is_held_until_it_is_found_out(
    home: Home, found: SessionOverrides
) -> None:
    saturday = pd.Timestamp("2024-03-09")
    dates = SHIPPED["XTAI"].between(pd.Timestamp("2024-01-02"), pd.Timestamp("2024-06-28"))
    for name in ("2330.TW", "2317.TW", "2454.TW"):
        days = dates.union([saturday])
        closes = 50.0 + np.arange(len(days)) % 7
        rows = frame(name, days, closes, volume=1e6 + np.arange(len(days)), source="yahoo")
        validate_and_store(home.gateway, Ticker.parse(name), rows, AT)
    assert saturday not in set(home.bars.load()["session"])
    changes = reconcile(home.gateway, found, home.audit, AT)
    assert [(one.session, one.change) for one in changes] == [
        (saturday.date(), SessionChange.ADDED)
    ]
    assert (home.bars.load()["session"] == saturday).sum() == 3
    assert home.quarantine.entries(statuses=(QuarantineStatus.OPEN,)) == []
