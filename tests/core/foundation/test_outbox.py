"""Work asked for: one open request of a flow, kept until it has ended."""

import threading
from datetime import timedelta

import pytest

from core.foundation.errors import NotFoundError
from core.foundation.outbox import Outbox, RunState
from core.foundation.sql.database import Database
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


def test_a_second_request_of_a_flow_is_the_open_one(outbox: Outbox) -> None:
    first, _ = outbox.ask("train", {"scope": "all"}, "ann", AT)
    assert outbox.ask("train", {"scope": "us"}, "bob", AT) == (first, False)
    other, new = outbox.ask("monitor", {}, "bob", AT)
    assert new and outbox.open() == [first, other]


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


def test_twenty_at_once_get_one_request(outbox: Outbox) -> None:
    found: list[tuple[int, bool]] = []

    def ask() -> None:
        request, new = outbox.ask("train", {}, "ann", AT)
        found.append((request.id, new))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 20 and len({number for number, _ in found}) == 1
    assert sum(new for _, new in found) == 1


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
