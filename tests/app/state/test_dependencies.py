"""What Status asks, against real servers that are there, half there, or gone."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from app.state.dependencies import dependencies, links
from app.views.status.dependencies import sentence as shown
from core.foundation.errors import RateLimitedError, UnavailableError
from core.foundation.health import HealthChecker, HealthState, Status
from core.foundation.settings import Settings
from core.market_data.records.ingest_log import IngestAttempt, IngestOutcome
from core.market_data.replicate import mirror
from core.wiring import Workspace
from tests.support.bars import walks
from tests.support.clickhouse.server import clickhouse
from tests.support.homes import AT
from tests.support.ports import free_port
from tests.support.redis_server import redis_url

PATIENT = 60.0  # seconds: other tests run beside


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path, prefect_port=9, exporter_port=9)


def look(settings: Settings, name: str) -> Status:
    wanted = [one for one in dependencies(settings) if one.name == name]
    assert len(wanted) == 1
    return HealthChecker(wanted, str, PATIENT).look()[0]


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """A server that gives one answer; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *arguments: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "state", "expected"),
    [
        (200, 'tickerlens_facts_up{facts="bars"} 1.0\n', HealthState.UP, "Tells Prometheus"),
        (
            200,
            'tickerlens_facts_up{facts="bars"} 0.0\n',
            HealthState.DEGRADED,
            "cannot read these facts: bars",
        ),
        (200, "tickerlens_ledger_intact 1.0\n", HealthState.UP, "Tells Prometheus"),
        (
            200,
            "tickerlens_ledger_intact 0.0\n",
            HealthState.DEGRADED,
            "It found that the ledger was changed",
        ),
        (400, "Invalid host header", HealthState.DOWN, "answers with status 400"),
    ],
)
def test_the_exporter(
    settings: Settings, status: int, body: str, state: str, expected: str
) -> None:
    with answering(status, body) as address:
        found = look(settings.model_copy(update={"exporter_url": address}), "Exporter")
    assert found.state == state and expected in str(found.sentence)
    assert str(look(settings, "Exporter").sentence).startswith("It does not answer.")


