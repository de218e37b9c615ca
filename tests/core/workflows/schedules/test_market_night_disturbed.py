"""Nights that fail in part, are killed or meet another one: each comes to its end once."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest

from core.foundation.errors import BusyError, SourceError
from core.foundation.schedules.nightly_log import NightlyStatus
from core.lifecycle.monitor import MonitoringInput
from core.workflows.schedules.nightly_steps import TRAIN, NightlyWork
from monitoring.evidently_report import Measured
from tests.core.workflows.schedules.test_market_night import STEPS, new_york, record
from tests.support.homes import Home
from tests.support.nights import NEW_YORK, Exchange, made_live, night, night_home


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    exchange = Exchange(NEW_YORK, "2023-03-01", "2024-12-31")
    return night_home(tmp_path / "home", exchange, new_york("2024-06-01 12:00"), records_url)


def test_a_step_that_fails_is_named_and_leaves_the_rest(home: Home) -> None:
    def failing(windows: MonitoringInput) -> Measured:
        raise SourceError("test.failure", "The adapter broke.")

    done = night(home, new_york("2024-06-03 17:00"), measure=failing)
    assert (done["status"], {k: str(v) for k, v in done["failed"].items()}) == (
        "partial",
        {"monitor": "The adapter broke."},
    )
    assert len(made_live(home)) == 2
    # It is done again from there, and the ledger is as it was.
    before = home.ledger.verify()
    again = night(home, new_york("2024-06-03 18:00"))
    assert (
        again["status"] == "ok" and set(again) >= {"monitor", "forecast"} and "ingest" not in again
    )
    assert home.ledger.verify() == before
    assert home.nightly_log.latest("us")[0].status == NightlyStatus.OK


def test_bars_that_did_not_come_are_named_and_fetched_again(home: Home) -> None:
    source = home.source("yahoo")
    assert isinstance(source, Exchange)
    source.away = {"MSFT"}
    done = night(home, new_york("2024-06-03 17:00"))
    assert done["status"] == "partial"
    assert (
        made_live(home) == [("AAPL", "2024-06-03"), ("MSFT", "2024-05-31")][: len(made_live(home))]
    )
    source.away = set()
    assert night(home, new_york("2024-06-03 18:00"))["status"] == "ok"
    assert sorted(made_live(home)).count(("MSFT", "2024-06-03")) == 1
    assert sorted(made_live(home)).count(("AAPL", "2024-06-03")) == 1


def test_of_two_at_once_one_does_the_work_and_the_other_says_so(home: Home) -> None:
    reached, go_on = threading.Event(), threading.Event()

    def slow(windows: MonitoringInput) -> Measured:
        reached.set()
        assert go_on.wait(60)
        return Measured()

    at = new_york("2024-06-03 17:00")
    first = threading.Thread(target=night, args=(home, at), kwargs={"measure": slow})
    first.start()
    assert reached.wait(60)
    try:
        for market in ("us", ""):
            with pytest.raises(BusyError, match="^The night of us for 2024-06-03 is under way"):
                night(home.again(), at, market)
    finally:
        go_on.set()
        first.join(60)
    assert len(made_live(home)) == 2 and record(home) == [("2024-06-03", "ok")]


@pytest.mark.parametrize("last", STEPS)
def test_killed_between_steps_it_goes_on_and_the_ledger_is_as_undisturbed(
    home: Home, last: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    steps = NightlyWork.steps

    def dying(work: NightlyWork) -> dict[str, object]:
        def die() -> dict[str, object]:
            raise Killed

        found = steps(work)
        names = [name for name in found if name != TRAIN]
        after = names[names.index(last) + 1 :][:1]
        return {**found, **dict.fromkeys(after, die)}

    at = new_york("2024-06-03 17:00")
    with monkeypatch.context() as patched:
        patched.setattr(NightlyWork, "steps", dying)
        if last != "forecast":
            with pytest.raises(Killed):
                night(home, at)
    done = night(home, at + timedelta(minutes=1))
    assert done["status"] == "ok"
    assert made_live(home) == [(one, "2024-06-03") for one in NEW_YORK]
    found = home.nightly_log.latest("us")[0]
    assert (list(found.steps), found.status) == (STEPS, NightlyStatus.OK)
    assert len(home.reports.latest(9)) == 1  # no step that had ended was done again


def test_a_night_in_which_all_failed_is_on_record(home: Home) -> None:
    source = home.source("yahoo")
    assert isinstance(source, Exchange)
    source.away = set(NEW_YORK)

    def failing(windows: MonitoringInput) -> Measured:
        raise SourceError("test.failure", "The adapter broke.")

    done = night(home, new_york("2024-06-03 17:00"), measure=failing)
    assert done["status"] == "partial" and {"ingest", "monitor"} <= done["failed"].keys()
    found = home.nightly_log.latest("us")[0]
    assert found.steps["ingest"].status == NightlyStatus.FAILED
    assert "The source is away." in str(found.steps["ingest"].message)


def test_an_error_that_is_none_of_ours_leaves_a_night_that_goes_on(home: Home) -> None:
    def failing(windows: MonitoringInput) -> Measured:
        raise ZeroDivisionError

    at = new_york("2024-06-03 17:00")
    with pytest.raises(ZeroDivisionError):
        night(home, at, measure=failing)
    assert home.nightly_log.latest("us")[0].status == NightlyStatus.RUNNING
    assert night(home, at)["status"] == "ok"
