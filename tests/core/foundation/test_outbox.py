"""Work asked for: one open request of a flow and scope, kept until it has ended."""

import subprocess
import sys
import threading
from contextlib import ExitStack
from datetime import timedelta

import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.outbox import (
    Outbox,
    Request,
    RequestOrigin,
    RunState,
    StoppedError,
    WantedWork,
)
from core.foundation.sql.database import Database
from tests.house.tree import ROOT
from tests.support.homes import AT


@pytest.fixture
def outbox(records_url: str) -> Outbox:
    return Outbox(Database(records_url))


def test_a_request_is_kept_as_it_was_asked(outbox: Outbox) -> None:
    request, new = outbox.ask("train", {"scope": "tw", "reason": "新"}, "ann", AT)
    assert new and outbox.get(request.id) == request
    assert (request.flow, request.actor, request.asked_at, request.run_id) == (
        "train",
        "ann",
        AT,
        None,
    )
    assert request.parameters == {"scope": "tw", "reason": "新"} and len(request.key) == 36


def test_a_second_request_of_a_scope_is_the_open_one(outbox: Outbox) -> None:
    first, _ = outbox.ask("train", {"scope": "all"}, "ann", AT)
    assert outbox.ask("train", {"scope": "all", "model": "ewma"}, "bob", AT) == (first, False)
    narrower, new = outbox.ask("train", {"scope": "us"}, "bob", AT, RequestOrigin.API)
    assert new and (narrower.scope, narrower.origin) == ("us", "api")
    other, new = outbox.ask("monitor", {}, "bob", AT)
    assert new and outbox.open() == [first, narrower, other]
    assert outbox.open("train") == [first, narrower]


def test_after_the_end_the_next_one_is_new(outbox: Outbox) -> None:
    first, _ = outbox.ask("train", {}, "ann", AT)
    outbox.sent(first.id, "run-1")
    outbox.ended(first.id, RunState.COMPLETED, AT + timedelta(minutes=1))
    second, new = outbox.ask("train", {}, "ann", AT)
    assert new and second.key != first.key
    assert [one.id for one in outbox.latest("train")] == [second.id, first.id]
    ended = outbox.get(first.id)
    assert (ended.run_id, ended.outcome) == ("run-1", RunState.COMPLETED)


def test_the_first_word_on_the_end_stands(outbox: Outbox) -> None:
    request, _ = outbox.ask("train", {}, "ann", AT)
    outbox.ended(request.id, RunState.CANCELLED, AT)
    outbox.sent(request.id, "late")
    outbox.ended(request.id, RunState.COMPLETED, AT)
    assert (outbox.get(request.id).outcome, outbox.get(request.id).run_id) == (
        RunState.CANCELLED,
        None,
    )


@pytest.mark.parametrize("key", ["", "the same"])
def test_twenty_at_once_get_one_request(outbox: Outbox, key: str) -> None:
    found: list[tuple[int, bool]] = []

    def ask() -> None:
        request, new = outbox.ask("train", {}, "ann", AT, key=key)
        found.append((request.id, new))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len({number for number, _ in found}) == 1
    assert sum(new for _, new in found) == 1


ASKS = """
import sys
from datetime import UTC, datetime
from core.foundation.outbox import Outbox
from core.foundation.sql.database import Database
outbox = Outbox(Database(sys.argv[1]))
print("ready", flush=True)
sys.stdin.readline()
request, new = outbox.ask("train", {"scope": "all"}, "ann", datetime.now(UTC))
print(request.id, request.key, request.asked_at, int(new), flush=True)
"""


def test_twenty_processes_at_once_get_one_request(outbox: Outbox, records_url: str) -> None:
    order = [sys.executable, "-c", ASKS, records_url]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": ROOT}
    with ExitStack() as stack:
        children = [
            stack.enter_context(subprocess.Popen(order, **pipes))  # type: ignore[call-overload]
            for _ in range(20)
        ]
        for child in children:
            assert child.stdout.readline() == "ready\n"
        for child in children:
            child.stdin.write("go\n")
            child.stdin.flush()
        found = [child.stdout.readline().rsplit(maxsplit=1) for child in children]
    assert len({same for same, _ in found}) == 1
    assert sorted(new for _, new in found) == ["0"] * 19 + ["1"]
    assert len(outbox.latest("train", 30)) == 1


def test_the_same_key_is_the_same_request_also_after_its_end(outbox: Outbox) -> None:
    first, new = outbox.ask("train", {"scope": "all"}, "ann", AT, key="k")
    assert new
    outbox.ended(first.id, RunState.COMPLETED, AT)
    later = AT + timedelta(days=1)
    again, new = outbox.ask("train", {"scope": "all"}, "ann", later, key="k")
    assert not new and again == outbox.get(first.id)
    bobs, new = outbox.ask("train", {"scope": "all"}, "bob", later, key="k")
    assert new and bobs.id != first.id
    joined, new = outbox.ask("train", {"scope": "all"}, "ann", later, key="another")
    assert (joined.id, new) == (bobs.id, False)
    outbox.ended(bobs.id, RunState.COMPLETED, later)
    joined, new = outbox.ask("train", {"scope": "all"}, "ann", later, key="another")
    assert (joined.id, new) == (bobs.id, False)


