"""Where somebody acts from, so that what goes on record says it."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum


class Entrance(StrEnum):
    """By which way an action came in; `UNKNOWN` of what was recorded before this was."""

    PAGE = "page"
    API = "api"
    COMMAND = "command"
    SCHEDULE = "schedule"
    UNKNOWN = ""


@dataclass(frozen=True)
class Caller:
    """A door, and the network address of who stands there; empty where there is none."""

    door: Entrance = Entrance.UNKNOWN
    address: str = ""


_current: ContextVar[Caller] = ContextVar("caller", default=Caller())


def current_caller() -> Caller:
    """From where the work of this thread or task was asked for."""
    return _current.get()


def set_caller(caller: Caller) -> None:
    """From now on this thread or task works for that caller; new threads do not know of it."""
    _current.set(caller)


@contextmanager
def called_from(caller: Caller) -> Iterator[None]:
    """Work for a caller while the block runs."""
    before = _current.set(caller)
    try:
        yield
    finally:
        _current.reset(before)


def actor() -> str:
    """Who is at the command line, as it goes on record."""
    return f"command line ({getpass.getuser()})"[:64]
