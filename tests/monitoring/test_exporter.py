"""The exporter as the supervisor starts it: a process, a port, signals, wrong settings."""

import http.client
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.house.tree import ROOT
from tests.support.half_open import answer_to, still_open
from tests.support.homes import Home, closes, open_home
from tests.support.ports import free_port
from tests.support.scrape import ask, exporting, start, until_answered

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address(watched: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with exporting(watched.path, tmp_path_factory.mktemp("exporter") / "log") as found:
        yield found


def fetch(address: str, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)) as connection:
        connection.request(method, path, headers=headers)
        got = connection.getresponse()
        return got.status, got.read()


def test_it_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom core.foundation.settings import Settings\n"
        "from monitoring import collector, exporter, serving\n"
        "exporter.facts(Settings(home=Path('nowhere')))\n"
        "print(*{name.partition('.')[0] for name in sys.modules})"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "pandas" in done.stdout.split()
    assert not {"evidently", "mlflow", "prefect", "streamlit"} & set(done.stdout.split())


def test_a_missing_home_is_up_without_figures_and_stays_missing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with exporting(home, tmp_path / "log") as address:
        for _ in range(2):
            found = ask(address)
            assert found.named("up") == {(): 1.0}
            assert found.names == {"tickerlens_up", "tickerlens_build_info"}
    assert not home.exists()
    assert (tmp_path / "log").read_text() == ""


def test_what_is_stored_later_is_seen_without_a_restart(tmp_path: Path) -> None:
    with exporting(tmp_path / "home", tmp_path / "log") as address:
        assert ask(address).named("tickers") == {}
        home = open_home(tmp_path / "home")
        home.bars.upsert(closes("AAPL", [1.0], source="csv"))
        found = ask(address)
        assert found.named("tickers") == {("own", "us"): 1.0}
        assert found.named("model_versions_total") == {(): 0.0}


def test_a_sample_home_has_every_kind_of_figure(address: str) -> None:
    found = ask(address)
    assert found.named("tickers") == {("sample", "us"): 5.0, ("sample", "tw"): 1.0}
    assert found.named("model_version") == {("champion",): 1.0}
    assert found.named("ledger_intact") == {(): 1.0}
    assert sum(found.named("signal_verdict").values()) == 3.0
    assert set(found.named("facts_up").values()) == {1.0} and len(found.named("facts_up")) == 8
    assert "NaN" not in found.text and "Inf" not in found.text


def test_the_first_scrape_is_quick_too(watched: Home, tmp_path: Path) -> None:
    with exporting(watched.path, tmp_path / "log") as address:  # it answered once, not with figures
        started = time.monotonic()
        ask(address)
        assert time.monotonic() - started < 1.0


def test_a_scrape_is_quick(address: str) -> None:
    ask(address)
    started = time.monotonic()
    for _ in range(5):
        ask(address)
    assert (time.monotonic() - started) / 5 < 0.5


def test_records_that_cannot_be_read_are_said_and_the_bars_stand(
    watched: Home, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    shutil.copytree(watched.path / "bars", home / "bars")
    (home / "records.db").write_text("these are not the records you are looking for" * 100)
    with exporting(home, tmp_path / "log") as address:
        for _ in range(2):
            found = ask(address)
            readable = {key[0]: value for key, value in found.named("facts_up").items()}
            assert readable.pop("bars") == 1.0
            assert len(readable) == 7 and set(readable.values()) == {0.0}
            assert found.named("up") == {(): 1.0} and found.named("model_version") == {}
    text = (tmp_path / "log").read_text()
    assert "cannot be opened at" in text and "Traceback" not in text
    assert len(text.splitlines()) == 7, "each group once, not at each scrape"


@pytest.mark.parametrize(
    ("path", "status"),
    [("/metrics", 200), ("/metrics?x=1", 200), ("/", 200), ("/metric", 404), ("/api/health", 404)],
)
def test_only_the_page_of_metrics_is_there(address: str, path: str, status: int) -> None:
    assert fetch(address, path)[0] == status


def test_nothing_can_be_sent_to_it(address: str) -> None:
    assert fetch(address, "/metrics", "POST")[0] == 501


@pytest.mark.parametrize("host", ["evil.example", "evil.example:9109", "", "[::1", "127.0.0.1.x"])
def test_a_foreign_host_is_refused(address: str, host: str) -> None:
    status, body = fetch(address, "/metrics", Host=host)
    assert status == 400 and b"tickerlens" not in body


@pytest.mark.parametrize("kind", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_at_once_with_nothing_to_say(kind: signal.Signals, tmp_path: Path) -> None:
    port = free_port()
    process = start(tmp_path / "home", port, tmp_path / "log")
    until_answered(f"http://127.0.0.1:{port}", process, tmp_path / "log")
    started = time.monotonic()
    process.send_signal(kind)
    assert process.wait(10) == 0
    assert time.monotonic() - started < 2
    assert (tmp_path / "log").read_text() == ""


@pytest.mark.parametrize(
    ("setting", "value", "named"),
    [
        ("TICKERLENS_HOST", "192.0.2.1", "TICKERLENS_HOST is 192.0.2.1"),
        ("TICKERLENS_HOST", "no.such.host.invalid", "TICKERLENS_HOST is no.such.host.invalid"),
        ("TICKERLENS_EXPORTER_PORT", "many", "TICKERLENS_EXPORTER_PORT"),
    ],
)
def test_a_wrong_setting_is_one_sentence(
    setting: str, value: str, named: str, tmp_path: Path
) -> None:
    process = start(tmp_path / "home", free_port(), tmp_path / "log", **{setting: value})
    assert process.wait(60) == 1
    text = (tmp_path / "log").read_text()
    assert len(text.splitlines()) == 1 and named in text


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        process = start(tmp_path / "home", port, tmp_path / "log")
        assert process.wait(60) == 1
    text = (tmp_path / "log").read_text()
    assert len(text.splitlines()) == 1
    assert f"Port {port} on 127.0.0.1" in text and "TICKERLENS_EXPORTER_PORT" in text


def test_what_never_ends_or_never_stops_growing_is_given_up(address: str) -> None:
    half = b"GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\n"
    silent = [(beginning, b"") for beginning in (b"", b"GET /m", half, *[half + b"X: y"] * 50)]
    assert still_open(address, [*silent, (half + b"X: ", b"a"), (b"", b"\r\n")]) == []
    response = answer_to(address, (half, *[b"X: " + b"a" * 60_000 + b"\r\n"] * 90, b"\r\n"))
    assert not response.startswith(b"HTTP/1.0 200")
    assert fetch(address, "/metrics")[0] == 200


def test_prometheus_may_ask_for_the_newer_format(address: str) -> None:
    request = urllib.request.Request(
        f"{address}/metrics", headers={"Accept": "application/openmetrics-text;version=1.0.0"}
    )
    with urllib.request.urlopen(request, timeout=30) as got:
        assert got.headers["Content-Type"].startswith("application/openmetrics-text")
        assert got.headers["X-Content-Type-Options"] == "nosniff"
        newer = {
            (sample.name, tuple(sorted(sample.labels.items())))
            for family in openmetrics(got.read().decode())
            for sample in family.samples
        }
    older = text_string_to_metric_families(ask(address).text)
    assert newer == {
        (sample.name, tuple(sorted(sample.labels.items())))
        for family in older
        for sample in family.samples
    }
