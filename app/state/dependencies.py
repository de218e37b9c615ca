"""What the Status page asks, a line a dependency. Nothing is opened before it is asked."""

import http.client
import re
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.components.formats import counted
from app.launcher.launch import visible_host
from app.state.prefect_client import Runs
from core.foundation.errors import OfflineError, SlowError
from core.foundation.health import (
    LIMIT_SECONDS,
    Dependency,
    HealthChecker,
    HealthState,
    ProbeResult,
)
from core.foundation.incidents import record_incident
from core.foundation.settings import Settings, load_settings
from core.foundation.sql.database import is_there, reach
from core.lifecycle.wanted_training import shortcomings
from core.market_data.records.source_health import source_health
from core.market_data.sources.yahoo import YahooSource
from core.wiring import Workspace

if TYPE_CHECKING:
    from core.market_data.lake.clickhouse import ClickHouseBars

_MOST_BYTES = 4 * 1024 * 1024
_ANSWER_SECONDS = 0.8 * LIMIT_SECONDS  # so that what was found is told within the limit
_UNREADABLE = re.compile(r'^tickerlens_facts_up\{facts="(\w+)"\} 0\.0$', re.MULTILINE)

_CHANGED = re.compile(r"^tickerlens_ledger_intact 0", re.MULTILINE)


@lru_cache(maxsize=1)
def health_checker() -> HealthChecker:
    """The watch of this process, which remembers when each was last up."""
    settings = load_settings()
    return HealthChecker(dependencies(settings), partial(record_incident, settings.home))


def dependencies(settings: Settings) -> list[Dependency]:
    """Everything these settings lean on, what matters most first."""
    probes = _Probes(settings)
    found = [
        Dependency(
            "Records database",
            probes.records,
            "Until it is back nothing is shown or decided but this. Start the database, or "
            "correct TICKERLENS_RECORDS_URL.",
        ),
        Dependency(
            "Bars on S3" if settings.bars_address.startswith("s3://") else "Bars",
            probes.bars,
            "Until they are back there are no charts and no forecasts. See to the folder or the "
            "S3 server, or correct TICKERLENS_BARS_URL.",
        ),
        Dependency(
            "Champion",
            probes.champion,
            "History goes on. Promote a version that is sound, or train anew on Retrain.",
        ),
        Dependency(
            "Scheduler (Prefect)",
            probes.scheduler,
            "Charts and forecasts go on, schedules stand still. It "
            "starts up to a minute after the app; then look into prefect.log and flows.log.",
        ),
        Dependency(
            "Experiments (MLflow)",
            probes.mlflow,
            "Forecasts never wait for it; the next training or promotion records there what it "
            "lacks. "
            + (
                "Start it again, or correct TICKERLENS_MLFLOW_URL."
                if settings.mlflow_url
                else "Put mlflow.db back, or let it be made anew."
            ),
        ),
        Dependency(
            "Exporter",
            probes.exporter,
            "The pages go on. While it is down, Prometheus is blind to what is stored, and its "
            "alerts with it. Look into exporter.log.",
        ),
        Dependency(
            "Yahoo Finance",
            probes.yahoo,
            "What is stored is shown with its age, and the next ingest asks again.",
            remote=False,
        ),
    ]
    if settings.clickhouse_url:
        advice = (
            "Bars are read from the lake instead, more slowly and just as right. Start it, or "
            "correct TICKERLENS_CLICKHOUSE_URL; each ingest brings the copy up to date."
        )
        found.append(Dependency("ClickHouse", probes.clickhouse, advice))
    if settings.cache_url:
        advice = (
            "Forecasts are made anew instead of found, just as right. Start it, or correct "
            "TICKERLENS_CACHE_URL."
        )
        found.append(Dependency("Cache (Redis)", probes.redis, advice))
    return found


def links(settings: Settings) -> dict[str, str]:
    """Where a person's browser finds the pages of the programs beside this one, as far as known."""
    mlflow = settings.mlflow_url if settings.mlflow_url.startswith("http") else ""
    prefect = settings.prefect_address.removesuffix("/api")
    found = {
        "Prefect": settings.prefect_pages_url or prefect,
        "MLflow": settings.mlflow_pages_url or mlflow,
        "Grafana": settings.grafana_url,
    }
    # An address with a password in it is for this program alone.
    return {name: url for name, url in found.items() if url and "@" not in url}


