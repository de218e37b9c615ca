"""Trainings whose process is gone are ended without a scheduler, after a moment of grace."""

from app.state.stores import Stores
from app.web.dispatch import Settler
from core.foundation.outbox import RunState, WantedWork
from tests.support.homes import AT

WORK = WantedWork("train", {"scope": "all"}, "ann")


def test_one_that_is_gone_is_ended_once_it_stays_so(empty: Stores) -> None:
    seconds = [100.0]
    settler = Settler(lambda: seconds[0])
    lease = empty.leases.acquire("train:all", "k")
    request = empty.outbox.begin(WORK, AT, "k")
    settler.look(empty)
    empty.leases.release(lease)
    settler.look(empty)
    seconds[0] += 5
    again = empty.leases.acquire("train:all", "k")  # a machine that slept has woken up
    settler.look(empty)
    empty.leases.release(again)
    seconds[0] += 9
    settler.look(empty)
    assert empty.outbox.get(request.id).ended_at is None
    seconds[0] += 10
    settler.look(empty)
    assert empty.outbox.get(request.id).outcome == RunState.CRASHED
