"""A real Prometheus on our configuration, and promtool to check it."""

import json
import os
import shutil
import subprocess
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT
from tests.support.ports import free_port

FOLDER = ROOT / "monitoring" / "prometheus"
CONFIG = FOLDER / "prometheus.yml"
RULES = sorted((FOLDER / "rules").glob("*.yml"))
START_SECONDS = 30


def program(name: str) -> str:
    """Where Prometheus or promtool is; without it the test is skipped, unless all must run."""
    found = shutil.which(name)
    if found is None and os.environ.get("TICKERLENS_REQUIRE_ALL") == "1":
        pytest.fail(f"{name} is not installed, and TICKERLENS_REQUIRE_ALL=1.")
    if found is None:
        pytest.skip(f"{name} is not installed (Debian and Ubuntu: apt install prometheus).")
    return found


def promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """What promtool makes of a file."""
    order = [program("promtool"), *map(str, arguments)]
    return subprocess.run(order, capture_output=True, text=True, timeout=60)


@dataclass(frozen=True)
class Prometheus:
    """A running one."""

    address: str

    def value(self, expression: str) -> list[tuple[dict[str, str], float]]:
        """What an expression gives now: labels and value of each series."""
        found = self._get("query", query=expression)
        return [(one["metric"], float(one["value"][1])) for one in found["result"]]

    def alerts(self) -> set[str]:
        """Names of the alerts that are pending or firing."""
        return {one["labels"]["alertname"] for one in self._get("alerts")["alerts"]}

    def rules(self) -> list[dict[str, Any]]:
        """Every rule with its health."""
        return [rule for group in self._get("rules")["groups"] for rule in group["rules"]]

    def _get(self, path: str, **query: str) -> Any:
        address = f"{self.address}/api/v1/{path}?{urllib.parse.urlencode(query)}"
        with urllib.request.urlopen(address, timeout=20) as response:
            found = json.loads(response.read())
        assert found["status"] == "success", found
        return found["data"]


@contextmanager
def watching(folder: Path, targets: Mapping[str, str]) -> Iterator[Prometheus]:
    """Prometheus on our configuration, asking these addresses by job, each second."""
    copied = Path(shutil.copytree(FOLDER, folder / "prometheus"))
    for job, target in targets.items():
        file = copied / "targets" / f"{job}.yml"
        assert file.is_file()
        file.write_text(json.dumps([{"targets": [target]}]))
    text = CONFIG.read_text()
    quick = text.replace("interval: 15s", "interval: 1s").replace("timeout: 10s", "timeout: 1s")
    assert quick.count("interval: 1s") == 2 and "timeout: 1s" in quick
    (copied / "prometheus.yml").write_text(quick)
    port, log = free_port(), folder / "prometheus.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [
                program("prometheus"),
                f"--config.file={copied / 'prometheus.yml'}",
                f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}",
            ],
            stdout=sink,
            stderr=sink,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _until_ready(address, process, log)
        yield Prometheus(address)
    finally:
        process.terminate()
        process.wait(20)


def _until_ready(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/-/ready", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError(f"Prometheus did not start:\n{log.read_text()[-3000:]}")