class _Probes:
    """The questions, and the connections they keep between two of them."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._workspace = Workspace(settings)

    @cached_property
    def _copy(self) -> "ClickHouseBars":
        copy = self._workspace.replica
        if copy is None:
            raise OfflineError("clickhouse.not-set-up", "No ClickHouse is set up.")
        return copy

    @cached_property
    def _runs(self) -> Runs:
        return Runs(self._workspace.scheduler, _ANSWER_SECONDS)

    def records(self) -> ProbeResult:
        self._workspace.audit.latest(1)
        return ProbeResult(
            HealthState.UP, "Keeps model versions, forecasts, decisions and whose they were."
        )

    def bars(self) -> ProbeResult:
        return ProbeResult(
            HealthState.UP, f"Hold {counted(len(self._workspace.bars.tickers()), 'ticker')}."
        )

    def champion(self) -> ProbeResult:
        now = self._workspace.registry.serving()
        if now is None:
            return ProbeResult(
                HealthState.NOT_SET_UP, "No model was trained yet, so nothing is forecast."
            )
        wrong = shortcomings(self._workspace.registry, self._workspace.bars, self._workspace.outbox)
        if wrong:
            return ProbeResult(
                HealthState.DOWN if now.fallback else HealthState.DEGRADED,
                " ".join(map(str, wrong)),
            )
        model, own = now.model, self._workspace.registry.specialists()
        also = f" So do specialists of {', '.join(own)}." if own else ""
        return ProbeResult(
            HealthState.UP,
            f"Version {model.version}, {model.name}, serves from a verified file.{also}",
        )

    def scheduler(self) -> ProbeResult:
        if self._runs.schedules():
            return ProbeResult(HealthState.UP, "Runs trainings, monitoring and the nightly work.")
        return ProbeResult(HealthState.DEGRADED, "It answers, but the flows are not there yet.")

    def mlflow(self) -> ProbeResult:
        address = self._settings.mlflow_address
        if address.startswith("http"):
            _get(address, "/health")
            return ProbeResult(
                HealthState.UP, "Keeps every training with its parameters and losses."
            )
        if not is_there(address):
            gone = len(self._workspace.mlflow_mirror.run_ids())
            if gone:
                return ProbeResult(
                    HealthState.DEGRADED, f"Its database is gone with {counted(gone, 'run')}."
                )
            return ProbeResult(
                HealthState.NOT_SET_UP, "Nothing was recorded yet; the next training is."
            )
        reach(address)
        return ProbeResult(HealthState.UP, "Keeps every training; make mlflow opens its pages.")

    def exporter(self) -> ProbeResult:
        address, host = self._settings.exporter_url, ""
        if not address:
            port = self._settings.exporter_port
            address, host = f"http://{self._listening()}:{port}", visible_host(self._settings)
        metrics = _get(address, "/metrics", host)
        if _CHANGED.search(metrics):
            which = "python -m flows ledger verify names the first row"
            return ProbeResult(
                HealthState.DEGRADED, f"It found that the ledger was changed: {which}."
            )
        unreadable = _UNREADABLE.findall(metrics)
        if unreadable:
            return ProbeResult(
                HealthState.DEGRADED, f"It cannot read these facts: {', '.join(unreadable)}."
            )
        return ProbeResult(HealthState.UP, "Tells Prometheus what is stored and how old it is.")

    def yahoo(self) -> ProbeResult:
        state = self._workspace.rate_limit.read()
        until = datetime.fromtimestamp(state.rest_until, UTC)
        resting = ""
        if until > datetime.now(UTC):
            resting = f"Nobody asks it until {until:%H:%M} UTC: it {state.what}."
        return source_health(self._workspace.ingest_log, YahooSource.name, resting)

    def clickhouse(self) -> ProbeResult:
        from core.market_data.replicate import waiting  # and with it ClickHouse's client

        late = len(waiting(self._workspace.bars, self._copy))
        count = len(self._workspace.bars.tickers())
        if late:
            return ProbeResult(
                HealthState.DEGRADED, f"{late:,} of {counted(count, 'ticker')} wait to be copied."
            )
        return ProbeResult(HealthState.UP, f"Holds a copy of {counted(count, 'ticker')}.")

    def redis(self) -> ProbeResult:
        self._workspace.cache.reach()
        return ProbeResult(HealthState.UP, "Keeps forecasts for a while, for every process.")

    def _listening(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self._settings.host, self._settings.host)


def _get(address: str, path: str, host: str = "") -> str:
    """What is answered to a GET; a proxy of the environment is not for this.

    Raises
    ------
    SlowError : the connection was taken, and the answer is late.
    OfflineError : there is no connection, or the answer is another.
    """
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=_ANSWER_SECONDS)
    connected = False
    try:
        connection.connect()
        connected = True
        connection.request(
            "GET", parts.path.rstrip("/") + path, headers={"Host": host} if host else {}
        )
        response = connection.getresponse()
        body = response.read(_MOST_BYTES).decode("utf-8", "replace")
    except TimeoutError as error:
        if connected:
            raise SlowError(
                "dependency.slow",
                "It takes connections and has not answered yet: it starts, or is busy.",
            ) from error
        raise OfflineError("dependency.silent", "It does not answer.") from error
    except (OSError, http.client.HTTPException) as error:
        raise OfflineError("dependency.silent", "It does not answer.") from error
    finally:
        connection.close()
    if response.status != http.client.OK:
        raise OfflineError(
            "dependency.bad-status", "It answers with status {status}.", {"status": response.status}
        )
    return body
