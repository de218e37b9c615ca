"""A page of metrics as numbers, and the exporter as a process of its own."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from monitoring.collector import Facts, FactsCollector
from tests.house.tree import ROOT
from tests.support.ports import free_port

START_SECONDS = 60  # on a busy machine


@dataclass(frozen=True)
class Figures:
    """The samples of one scrape."""

    text: str

    def named(self, name: str) -> dict[tuple[str, ...], float]:
        """Every sample of a name, by its label values in the order of the labels' names."""
        return {
            tuple(value for _, value in sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(self.text)
            for sample in family.samples
            if sample.name == f"tickerlens_{name}"
        }

    @property
    def names(self) -> set[str]:
        """The names of all samples."""
        families = text_string_to_metric_families(self.text)
        return {sample.name for family in families for sample in family.samples}


def collected(facts: Mapping[str, Facts], at: datetime) -> Figures:
    """What the exporter says of these facts at an instant."""
    registry = CollectorRegistry()
    registry.register(FactsCollector(facts, _raise, clock=lambda: at))
    return Figures(generate_latest(registry).decode())


def _raise(name: str, error: Exception) -> None:
    raise AssertionError(f"the facts on {name} cannot be read") from error


def ask(address: str) -> Figures:
    """One scrape."""
    with urllib.request.urlopen(f"{address}/metrics", timeout=30) as response:
        return Figures(response.read().decode())


def start(home: Path, port: int, log: Path, **more: str) -> subprocess.Popen[bytes]:
    """Start the exporter with these settings; its errors go to `log`."""
    own = {"TICKERLENS_HOME": str(home), "TICKERLENS_EXPORTER_PORT": str(port), **more}
    with log.open("w") as sink:
        return subprocess.Popen(
            [sys.executable, "-m", "monitoring.exporter"],
            cwd=ROOT,
            env={**os.environ, **own},
            stdout=sink,
            stderr=sink,
        )


@contextmanager
def exporting(home: Path, log: Path) -> Iterator[str]:
    """The exporter of a home; gives its address once it answers."""
    port = free_port()
    process = start(home, port, log)
    address = f"http://127.0.0.1:{port}"
    try:
        until_answered(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def until_answered(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait for the first answer."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=START_SECONDS):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise AssertionError(f"the exporter did not answer:\n{log.read_text()[-3000:]}")
