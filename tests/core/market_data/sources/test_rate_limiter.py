"""Turns and rests, the same wherever the standing is kept and however many share it."""

import multiprocessing
import threading
from collections.abc import Callable

import pytest

from core.foundation.sql.database import Database
from core.market_data.sources.rate_limit_state import RateLimitState
from core.market_data.sources.rate_limit_store import SharedRateLimit
from core.market_data.sources.rate_limiter import (
    OwnRateLimit,
    Permission,
    RateLimiter,
    RateLimitStore,
)

FEWER = "RateLimitedError"
REFUSED = Permission(False, kind=FEWER)


class Clock:
    """Time that goes on only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(params=["in process", "sqlite", "postgresql"])
def share(request: pytest.FixtureRequest, tmp_path: object) -> Callable[[], RateLimitStore]:
    """Gives the same standing again and again, as another process would open it."""
    if request.param == "in process":
        own = OwnRateLimit()
        return lambda: own
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/records.db"
    else:
        url = str(request.getfixturevalue("postgres_url"))
    return lambda: SharedRateLimit(Database(url), "yahoo")


def limiter(share: Callable[[], RateLimitStore], clock: Clock, rate: float = 0.0) -> RateLimiter:
    return RateLimiter(share(), rate, clock, clock.sleep)


def test_rests_double_up_to_a_quarter_of_an_hour_and_start_small_again(
    share: Callable[[], RateLimitStore],
) -> None:
    clock = Clock()
    mine, other = limiter(share, clock), limiter(share, clock)
    assert mine.enter() == Permission(True)
    for seconds in (60, 120, 240, 480, 900, 900):
        mine.trip(FEWER)
        clock.now += seconds - 1
        assert mine.enter() == other.enter() == REFUSED
        assert other.acquire() == (REFUSED, 0.0)
        clock.now += 0.1 * seconds + 1.1
        assert other.enter() == Permission(True, trial=True)
    other.renew()
    assert mine.enter() == Permission(True)
    mine.trip(FEWER)
    clock.now += 67
    assert mine.enter() == Permission(True, trial=True)


def test_who_is_refused_together_begins_one_rest(share: Callable[[], RateLimitStore]) -> None:
    clock = Clock()
    mine, other = limiter(share, clock), limiter(share, clock)
    for one in (mine, other, mine):
        one.trip(FEWER)
    assert share().read().rest_seconds == 60 and share().read().since == clock.now
    clock.now += 61
    other.trip("UnavailableError")  # still within the tenth, or a trial's end
    assert share().read().since == 1_000_000.0


def test_an_answer_to_what_was_asked_before_a_rest_does_not_end_it(
    share: Callable[[], RateLimitStore],
) -> None:
    clock = Clock()
    mine, other = limiter(share, clock), limiter(share, clock)
    mine.trip(FEWER)
    other.renew()
    assert other.enter() == REFUSED


def test_one_tries_for_all_and_the_others_wait_for_what_comes_of_it(
    share: Callable[[], RateLimitStore],
) -> None:
    clock = Clock()
    first, second = limiter(share, clock), limiter(share, clock)
    first.trip(FEWER)
    clock.now += 70
    assert first.enter() == Permission(True, trial=True)
    waited = []

    def meanwhile(seconds: float) -> None:
        clock.now += seconds
        waited.append(seconds)
        if len(waited) == 3:
            first.renew()

    second = RateLimiter(share(), 0.0, clock, meanwhile)
    assert second.enter() == Permission(True) and len(waited) == 3


def test_a_failed_trial_rests_twice_as_long_and_a_lost_one_is_taken_over(
    share: Callable[[], RateLimitStore],
) -> None:
    clock = Clock()
    mine, other = limiter(share, clock), limiter(share, clock)
    mine.trip(FEWER)
    clock.now += 70
    assert mine.enter().trial
    mine.trip(FEWER)
    assert other.enter() == REFUSED and share().read().rest_seconds == 120
    clock.now += 140
    assert mine.enter().trial  # and its process is killed
    assert other.enter() == Permission(True, trial=True)


def test_turns_are_half_a_second_apart_whoever_takes_them(
    share: Callable[[], RateLimitStore],
) -> None:
    clock = Clock()
    sharing = [limiter(share, clock, 2.0) for _ in range(3)]
    granted = []
    for number in range(12):
        leave, _ = sharing[number % 3].acquire()
        granted.append(clock.now)
        assert leave == Permission(True)
    assert granted == [1_000_000.0 + 0.5 * number for number in range(12)]
    clock.now += 60
    assert sharing[0].acquire() == (Permission(True), 0.0)


def test_a_rest_that_begins_while_one_queues_is_kept(share: Callable[[], RateLimitStore]) -> None:
    clock = Clock()
    other = limiter(share, clock, 2.0)

    def meanwhile(seconds: float) -> None:
        clock.now += seconds
        other.trip(FEWER)

    mine = RateLimiter(share(), 2.0, clock, meanwhile)
    assert other.acquire() == (Permission(True), 0.0)
    assert mine.acquire() == (REFUSED, 0.5)


def test_a_clock_that_was_set_back_holds_nobody_up(share: Callable[[], RateLimitStore]) -> None:
    clock = Clock()
    mine = limiter(share, clock, 2.0)
    mine.acquire()
    mine.trip(FEWER)
    clock.now -= 86_400
    assert mine.enter() == Permission(True, trial=True)
    assert mine.acquire() == (Permission(True), 0.0)


def test_no_limit_and_no_rest_write_nothing(share: Callable[[], RateLimitStore]) -> None:
    clock = Clock()
    mine = limiter(share, clock)
    for _ in range(3):
        assert mine.acquire() == (Permission(True), 0.0)
        mine.renew()
    assert share().read() == RateLimitState()


def test_sources_are_kept_apart(records_url: str) -> None:
    database, clock = Database(records_url), Clock()
    yahoo = RateLimiter(SharedRateLimit(database, "yahoo"), 0.0, clock, clock.sleep)
    mirror = RateLimiter(SharedRateLimit(database, "http://a" * 40), 0.0, clock, clock.sleep)
    mirror.trip(FEWER)
    assert yahoo.enter() == Permission(True) and mirror.enter() == REFUSED


def take(url: str, count: int, start: object, found: object) -> None:
    """In a process of its own: as many turns as asked for, and when each was booked for."""
    slots: list[float] = []

    class Noting(SharedRateLimit):
        def change(
            self, step: Callable[[RateLimitState], RateLimitState]
        ) -> tuple[RateLimitState, RateLimitState]:
            before, after = super().change(step)
            slots.append(after.next_at)
            return before, after

    mine = RateLimiter(Noting(Database(url), "yahoo"), 20.0)
    start.wait()  # type: ignore[attr-defined]
    threads = [threading.Thread(target=mine.acquire) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found.put(slots)  # type: ignore[attr-defined]


def test_processes_and_their_threads_never_get_more_turns_than_there_are(records_url: str) -> None:
    Database(records_url).close()
    spawn = multiprocessing.get_context("spawn")
    start, found = spawn.Barrier(3), spawn.Queue()
    children = [spawn.Process(target=take, args=(records_url, 8, start, found)) for _ in range(3)]
    for child in children:
        child.start()
    slots = sorted(slot for _ in children for slot in found.get(timeout=60))
    for child in children:
        child.join(60)
        assert child.exitcode == 0
    assert len(slots) == 24
    # At 20 a second, the 21st turn after any other is a second later, or more.
    assert all(later - early >= 1.0 - 1e-6 for early, later in zip(slots, slots[20:], strict=False))
    assert all(later - early >= 0.05 - 1e-6 for early, later in zip(slots, slots[1:], strict=False))


def attempt(url: str, start: object, found: object) -> None:
    mine = RateLimiter(SharedRateLimit(Database(url), "yahoo"))
    start.wait()  # type: ignore[attr-defined]
    leave = mine.enter()
    found.put(leave.trial)  # type: ignore[attr-defined]
    if leave.trial:
        mine.renew()


def test_of_several_processes_one_is_on_trial(records_url: str) -> None:
    state = SharedRateLimit(Database(records_url), "yahoo")
    rested = RateLimitState(rest_until=1.0, rest_seconds=60.0, kind=FEWER)
    state.change(lambda one: rested)
    spawn = multiprocessing.get_context("spawn")
    start, found = spawn.Barrier(3), spawn.Queue()
    children = [spawn.Process(target=attempt, args=(records_url, start, found)) for _ in range(3)]
    for child in children:
        child.start()
    assert sorted(found.get(timeout=60) for _ in children) == [False, False, True]
    for child in children:
        child.join(60)
