"""Whether what this program leans on answers: each asked by itself, none waited for long."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum

from core.foundation.errors import SlowError, TickerLensError
from core.foundation.messages import Message

LIMIT_SECONDS = 2.0

_log = logging.getLogger(__name__)


class HealthState(StrEnum):
    """How something that this program leans on is."""

    UP = "up"
    SLOW = "slow"
    DEGRADED = "degraded"  # it answers, and something is wrong with it
    DOWN = "down"
    NOT_SET_UP = "not set up"


@dataclass(frozen=True)
class ProbeResult:
    """What a probe found.

    Parameters
    ----------
    message : what it does here, or what is wrong.
    last_success : when it last worked, where that is on record; else when it was last up here.
    """

    state: HealthState
    message: Message
    last_success: datetime | None = None


Probe = Callable[[], ProbeResult]


@dataclass(frozen=True)
class Dependency:
    """One thing to ask.

    Parameters
    ----------
    name : as a person knows it.
    probe : asks it; an error it raises means that it is down, or slow if it is a `SlowError`,
        and says why.
    advice : what its being down means and what to do.
    remote : False where only the records are asked about it, so that no time says anything.
    """

    name: str
    probe: Probe
    advice: Message
    remote: bool = True


@dataclass(frozen=True)
class Status:
    """How a dependency is.

    Parameters
    ----------
    sentence : what it does here, or what is wrong and what to do.
    seconds : how long its answer took, None if there was none.
    """

    name: str
    state: HealthState
    sentence: Message
    seconds: float | None = None
    last_success: datetime | None = None


@dataclass
class _Asking:
    """One question under way, and then its answer."""

    done: threading.Event = field(default_factory=threading.Event)
    result: ProbeResult | None = None
    seconds: float = 0.0


class HealthChecker:
    """Asks dependencies, each in a thread of its own.

    Parameters
    ----------
    record : keeps what nobody foresaw, and gives the name by which it is found again.
    limit : seconds that `look` waits at most for all of them together.
    """

    def __init__(
        self,
        dependencies: Sequence[Dependency],
        record: Callable[[Exception], str],
        limit: float = LIMIT_SECONDS,
    ) -> None:
        self._dependencies = tuple(dependencies)
        self._record = record
        self._limit = limit
        self._asking: dict[str, _Asking] = {}
        self._last: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def names(self) -> list[str]:
        """What is asked, in order."""
        return [one.name for one in self._dependencies]

    def look(self) -> list[Status]:
        """How each is now, in order. One that does not answer within the limit is down.

        While it still owes an answer it is not asked again, so that no threads pile up.
        """
        with self._lock:
            pending = [self._ask(one) for one in self._dependencies]
        until = time.monotonic() + self._limit
        for one in pending:
            one.done.wait(max(0.0, until - time.monotonic()))
        return [
            self._status(one, asking)
            for one, asking in zip(self._dependencies, pending, strict=True)
        ]

    def _ask(self, one: Dependency) -> _Asking:
        before = self._asking.get(one.name)
        if before is not None and not before.done.is_set():
            return before
        self._asking[one.name] = asking = _Asking()
        # A daemon: one that hangs does not keep the program from ending.
        threading.Thread(
            target=self._run, args=(one, asking), name=f"ask {one.name}", daemon=True
        ).start()
        return asking

    def _run(self, one: Dependency, asking: _Asking) -> None:
        started = time.perf_counter()
        try:
            asking.result = one.probe()
        except SlowError as error:
            asking.result = ProbeResult(HealthState.SLOW, error.sentence)
        except TickerLensError as error:
            asking.result = ProbeResult(HealthState.DOWN, error.sentence)
        except Exception as error:  # a probe that fails is an answer too
            name = self._record(error)
            _log.warning("unforeseen error %s when %s was asked", name, one.name)
            unforeseen = Message(
                "dependency.unforeseen",
                "Something unforeseen happened when it was asked, error {incident}.",
                {"incident": name},
            )
            asking.result = ProbeResult(HealthState.DOWN, unforeseen)
        asking.seconds = time.perf_counter() - started
        if asking.result.state in (HealthState.UP, HealthState.DEGRADED):
            self._last[one.name] = datetime.now(UTC)
        asking.done.set()

    def _status(self, one: Dependency, asking: _Asking) -> Status:
        result, seconds = asking.result, asking.seconds if one.remote else None
        if not asking.done.is_set() or result is None:
            late = Message(
                "dependency.late", "No answer within {seconds:g} seconds.", {"seconds": self._limit}
            )
            result, seconds = ProbeResult(HealthState.DOWN, late), None
        last = result.last_success or (self._last.get(one.name) if one.remote else None)
        sentence = result.message
        if result.state in (HealthState.DOWN, HealthState.DEGRADED):
            sentence = Message(
                "dependency.with-advice",
                "{message} {advice}",
                {"message": result.message, "advice": one.advice},
            )
        return Status(one.name, result.state, sentence, seconds, last)
