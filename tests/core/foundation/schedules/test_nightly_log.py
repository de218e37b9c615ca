"""One row a market and session, and one process at a time on it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest

from core.foundation.errors import BusyError
from core.foundation.messages import Message
from core.foundation.schedules.nightly_log import NightlyLog, NightlyRun, NightlyStatus, NightlyStep
from core.foundation.sql.database import Database

AT, DAY = datetime(2024, 6, 3, 21, tzinfo=UTC), date(2024, 6, 3)
FINE = NightlyStep(NightlyStatus.OK, AT, Message("test.done", "{n} done.", {"n": 3}))
BAD = replace(FINE, status=NightlyStatus.FAILED)
WANTED = NightlyRun(0, "us", DAY, NightlyStatus.RUNNING, "ann", "lock-1", AT, None, {}, None)


@pytest.fixture
def log(records_url: str) -> Iterator[NightlyLog]:
    database = Database(records_url)
    yield NightlyLog(database)
    database.close()


def alive(lock: str) -> bool:
    return True


def dead(lock: str) -> bool:
    return False


def test_a_night_is_kept_with_what_each_step_did(log: NightlyLog) -> None:
    night, mine = log.claim(WANTED, dead)
    assert mine and night == replace(WANTED, id=night.id)
    log.add_step(night, "score", FINE)
    log.add_step(night, "ingest", BAD)
    log.end(night, NightlyStatus.PARTIAL, AT + timedelta(minutes=5))
    found = log.of("us", DAY)
    assert found is not None and list(found.steps) == ["score", "ingest"]
    assert (found.steps["score"], found.status) == (FINE, NightlyStatus.PARTIAL)
    assert log.of("tw", DAY) is None and log.latest("tw") == []
    assert found.to_dict()["steps"]["score"]["message"] == "3 done."


def test_what_is_under_way_is_left_and_what_is_done_is_not_done_again(log: NightlyLog) -> None:
    night, _ = log.claim(WANTED, alive)
    with pytest.raises(BusyError, match="^The night of us for 2024-06-03 is under way already"):
        log.claim(replace(WANTED, run="lock-2"), alive)
    log.end(night, NightlyStatus.OK, AT)
    assert log.claim(replace(WANTED, run="lock-2"), alive) == (log.of("us", DAY), False)
    again, mine = log.claim(replace(WANTED, run="lock-2"), alive, again=True)
    assert mine and (again.run, again.ended_at, again.steps) == ("lock-2", None, {})


def test_one_that_was_killed_goes_on_after_its_last_good_step(log: NightlyLog) -> None:
    night, _ = log.claim(WANTED, alive)
    for name, step in (("ingest", FINE), ("score", FINE), ("monitor", BAD), ("forecast", FINE)):
        log.add_step(night, name, step)
    taken, mine = log.claim(replace(WANTED, run="lock-2", actor="bob"), dead)
    assert mine and list(taken.steps) == ["ingest", "score"]
    assert (taken.actor, taken.run, taken.id) == ("bob", "lock-2", night.id)


def test_of_many_at_once_one_begins(log: NightlyLog) -> None:
    log.end(log.claim(WANTED, dead)[0], NightlyStatus.FAILED, AT)
    together, won = Barrier(8), list[int]()

    def begin(number: int) -> None:
        together.wait()
        try:
            if log.claim(replace(WANTED, run=f"lock-{number}"), alive)[1]:
                won.append(number)
        except BusyError:
            pass

    threads = [Thread(target=begin, args=(number,)) for number in range(2, 10)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    found = log.of("us", DAY)
    assert len(won) == 1 and found is not None and found.run == f"lock-{won[0]}"


def test_a_day_that_was_skipped_says_why_and_can_be_begun_later(log: NightlyLog) -> None:
    reason = Message("test.reason", "It was closed.")
    log.skip("us", DAY, reason, "ann", AT)
    log.skip("us", DAY, Message("test.other", "Another."), "bob", AT)
    (found,) = log.latest("us")
    assert (found.status, found.reason, found.started_at) == (NightlyStatus.SKIPPED, reason, None)
    assert log.latest("us", skipped=False) == []
    night, mine = log.claim(WANTED, alive)
    assert mine and night.reason is None and log.latest("us", skipped=False) == [night]
    log.skip("us", DAY, reason, "ann", AT)
    assert log.of("us", DAY) == night
