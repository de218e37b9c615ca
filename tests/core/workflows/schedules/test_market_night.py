"""The night of a market: once a session, whenever it runs, and on record."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.foundation.errors import InvalidInputError
from core.foundation.schedules.nightly_log import NightlyStatus
from tests.support.homes import Home
from tests.support.nights import NEW_YORK, TAIWAN, Exchange, made_live, night, night_home

STEPS = ["ingest", "score", "monitor", "forecast"]


def new_york(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("America/New_York"))


def taipei(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo("Asia/Taipei"))


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    """New York and Taipei, up to the first of June 2024, a Saturday."""
    exchange = Exchange((*NEW_YORK, *TAIWAN), "2023-03-01", "2024-12-31")
    return night_home(tmp_path / "home", exchange, new_york("2024-06-01 12:00"), records_url)


def record(home: Home, market: str = "us") -> list[tuple[str, str]]:
    nights = home.nightly_log.latest(market, 50)
    return [(str(one.session), one.status.value) for one in reversed(nights)]


def test_a_session_is_done_once(home: Home) -> None:
    done = night(home, new_york("2024-06-03 17:00"))
    assert (done["status"], done["session"], list(done["failed"])) == ("ok", "2024-06-03", [])
    assert made_live(home) == [(one, "2024-06-03") for one in NEW_YORK]
    day = date(2024, 6, 3)
    found = home.nightly_log.of("us", day)
    assert found is not None and list(found.steps) == STEPS and found.actor == "ann"
    assert str(found.steps["forecast"].message) == "2 forecasts were made, 2 are new in the ledger."
    assert (
        str(found.steps["ingest"].message) == "2 tickers were fetched, 2 bars are new or corrected."
    )
    before = home.ledger.verify()
    again = night(home, new_york("2024-06-03 21:00"))
    assert (again["status"], again["session"]) == ("skipped", "2024-06-03")
    assert str(again["reason"]) == "The night of 2024-06-03 was done at 2024-06-03 21:00 UTC."
    assert home.ledger.verify() == before and home.nightly_log.of("us", day) == found
    assert len(home.reports.latest(9)) == 1


@pytest.mark.parametrize(
    "late",
    [
        "2024-06-03 20:30",  # past midnight of Greenwich
        "2024-06-04 00:30",  # past its own
        "2024-06-04 09:00",  # before the next session opens
    ],
)
def test_a_late_night_is_that_of_the_session_that_closed(home: Home, late: str) -> None:
    done = night(home, new_york(late))
    assert (done["status"], done["session"]) == ("ok", "2024-06-03")
    assert made_live(home) == [(one, "2024-06-03") for one in NEW_YORK]
    assert record(home) == [("2024-06-03", "ok")]


def test_once_the_next_session_has_opened_the_forecast_is_named_as_late(home: Home) -> None:
    done = night(home, new_york("2024-06-04 10:00"))
    assert (done["status"], list(done["failed"])) == ("partial", ["forecast"])
    assert "had opened at 2024-06-04 13:30 UTC" in str(done["failed"]["forecast"])
    assert made_live(home) == []
    found = home.nightly_log.latest("us")[0]
    assert {name: one.status for name, one in found.steps.items()} == {
        **dict.fromkeys(STEPS, NightlyStatus.OK),
        "forecast": NightlyStatus.FAILED,
    }
    # The evening's own night is the next session's, and is not found from its work.
    assert night(home, new_york("2024-06-04 17:00"))["status"] == "ok"
    assert made_live(home) == [(one, "2024-06-04") for one in NEW_YORK]


@pytest.mark.parametrize(
    ("market", "at", "session", "reason"),
    [
        ("us", new_york("2024-07-04 17:00"), "2024-07-03", "2024-07-04, a Thursday, is a holiday"),
        ("us", new_york("2024-06-08 17:00"), "2024-06-07", "2024-06-08 is a Saturday; XNYS"),
        (
            "tw",
            taipei("2024-10-31 15:00"),
            "2024-10-30",
            "XTAI did not trade on 2024-10-31: Typhoon Kong-rey.",
        ),
    ],
    ids=["holiday", "weekend", "typhoon"],
)
def test_a_closed_day_is_skipped_with_its_reason(
    home: Home, market: str, at: datetime, session: str, reason: str
) -> None:
    assert night(home, at - timedelta(days=1), market)["session"] == session
    before, nights = made_live(home), record(home, market)
    assert {one for _, one in before} == {session}
    done = night(home, at, market)
    assert done["status"] == "skipped" and str(done["reason"]).startswith(reason)
    assert made_live(home) == before
    assert record(home, market) == [*nights, (str(at.date()), "skipped")]
    found = home.nightly_log.of(market, at.date())
    assert found is not None and str(found.reason) == str(done["reason"])


def test_a_half_day_is_a_session_like_any_other(home: Home) -> None:
    early = new_york("2024-07-03 16:30")  # it closed at 13:00; its night is at its usual hour
    assert night(home, early)["session"] == "2024-07-02"
    done = night(home, new_york("2024-07-03 17:00"))
    assert (done["status"], done["session"]) == ("ok", "2024-07-03")
    assert {one for _, one in made_live(home)} == {"2024-07-03"}
    assert sorted(made_live(home)) == [(one, "2024-07-03") for one in NEW_YORK]


def test_after_a_week_of_sleep_one_night_catches_up_and_the_rest_say_why_not(home: Home) -> None:
    night(home, new_york("2024-06-06 17:00"))
    done = night(home, new_york("2024-06-15 10:00"))  # a Saturday
    assert (done["status"], done["session"]) == ("ok", "2024-06-14")
    assert record(home) == [
        ("2024-06-06", "ok"),
        *((f"2024-06-{day:02}", "skipped") for day in range(7, 14)),
        ("2024-06-14", "ok"),
    ]
    reasons = [str(one.reason) for one in home.nightly_log.latest("us", 9) if one.reason]
    assert sum("Nothing ran between the close of" in one for one in reasons) == 5
    assert sum("did not trade" in one for one in reasons) == 2
    assert {one for _, one in made_live(home)} == {"2024-06-06", "2024-06-14"}


def test_markets_do_not_wait_for_each_other(home: Home) -> None:
    assert night(home, taipei("2024-06-03 15:00"), "tw")["status"] == "ok"
    assert made_live(home) == [(one, "2024-06-03") for one in sorted(TAIWAN)]
    assert night(home, new_york("2024-06-03 17:00"), "us")["status"] == "ok"
    assert len(made_live(home)) == 4 and record(home, "tw") == record(home, "us")


def test_a_day_that_only_the_bars_show_as_closed_makes_no_forecast(
    tmp_path: Path, records_url: str
) -> None:
    exchange = Exchange((*TAIWAN, "2454.TW"), "2023-03-01", "2024-12-31", "2024-06-04")
    home = night_home(tmp_path / "home", exchange, taipei("2024-06-03 18:00"), records_url)
    for day in ("2024-06-04", "2024-06-05"):
        done = night(home, taipei(f"{day} 15:00"), "tw")
    assert (done["status"], done["session"]) == ("ok", "2024-06-05")
    assert {session for _, session in made_live(home)} <= {"2024-06-03", "2024-06-05"}
    # The evening itself cannot know it yet, and says what it lacked.
    found = home.nightly_log.of("tw", date(2024, 6, 4))
    assert found is not None and found.status in (NightlyStatus.PARTIAL, NightlyStatus.SKIPPED)


def test_a_market_without_own_tickers_says_so(home: Home) -> None:
    done = night(home, datetime(2024, 6, 3, 23, tzinfo=UTC), "other")
    assert (done["status"], str(done["reason"])) == (
        "skipped",
        "No ticker of one's own is tracked in the market other.",
    )
    with pytest.raises(InvalidInputError, match='^There is no market "de"'):
        night(home, datetime(2024, 6, 3, 23, tzinfo=UTC), "de")


def test_the_night_of_all_is_on_record_for_each_market(home: Home) -> None:
    at = new_york("2024-06-03 17:00")
    done = night(home, at, "")
    assert done["status"] == "ok" and "market" not in done
    assert record(home, "us") == record(home, "tw") == [("2024-06-03", "ok")]
    assert night(home, at, "us")["status"] == "skipped"
    before = home.ledger.verify()
    assert night(home, at, "")["status"] == "ok"  # a person may always ask for it
    assert home.ledger.verify() == before


def test_the_rest_of_the_world_has_one_night_a_day(tmp_path: Path) -> None:
    exchange = Exchange(("0700.HK", "7203.T", "BTC-USD"), "2023-03-01", "2024-12-31")
    evening = datetime(2024, 6, 7, 22, 30, tzinfo=UTC)  # a Friday
    home = night_home(tmp_path / "home", exchange, evening - timedelta(days=1))
    done = night(home, evening, "other")
    assert done["session"] == "2024-06-07" and done["failed"] == {}
    assert sorted(made_live(home)) == [("0700.HK", "2024-06-07"), ("7203.T", "2024-06-07")]
    # What trades around the clock opens its next session as the last one closes.
    assert list(done["forecast"]["late"]) == ["BTC-USD"]
    again = night(home, evening + timedelta(days=1), "other")
    assert again["session"] == "2024-06-08"  # coins trade on Saturdays
    assert len(made_live(home)) == 2
