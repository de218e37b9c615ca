"""The number that tells of a change: one contract in a file and in a real Redis."""

import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis

from core.foundation.caches.edition import Edition, Editions, FileEdition, NoEdition
from core.foundation.caches.redis_edition import RedisEdition
from tests.support.ports import free_port
from tests.support.redis_server import redis_url

PREFIX = "tickerlens:test:edition:"
Open = Callable[[], Edition]


@pytest.fixture(params=["file", "redis"])
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Open]:
    """Call it for the same edition as another process would open it."""
    if request.param == "file":
        yield lambda: FileEdition(tmp_path / ".locks" / "edition.lock", tmp_path)
        return
    yield lambda: RedisEdition(redis_url(), "here", PREFIX)
    with redis.Redis.from_url(redis_url()) as client:
        for key in client.scan_iter(f"{PREFIX}*"):
            client.delete(key)


def test_it_stays_what_it_is_until_somebody_writes(opened: Open) -> None:
    here, there = opened(), opened()
    first = here.number()
    assert first and [here.number(), there.number(), there.settled()] == [first] * 3
    with there.changing():
        meanwhile = here.number()
    numbers = [first, meanwhile, here.number()]
    assert len({*numbers}) == 3 and there.settled() == here.settled() == numbers[-1]


def test_while_somebody_writes_it_is_not_settled(opened: Open) -> None:
    here, one, other = opened(), opened(), opened()
    with one.changing():
        assert here.settled() is None
        with other.changing():
            assert here.settled() is None
        assert here.settled() is None and here.number()
    assert here.settled()


def test_a_writer_that_fails_has_written_perhaps(opened: Open) -> None:
    here = opened()
    first = here.number()
    with pytest.raises(ZeroDivisionError), here.changing():
        raise ZeroDivisionError
    assert here.settled() not in (first, None)


def test_many_who_ask_are_no_writers(opened: Open) -> None:
    here, found = opened(), []
    here.number()

    def ask() -> None:
        found.extend(here.settled() for _ in range(50))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 200 and {*found} == {here.number()}


def test_a_copy_put_back_never_has_the_number_that_is_in_force(tmp_path: Path) -> None:
    lock, copy = tmp_path / "edition.lock", tmp_path / "copy"
    edition = FileEdition(lock, tmp_path)
    edition.number()
    shutil.copy(lock, copy)
    with edition.changing():
        pass
    seen = edition.number()
    shutil.copy(copy, lock)
    assert edition.number() != seen
    lock.unlink()
    assert edition.number() not in (seen, None)


def test_looking_makes_no_place(tmp_path: Path) -> None:
    edition = FileEdition(tmp_path / "none" / ".locks" / "edition.lock", tmp_path / "none")
    assert edition.number() is None and edition.settled() is None
    assert not (tmp_path / "none").exists()


def test_what_a_full_disk_left_empty_is_filled_later(tmp_path: Path) -> None:
    (tmp_path / "edition.lock").touch()
    edition = FileEdition(tmp_path / "edition.lock", tmp_path)
    number = edition.number()
    assert number and edition.settled() == number


def test_where_nobody_tells_there_is_no_number(tmp_path: Path) -> None:
    away = RedisEdition(f"redis://127.0.0.1:{free_port()}/0", "here")
    for one in (NoEdition(), away):
        with one.changing():
            pass
        assert one.number() is None and one.settled() is None
    known = FileEdition(tmp_path / "edition.lock", tmp_path)
    assert Editions((known, NoEdition())).number() is None
    both = Editions((known, FileEdition(tmp_path / "other.lock", tmp_path)))
    before = both.settled()
    with known.changing():
        assert both.settled() is None
    assert before and before != both.number() == both.settled()
