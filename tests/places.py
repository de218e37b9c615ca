"""A place for bars, as settings lead there."""

import os
import subprocess
import sys

from core import wiring
from core.settings import PREFIX, Settings
from core.storage.bars import ParquetBars
from core.storage.objects import Objects


class Place:
    """Where bars are stored, opened as often as wanted, here and in other processes."""

    def __init__(self, **settings: str) -> None:
        self.settings = settings

    def open(self) -> ParquetBars:
        """The bars there, as an entry point opens them."""
        return wiring.open_bars(settings=Settings(_env_file=None, **self.settings))

    @property
    def objects(self) -> Objects:
        """The bytes there."""
        return self.open()._objects

    def contents(self) -> dict[str, bytes | None]:
        """All bytes there, by name."""
        return {name: self.objects.read(name) for name in sorted(self.objects.versions())}

    def overwrite(self, name: str, content: bytes) -> None:
        """Put any bytes there, as no writer of ours would."""
        self.objects.update(name, lambda _: content)

    def start(self, program: str, *arguments: str) -> subprocess.Popen[str]:
        """Run a program in a process of its own that reads these settings."""
        variables = {PREFIX + name.upper(): value for name, value in self.settings.items()}
        return subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, **variables},
        )
