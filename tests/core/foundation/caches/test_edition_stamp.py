"""A stamp is read when the number changes, and now and then when it does not."""

import threading
from dataclasses import dataclass, field

import pytest

from core.foundation.caches.edition_stamp import AGAIN_SECONDS, TRUSTED_SECONDS, EditionStamp
from core.foundation.errors import StorageError


@dataclass
class World:
    """What is stored, its number, who writes there, and a clock that is moved by hand."""

    number_: str = "1"
    writing: bool = False
    text: str = "a"
    seconds: float = 0.0
    reads: int = 0
    read_once: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def number(self) -> str | None:
        """See `Numbered`."""
        return self.number_ or None

    def settled(self) -> str | None:
        """See `Numbered`."""
        return None if self.writing else self.number()

    def read(self) -> str:
        """The slow text."""
        self.reads += 1
        if not self.text:
            raise StorageError("test.away", "It is away.")
        self.read_once.release()
        return self.text

    def clock(self) -> float:
        """Seconds."""
        return self.seconds


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def stamp(world: World) -> EditionStamp:
    return EditionStamp(world, world.read, world.clock)


def test_it_is_read_once_for_a_number(world: World, stamp: EditionStamp) -> None:
    assert [stamp.now() for _ in range(5)] == ["a"] * 5 and world.reads == 1
    world.number_, world.text = "2", "b"
    assert [stamp.now() for _ in range(5)] == ["b"] * 5 and world.reads == 2


def test_while_somebody_writes_it_is_read_each_time(world: World, stamp: EditionStamp) -> None:
    """He may be killed after he wrote, and then no other number comes."""
    world.writing = True
    assert stamp.now() == "a"
    world.text = "b"
    assert stamp.now() == "b"
    world.writing, world.text = False, "c"
    assert stamp.now() == "c"
    world.text = "d"
    assert stamp.now() == "c"


def test_without_a_number_it_is_read_each_time(world: World, stamp: EditionStamp) -> None:
    world.number_ = ""
    assert [stamp.now() for _ in range(3)] == ["a"] * 3 and world.reads == 3


def test_what_nobody_told_of_is_found_beside_those_who_ask(
    world: World, stamp: EditionStamp
) -> None:
    stamp.now()
    world.read_once.acquire()
    world.text, world.seconds = "b", AGAIN_SECONDS
    assert stamp.now() == "a"  # and it is being read
    world.read_once.acquire()
    for thread in threading.enumerate():
        if thread.daemon and thread.name.endswith("(_read_beside)"):
            thread.join()
    assert stamp.now() == "b" and world.reads == 2


def test_nobody_is_given_what_is_too_old(world: World, stamp: EditionStamp) -> None:
    stamp.now()
    world.text, world.seconds = "b", TRUSTED_SECONDS
    assert stamp.now() == "b"
    world.text, world.seconds = "", 2 * TRUSTED_SECONDS
    with pytest.raises(StorageError):
        stamp.now()
