"""How each thing that this program leans on is asked. Nothing is opened before it is asked."""

import http.client
import re
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.launcher.launch import visible_host
from app.state.prefect_client import Runs
from core.foundation.errors import OfflineError, RateLimitedError, SlowError
from core.foundation.health import LIMIT_SECONDS, HealthState, ProbeResult
from core.foundation.messages import Message
from core.foundation.settings import Settings
from core.foundation.sql.database import is_there, reach
from core.lifecycle.wanted_training import shortcomings
from core.market_data.records.source_health import source_health
from core.market_data.sources.rate_limit_store import SharedRateLimit
from core.market_data.sources.yahoo import YahooSource
from core.wiring import Workspace

if TYPE_CHECKING:
    from core.market_data.lake.clickhouse import ClickHouseBars

_MOST_BYTES = 4 * 1024 * 1024
_ANSWER_SECONDS = 0.8 * LIMIT_SECONDS  # so that what was found is told within the limit
_UNREADABLE = re.compile(r'^tickerlens_facts_up\{facts="(\w+)"\} 0\.0$', re.MULTILINE)
_CHANGED = re.compile(r"^tickerlens_ledger_intact 0", re.MULTILINE)


class Probes:
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
        return _up(
            Message(
                "probe.records",
                "Keeps model versions, forecasts, decisions and whose they were.",
            )
        )

    def bars(self) -> ProbeResult:
        count = len(self._workspace.bars.tickers())
        if count == 1:
            return _up(Message("probe.bars-of-one", "Hold 1 ticker."))
        return _up(Message("probe.bars", "Hold {count:,} tickers.", {"count": count}))

    def champion(self) -> ProbeResult:
        now = self._workspace.registry.serving()
        if now is None:
            nothing = Message(
                "probe.no-champion", "No model was trained yet, so nothing is forecast."
            )
            return ProbeResult(HealthState.NOT_SET_UP, nothing)
        wrong = shortcomings(self._workspace.registry, self._workspace.bars, self._workspace.outbox)
        if wrong:
            return ProbeResult(
                HealthState.DOWN if now.fallback else HealthState.DEGRADED,
                Message("probe.champion-warnings", "{warnings: }", {"warnings": wrong}),
            )
        model, own = now.model, list(self._workspace.registry.specialists())
        serves = {"version": model.version, "name": model.name}
        if own:
            return _up(
                Message(
                    "probe.champion-and-specialists",
                    "Version {version}, {name}, serves from a verified file. So do specialists of "
                    "{tickers}.",
                    {**serves, "tickers": own},
                )
            )
        return _up(
            Message(
                "probe.champion",
                "Version {version}, {name}, serves from a verified file.",
                serves,
            )
        )

    def scheduler(self) -> ProbeResult:
        if self._runs.schedules():
            return _up(
                Message("probe.scheduler", "Runs trainings, monitoring and the nightly work.")
            )
        return _degraded(Message("probe.no-flows", "It answers, but the flows are not there yet."))

    def mlflow(self) -> ProbeResult:
        address = self._settings.mlflow_address
        if address.startswith("http"):
            _get(address, "/health")
            return _up(
                Message(
                    "probe.mlflow-server", "Keeps every training with its parameters and losses."
                )
            )
        if not is_there(address):
            return self._without_mlflow()
        reach(address)
        return _up(
            Message("probe.mlflow-database", "Keeps every training; make mlflow opens its pages.")
        )

    def _without_mlflow(self) -> ProbeResult:
        gone = len(self._workspace.mlflow_mirror.run_ids())
        if not gone:
            nothing = Message(
                "probe.nothing-recorded", "Nothing was recorded yet; the next training is."
            )
            return ProbeResult(HealthState.NOT_SET_UP, nothing)
        if gone == 1:
            return _degraded(Message("probe.run-gone", "Its database is gone with 1 run."))
        return _degraded(
            Message("probe.runs-gone", "Its database is gone with {count:,} runs.", {"count": gone})
        )

    def exporter(self) -> ProbeResult:
        address, host = self._settings.exporter_url, ""
        if not address:
            port = self._settings.exporter_port
            address, host = f"http://{self._listening()}:{port}", visible_host(self._settings)
        metrics = _get(address, "/metrics", host)
        if _CHANGED.search(metrics):
            return _degraded(
                Message(
                    "probe.ledger-changed",
                    "It found that the ledger was changed: python -m flows ledger verify names "
                    "the first row.",
                )
            )
        unreadable = _UNREADABLE.findall(metrics)
        if unreadable:
            return _degraded(
                Message(
                    "probe.unreadable-facts",
                    "It cannot read these facts: {facts}.",
                    {"facts": unreadable},
                )
            )
        return _up(Message("probe.exporter", "Tells Prometheus what is stored and how old it is."))

    def yahoo(self) -> ProbeResult:
        return self._source(YahooSource.name, self._workspace.rate_limit)

    def exchanges(self) -> ProbeResult:
        return self._source(self._settings.tw_source, self._workspace.twse_rate_limit)

    def _source(self, name: str, limit: SharedRateLimit) -> ProbeResult:
        state = limit.read()
        until, rests = datetime.fromtimestamp(state.rest_until, UTC), None
        if until > datetime.now(UTC):
            rests = _rests(state.kind, f"{until:%H:%M}")
        return source_health(self._workspace.ingest_log, name, rests)

    def clickhouse(self) -> ProbeResult:
        from core.market_data.replicate import waiting  # and with it ClickHouse's client

        late = len(waiting(self._workspace.bars, self._copy))
        count = len(self._workspace.bars.tickers())
        if late:
            values = {"late": late, "count": count}
            return _degraded(
                Message(
                    "probe.copy-behind", "{late:,} of {count:,} tickers wait to be copied.", values
                )
            )
        if count == 1:
            return _up(Message("probe.copy-of-one", "Holds a copy of 1 ticker."))
        return _up(Message("probe.copy", "Holds a copy of {count:,} tickers.", {"count": count}))

    def redis(self) -> ProbeResult:
        self._workspace.cache.reach()
        return _up(Message("probe.cache", "Keeps forecasts for a while, for every process."))

    def _listening(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self._settings.host, self._settings.host)


def _up(message: Message) -> ProbeResult:
    return ProbeResult(HealthState.UP, message)


def _degraded(message: Message) -> ProbeResult:
    return ProbeResult(HealthState.DEGRADED, message)


def _rests(kind: str, until: str) -> Message:
    """Why nobody asks a source until an instant; `kind` is the error that opened the breaker."""
    if kind == RateLimitedError.__name__:
        return Message(
            "probe.rests-limited",
            "Nobody asks it until {until} UTC: it asks for fewer requests.",
            {"until": until},
        )
    return Message(
        "probe.rests-unreachable",
        "Nobody asks it until {until} UTC: it cannot be reached.",
        {"until": until},
    )


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
