"""Responses in memory: given while their stamp is in force, to other processes by the cache."""

from core.foundation.caches.cache import ProcessCache
from core.foundation.caches.response_memory import ResponseMemory
from core.foundation.errors import StorageError


class World:
    """A stamp that is set by hand."""

    stamp = "1"

    def now(self) -> str:
        """The stamp; a world without one cannot be looked at."""
        if not self.stamp:
            raise StorageError("test.away", "It is away.")
        return self.stamp


def test_it_is_made_once_for_a_stamp() -> None:
    world, made = World(), list[str]()
    memory = ResponseMemory(world.now, ProcessCache())

    def make() -> bytes:
        made.append(world.stamp)
        return world.stamp.encode()

    assert [memory.get_or_make("a", make) for _ in range(3)] == [b"1"] * 3 and made == ["1"]
    world.stamp = "2"
    assert [memory.get_or_make("a", make) for _ in range(3)] == [b"2"] * 3 and made == ["1", "2"]
    world.stamp = ""
    assert [memory.get_or_make("a", make) for _ in range(2)] == [b""] * 2


def test_what_changed_while_it_was_made_is_not_kept() -> None:
    world, cache = World(), ProcessCache()
    memory = ResponseMemory(world.now, cache)

    def make() -> bytes:
        world.stamp = "2"
        return b"of 1, or of 2, or of both"

    assert memory.get_or_make("a", make) == b"of 1, or of 2, or of both"
    for stamp in ("1", "2"):
        world.stamp = stamp
        assert memory.get_or_make("a", lambda: b"new") == b"new"


def test_another_process_is_given_what_one_made() -> None:
    world, cache = World(), ProcessCache()
    night = ResponseMemory(world.now, cache)
    night.keep(night.stamp(), {"a": b"made"})
    assert ResponseMemory(world.now, cache).get_or_make("a", lambda: b"anew") == b"made"
    night.keep("0", {"b": b"old"})
    assert ResponseMemory(world.now, cache).get_or_make("b", lambda: b"anew") == b"anew"


def test_memory_is_bounded_by_bytes() -> None:
    world, unshared = World(), ProcessCache(max_values=1)
    memory = ResponseMemory(world.now, unshared, max_bytes=10)
    for key in "abc":
        memory.get_or_make(key, lambda: b"1234")
    memory.get_or_make("large", lambda: b"x" * 11)
    found = [memory.get_or_make(key, lambda: b"anew") for key in ("c", "b", "a")]
    assert found[:2] == [b"1234"] * 2 and found[2] == b"anew"
