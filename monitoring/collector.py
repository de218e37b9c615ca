"""What Prometheus is told: stored facts, read anew at each scrape so that ages are right."""

import platform
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from core.foundation.source_commit import VERSION
from monitoring.families import gauge, one

# Metrics as of an instant; None while nothing of the kind has ever been stored.
Facts = Callable[[datetime], Iterable[Metric] | None]
Tell = Callable[[str, Exception], None]


def now() -> datetime:
    """The instant of a scrape."""
    return datetime.now(UTC)


class FactsCollector(Collector):
    """Reads groups of facts; one that cannot be read is reported, and the others stand.

    Parameters
    ----------
    facts : the groups by name.
    tell : called with a group's name and the error when it cannot be read, once for each new
        error and not at each scrape.
    """

    def __init__(
        self, facts: Mapping[str, Facts], tell: Tell, clock: Callable[[], datetime] = now
    ) -> None:
        self._facts = facts
        self._tell = tell
        self._clock = clock
        self._reported: dict[str, str] = {}

    def collect(self) -> Iterator[Metric]:
        """Every metric that has a value now."""
        yield gauge("up", "1 while the exporter answers.", one(1.0))
        yield gauge(
            "build_info",
            "1, with the versions that run as labels.",
            {(VERSION, platform.python_version()): 1.0},
            ("version", "python"),
        )
        at = self._clock()
        readable: dict[tuple[str, ...], float | None] = {}
        for name, read in self._facts.items():
            families = self._read(name, read, at)
            if families is not None:
                readable[(name,)] = 1.0 if name not in self._reported else 0.0
                yield from (family for family in families if family.samples)
        if readable:
            yield gauge(
                "facts_up",
                "1 if a group of stored facts could be read, 0 if not; "
                "absent while nothing of the kind is stored.",
                readable,
                ("facts",),
            )

    def _read(self, name: str, read: Facts, at: datetime) -> list[Metric] | None:
        """The whole group; empty if it cannot be read, None if there is nothing to read."""
        try:
            found = read(at)
            families = None if found is None else list(found)
        except Exception as error:  # whatever is wrong with one group, the rest is still true
            shown = repr(error)
            if self._reported.get(name) != shown:
                self._reported[name] = shown
                self._tell(name, error)
            return []
        self._reported.pop(name, None)
        return families