def test_a_key_used_for_other_work_is_one_sentence(outbox: Outbox) -> None:
    first, _ = outbox.ask("train", {"scope": "all"}, "ann", AT, key="k")
    with pytest.raises(InvalidInputError, match=f"^This key was used for request {first.id}, "):
        outbox.ask("train", {"scope": "us"}, "ann", AT, key="k")
    for bad in ("x" * 256, "a\nb"):
        with pytest.raises(InvalidInputError, match="^A key of a request has at most 255 "):
            outbox.ask("train", {}, "ann", AT, key=bad)


WORK = WantedWork("train", {"scope": "all"}, "monitor", RequestOrigin.DRIFT)
NOW = timedelta(0)


def begin(outbox: Outbox, key: str, minutes: float = 0, fresh: timedelta = NOW) -> Request:
    due = AT + timedelta(minutes=minutes)
    return outbox.begin(WORK, due + timedelta(hours=1), key, f"run-{key}", (due, fresh))


def test_what_begins_by_itself_is_a_request_and_the_next_one_is_skipped_for_it(
    outbox: Outbox,
) -> None:
    first = begin(outbox, "a")
    assert (first.origin, first.actor, first.run_id, first.run) == (
        "drift",
        "monitor",
        "run-a",
        "run-a",
    )
    assert first.started_at and first.asked_at == AT and outbox.open() == [first]
    second = begin(outbox, "b")
    assert (second.outcome, second.skipped_for, second.started_at) == ("SKIPPED", first.id, None)
    assert second.ended_at and outbox.open() == [first]


def test_what_was_due_before_another_was_finished_is_skipped_for_it(outbox: Outbox) -> None:
    first = begin(outbox, "a")
    outbox.ended(first.id, RunState.COMPLETED, AT + timedelta(minutes=10))
    assert begin(outbox, "b", 9).skipped_for == first.id
    assert begin(outbox, "c", 14, timedelta(minutes=5)).skipped_for == first.id
    later = begin(outbox, "d", 11)
    assert later.skipped_for is None and outbox.open() == [later]
    outbox.ended(later.id, RunState.FAILED, AT + timedelta(minutes=20))
    assert begin(outbox, "e", 15).skipped_for is None, "the one before it taught nothing"


def test_a_run_adopts_the_request_that_it_was_made_of(outbox: Outbox) -> None:
    page, _ = outbox.ask("train", {"scope": "all"}, "ann", AT, RequestOrigin.PAGE)
    assert outbox.of_run("run-1", page.key) == page and outbox.of_run("run-1", "other") is None
    begun = outbox.begin(WORK, AT, page.key, "run-1")
    assert (begun.id, begun.run_id, begun.actor, begun.started_at) == (
        page.id,
        "run-1",
        "ann",
        AT,
    )
    outbox.ended(begun.id, RunState.FAILED, AT)
    assert outbox.of_run("run-1", "other") is None, "run again, it is another training"


def test_what_the_program_asked_for_is_replaced_by_what_begins(outbox: Outbox) -> None:
    waits, _ = outbox.ask("train", {"scope": "all"}, "program", AT)
    begun = begin(outbox, "a")
    assert outbox.open() == [begun]
    assert (outbox.get(waits.id).outcome, outbox.get(waits.id).skipped_for) == ("SKIPPED", begun.id)
    assert outbox.taken_back(AT) == [outbox.get(waits.id)], "a run of it may be on its way"


def test_work_that_was_stopped_or_given_up_is_not_wanted(outbox: Outbox) -> None:
    request = begin(outbox, "a")
    outbox.require_wanted(request.id)
    outbox.stop(request.id, AT)
    with pytest.raises(StoppedError, match="^It was cancelled.$"):
        outbox.require_wanted(request.id)
    assert begin(outbox, "a").stopping, "it does not begin any more"
    outbox.ended(request.id, RunState.CRASHED, AT)
    with pytest.raises(StoppedError, match="^Request 1 was given up meanwhile.$"):
        outbox.require_wanted(request.id)


def test_an_unknown_request_is_named(outbox: Outbox) -> None:
    with pytest.raises(NotFoundError, match="^There is no request 7.$"):
        outbox.get(7)


def test_what_waits_is_taken_back_at_once_and_what_was_taken_is_stopping(outbox: Outbox) -> None:
    waits, _ = outbox.ask("train", {}, "ann", AT)
    taken, _ = outbox.ask("monitor", {}, "ann", AT)
    outbox.sent(taken.id, "run-1")
    for one in (waits, taken):
        outbox.stop(one.id, AT)
    assert outbox.open() == [outbox.get(taken.id)] and outbox.get(taken.id).stopping
    assert outbox.taken_back(AT) == [outbox.get(waits.id)]
    assert outbox.get(waits.id).outcome == RunState.CANCELLED
    outbox.ended(taken.id, RunState.CANCELLED, AT)
    outbox.stop(taken.id, AT + timedelta(days=1))
    assert outbox.get(taken.id).ended_at == AT and not outbox.get(taken.id).stopping
    assert outbox.taken_back(AT + timedelta(seconds=1)) == []
