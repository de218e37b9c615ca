"""A ClickHouse of a test's own that can be ended in the middle of something, and come back."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.house.tree import ROOT
from tests.support.clickhouse.engine import DATABASE, USER
from tests.support.ports import free_port

PASSWORD = "s3cret/of:tests"
TIMEOUT_SECONDS = 60  # other tests run beside, and nobody waits for an answer that does not come
_QUOTED = "s3cret%2Fof%3Atests"


class ClickHouse:
    """The engine's process on a folder and a port."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self.port = free_port()
        self.url = f"clickhouse://{USER}:{_QUOTED}@127.0.0.1:{self.port}/{DATABASE}"
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Come up with whatever was stored before."""
        order = [sys.executable, "-m", "tests.support.clickhouse.engine", str(self._folder)]
        self._process = subprocess.Popen(
            [*order, str(self.port), PASSWORD],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def end(self) -> None:
        """Go down at once, as in a power cut."""
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


@contextmanager
def clickhouse(folder: Path) -> Iterator[ClickHouse]:
    """One that runs until the block ends."""
    found = ClickHouse(folder)
    found.start()
    try:
        yield found
    finally:
        found.end()
