"""The whole way: the exporter and the app, a real Prometheus, and every panel's expression."""

import math
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.chromium import served
from tests.support.dashboards import expressions, rules
from tests.support.homes import Home
from tests.support.prometheus import Prometheus, program, watching
from tests.support.scrape import exporting

pytestmark = pytest.mark.slow

SCRAPE_SECONDS = 60  # until both are asked, on a busy machine


@dataclass(frozen=True)
class Watched:
    """Everything that runs."""

    prometheus: Prometheus
    app: str


@pytest.fixture(scope="module")
def running(watched: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watched]:
    program("prometheus")  # before anything slow is started for nothing
    folder: Path = tmp_path_factory.mktemp("prometheus")
    with exporting(watched.path, folder / "exporter.log") as exporter:
        with served(watched.path) as app:
            targets = {"app": urlsplit(app).netloc, "exporter": urlsplit(exporter).netloc}
            with watching(folder, targets) as prometheus:
                both = Watched(prometheus, app)
                _until_asked(both)
                yield both


def _until_asked(both: Watched) -> None:
    """Both answer, and requests were counted between scrapes."""
    deadline = time.monotonic() + SCRAPE_SECONDS
    wanted = (
        "count(up == 1) == 2",
        "count_over_time(tickerlens_up[5m]) >= 3",
        "sum(rate(tickerlens_http_request_duration_seconds_count{route='page'}[5m])) > 0",
    )
    while time.monotonic() < deadline:
        for path in ("/", "/api/tickers"):
            with urllib.request.urlopen(both.app + path, timeout=20) as response:
                response.read()
        if all(both.prometheus.value(one) for one in wanted):
            return
        time.sleep(0.5)
    raise AssertionError(f"not scraped: {both.prometheus.value('up')}")


def test_both_jobs_are_up(running: Watched) -> None:
    found = running.prometheus.value("up")
    assert {(labels["job"], value) for labels, value in found} == {("app", 1.0), ("exporter", 1.0)}


@pytest.mark.parametrize(("title", "expression"), expressions())
def test_every_expression_of_the_dashboard_has_data(
    title: str, expression: str, running: Watched
) -> None:
    deadline = time.monotonic() + SCRAPE_SECONDS
    # After a scrape that was too slow there is nothing until the next one.
    while not (found := running.prometheus.value(expression)) and time.monotonic() < deadline:
        time.sleep(0.5)
    assert found, f"{title} is empty"
    assert [labels for labels, value in found if not math.isfinite(value)] == []


def test_the_slowest_answers_are_of_a_real_length(running: Watched) -> None:
    (expression,) = {expected for title, expected in expressions() if title == "Slow answers"}
    by_route = {labels["route"]: value for labels, value in running.prometheus.value(expression)}
    assert {"page", "other"} <= set(by_route)
    assert all(0 < seconds <= 30 for seconds in by_route.values())


def test_the_rules_are_loaded_and_the_sample_raises_no_alert(running: Watched) -> None:
    deadline = time.monotonic() + SCRAPE_SECONDS
    loaded, alerts = running.prometheus.rules(), {"not asked yet"}
    # An alert on a first scrape that was too slow needs an evaluation to be taken back.
    while time.monotonic() < deadline and alerts | {
        rule["name"] for rule in loaded if rule["health"] == "unknown"
    }:
        time.sleep(0.5)
        loaded, alerts = running.prometheus.rules(), running.prometheus.alerts()
    assert alerts == set()
    assert {rule["name"] for rule in loaded} == {rule["alert"] for rule in rules()}
    assert {rule["health"] for rule in loaded} == {"ok"}