@pytest.mark.parametrize(
    ("setting", "name", "expected"),
    [
        ("exporter_url", "Exporter", "It takes connections and has not answered yet: it starts,"),
        ("mlflow_url", "Experiments (MLflow)", "It takes connections and has not answered yet"),
        ("prefect_url", "Scheduler (Prefect)", "The scheduler (Prefect) is slow to answer;"),
    ],
)
def test_who_takes_the_connection_and_answers_late_is_slow_and_not_down(
    settings: Settings, setting: str, name: str, expected: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = {setting: f"http://127.0.0.1:{server.getsockname()[1]}"}
        wanted = [
            one for one in dependencies(settings.model_copy(update=there)) if one.name == name
        ]
        (found,) = HealthChecker(wanted, str).look()
    assert found.state == HealthState.SLOW and found.last_success is None
    assert str(found.sentence).startswith(expected)
    assert shown([found]) == f"{name} is slow."


def test_mlflow_is_a_server_or_a_database(settings: Settings, tmp_path: Path) -> None:
    name = "Experiments (MLflow)"
    assert look(settings, name).state == HealthState.NOT_SET_UP
    assert not (tmp_path / "mlflow.db").exists()  # looking makes nothing
    (tmp_path / "mlflow.db").write_bytes(b"this is no database, and long enough to be told so " * 9)
    assert look(settings, name).state == HealthState.DOWN
    with answering(200, "OK") as address:
        assert (
            look(settings.model_copy(update={"mlflow_url": address}), name).state == HealthState.UP
        )
    found = look(settings.model_copy(update={"mlflow_url": address}), name)
    assert found.state == HealthState.DOWN and "It does not answer." in str(found.sentence)


def test_records_that_are_gone_are_told_without_their_password(settings: Settings) -> None:
    url = f"postgresql://ann:secret@127.0.0.1:{free_port()}/records"
    found = look(settings.model_copy(update={"records_url": url}), "Records database")
    assert found.state == HealthState.DOWN and "secret" not in str(found.sentence)


def test_yahoo_rests_until_an_instant_and_is_never_asked(settings: Settings) -> None:
    assert look(settings, "Yahoo Finance").state == HealthState.NOT_SET_UP
    Workspace(settings).ingest_log.add([IngestAttempt(AT, "A", "yahoo", IngestOutcome.OK)])
    assert look(settings, "Yahoo Finance").state == HealthState.UP
    far = 4_102_444_800.0  # 2100-01-01 00:00 UTC
    kind = RateLimitedError.__name__
    Workspace(settings).rate_limit.change(lambda one: replace(one, rest_until=far, kind=kind))
    found = look(settings, "Yahoo Finance")
    assert found.state == HealthState.DEGRADED and found.last_success == AT
    expected = "Nobody asks it until 00:00 UTC: it asks for fewer requests."
    assert str(found.sentence).startswith(expected) and found.seconds is None
    Workspace(settings).rate_limit.change(lambda one: replace(one, kind=UnavailableError.__name__))
    unreachable = str(look(settings, "Yahoo Finance").sentence)
    assert unreachable.startswith("Nobody asks it until 00:00 UTC: it cannot be reached.")


def test_the_exchanges_are_a_line_where_taiwan_comes_from_them(settings: Settings) -> None:
    assert "TWSE and TPEx" not in [one.name for one in dependencies(settings)]
    for source in ("twse", "both"):
        chosen = settings.model_copy(update={"tw_source": source})
        assert look(chosen, "TWSE and TPEx").state == HealthState.NOT_SET_UP
        Workspace(chosen).ingest_log.add([IngestAttempt(AT, "A", source, IngestOutcome.OK)])
        assert look(chosen, "TWSE and TPEx").state == HealthState.UP
    far = 4_102_444_800.0  # 2100-01-01 00:00 UTC
    limit, kind = Workspace(chosen).twse_rate_limit, RateLimitedError.__name__
    limit.change(lambda one: replace(one, rest_until=far, kind=kind))
    found = look(chosen, "TWSE and TPEx")
    assert found.state == HealthState.DEGRADED
    assert str(found.sentence).startswith("Nobody asks it until 00:00 UTC: it asks for fewer")
    assert look(chosen, "Yahoo Finance").state == HealthState.NOT_SET_UP


def test_a_cache_in_redis_is_asked_only_where_there_is_one(settings: Settings) -> None:
    assert "Cache (Redis)" not in [one.name for one in dependencies(settings)]
    there = settings.model_copy(update={"cache_url": redis_url()})
    assert look(there, "Cache (Redis)").state == HealthState.UP
    gone = settings.model_copy(update={"cache_url": f"redis://:secret@127.0.0.1:{free_port()}/0"})
    found = look(gone, "Cache (Redis)")
    assert found.state == HealthState.DOWN and "secret" not in str(found.sentence)


def test_a_copy_in_clickhouse_is_up_to_date_or_not(settings: Settings, tmp_path: Path) -> None:
    assert "ClickHouse" not in [one.name for one in dependencies(settings)]
    bars = Workspace(settings).bars
    bars.upsert(walks(2, 30))
    with clickhouse(tmp_path / "clickhouse") as server:
        there = settings.model_copy(update={"clickhouse_url": server.url})
        copy = Workspace(there).replica
        assert copy is not None
        assert not mirror(bars, copy, tmp_path / "lock").warning
        assert str(look(there, "ClickHouse").sentence) == "Holds a copy of 2 tickers."
        bars.upsert(walks(3, 30))
        late = look(there, "ClickHouse")
        assert late.state == HealthState.DEGRADED and str(late.sentence).startswith(
            "1 of 3 tickers wait"
        )
        server.end()
        assert look(there, "ClickHouse").state == HealthState.DOWN


def test_links_lead_to_what_is_known_and_show_no_password(settings: Settings) -> None:
    assert links(settings) == {"Prefect": "http://127.0.0.1:9"}
    more = {
        "mlflow_url": "http://ann:secret@mlflow:5000",
        "grafana_url": "http://127.0.0.1:3000",
        "prefect_url": "http://prefect:4200/api",
        "prefect_pages_url": "http://127.0.0.1:4200",
    }
    assert links(settings.model_copy(update=more)) == {
        "Prefect": "http://127.0.0.1:4200",
        "Grafana": "http://127.0.0.1:3000",
    }
