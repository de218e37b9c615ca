"""A place for bars, as settings lead there."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cached_property

from core.foundation.settings import Settings
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.objects import Change, Objects
from core.wiring import Workspace

# Entry points open bars through `core.wiring`, which imports all of core: too slow for so many.
READY = """
import json
import sys
from pathlib import Path
from core.market_data.lake.bar_store import ParquetBars


def lake():
    found = json.loads(sys.argv.pop(1))
    scheme, separator, rest = found["bars_url"].partition("://")
    if not separator:
        return ParquetBars(Path(scheme))
    from core.market_data.lake.s3_objects import Bucket, Credentials
    keys = Credentials(found["s3_url"], found["s3_key"], found["s3_secret"])
    return ParquetBars(Bucket(*rest.split("/"), keys))


def ready():
    print("ready", flush=True)
    sys.stdin.readline()


"""


class Place:
    """Where bars are stored, opened as often as wanted, here and in other processes."""

    def __init__(self, **settings: str) -> None:
        self.settings = settings

    def open(self) -> ParquetBars:
        """The bars there, as an entry point opens them."""
        return Workspace(Settings(_env_file=None, **self.settings)).bars

    @cached_property
    def objects(self) -> Objects:
        """The bytes there."""
        return self.open()._files._objects

    def contents(self) -> dict[str, bytes | None]:
        """All bytes there, by name."""
        return {name: self.objects.read(name) for name in sorted(self.objects.versions())}

    def overwrite(self, name: str, content: bytes) -> None:
        """Put any bytes there, as no writer of ours would."""
        self.objects.update(name, lambda _: content)

    @contextmanager
    def running(self, program: str, *orders: list[str]) -> Iterator[list[subprocess.Popen[str]]]:
        """Run a program in a process for each list of arguments, all set off at one moment.

        It opens the bars with `lake()`, calls `ready()` where the others are waited for, and must
        end well.
        """
        place = json.dumps(self.settings)
        with ExitStack() as stack:
            started = [
                stack.enter_context(
                    subprocess.Popen(
                        [sys.executable, "-c", READY + program, place, *arguments],
                        stdin=subprocess.PIPE,
                        stdout=subprocess.PIPE,
                        text=True,
                    )
                )
                for arguments in orders
            ]
            for one in started:
                assert one.stdout is not None and one.stdout.readline() == "ready\n"
            for one in started:
                assert one.stdin is not None
                print("go", file=one.stdin, flush=True)
            yield started
        assert [one.returncode for one in started] == [0] * len(started)


class CountedObjects:
    """The objects of a place, and how often each of them is read and written."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self.edition = objects.edition
        self.read_names: Counter[str] = Counter()
        self.updated: Counter[str] = Counter()

    def versions(self) -> dict[str, str]:
        return self._objects.versions()

    def version(self, name: str) -> str | None:
        return self._objects.version(name)

    def read(self, name: str) -> bytes | None:
        self.read_names[name] += 1
        return self._objects.read(name)

    def update(self, name: str, change: Change) -> None:
        self.updated[name] += 1
        self._objects.update(name, change)

    def remove(self, name: str) -> None:
        self._objects.remove(name)
