"""What the Status page asks, a line a dependency. Nothing is opened before it is asked."""

import http.client
import re
from datetime import UTC, datetime
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from app.components.formats import counted
from app.launch import visible_host
from app.runs import Runs
from core import wiring
from core.errors import OfflineError
from core.market.yahoo import YahooSource
from core.registry.registry import ModelRegistry
from core.services.asked import asked
from core.services.status import (
    DEGRADED,
    LIMIT_SECONDS,
    NOT_SET_UP,
    UP,
    Answer,
    Dependency,
    Watch,
)
from core.settings import Settings, load_settings
from core.storage.bars import ParquetBars
from core.storage.cache import Cache
from core.storage.database import is_there, reach
from core.storage.incidents import record_incident

if TYPE_CHECKING:
    from core.storage.clickhouse import ClickHouseBars

_MOST_BYTES = 4 * 1024 * 1024
_UNREADABLE = re.compile(r'^tickerlens_facts_up\{facts="(\w+)"\} 0\.0$', re.MULTILINE)

_CHANGED = re.compile(r"^tickerlens_ledger_intact 0", re.MULTILINE)


@lru_cache(maxsize=1)
def watch() -> Watch:
    """The watch of this process, which remembers when each was last up."""
    settings = load_settings()
    return Watch(dependencies(settings), partial(record_incident, settings.home))


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

    @cached_property
    def _bars(self) -> ParquetBars:
        return wiring.open_bars(self._settings.bars_address, self._settings)

    @cached_property
    def _copy(self) -> "ClickHouseBars":
        copy = wiring.open_mirror(self._settings)
        if copy is None:
            raise OfflineError("No ClickHouse is set up.")
        return copy

    @cached_property
    def _cache(self) -> Cache:
        return wiring.open_cache(self._settings)

    @cached_property
    def _registry(self) -> ModelRegistry:
        return wiring.open_registry(self._settings)

    @cached_property
    def _runs(self) -> Runs:
        return Runs(wiring.open_scheduler(self._settings))

    def records(self) -> Answer:
        wiring.open_audit(self._settings).latest(1)
        return Answer(UP, "Keeps model versions, forecasts, decisions and whose they were.")

    def bars(self) -> Answer:
        return Answer(UP, f"Hold {counted(len(self._bars.tickers()), 'ticker')}.")

    def champion(self) -> Answer:
        now = self._registry.serving()
        if now is None:
            return Answer(NOT_SET_UP, "No model was trained yet, so nothing is forecast.")
        wrong = self._registry.warnings()
        if wrong:
            return Answer(DEGRADED, " ".join(wrong))
        model, own = now.model, self._registry.specialists()
        also = f" So do specialists of {', '.join(own)}." if own else ""
        return Answer(
            UP, f"Version {model.version}, {model.name}, serves from a verified file.{also}"
        )

    def scheduler(self) -> Answer:
        if self._runs.schedules():
            return Answer(UP, "Runs trainings, monitoring and the nightly work.")
        return Answer(DEGRADED, "It answers, but the flows are not there yet.")

    def mlflow(self) -> Answer:
        address = self._settings.mlflow_address
        if address.startswith("http"):
            _get(address, "/health")
            return Answer(UP, "Keeps every training with its parameters and losses.")
        if not is_there(address):
            gone = len(wiring.open_mlflow(self._settings).run_ids())
            if gone:
                return Answer(DEGRADED, f"Its database is gone with {counted(gone, 'run')}.")
            return Answer(NOT_SET_UP, "Nothing was recorded yet; the next training is.")
        reach(address)
        return Answer(UP, "Keeps every training; make mlflow opens its pages.")

    def exporter(self) -> Answer:
        address, host = self._settings.exporter_url, ""
        if not address:
            port = self._settings.exporter_port
            address, host = f"http://{self._listening()}:{port}", visible_host(self._settings)
        told = _get(address, "/metrics", host)
        if _CHANGED.search(told):
            which = "python -m flows ledger verify names the first row"
            return Answer(DEGRADED, f"It found that the ledger was changed: {which}.")
        unreadable = _UNREADABLE.findall(told)
        if unreadable:
            return Answer(DEGRADED, f"It cannot read these facts: {', '.join(unreadable)}.")
        return Answer(UP, "Tells Prometheus what is stored and how old it is.")

    def yahoo(self) -> Answer:
        standing = wiring.open_standing(self._settings).read()
        until = datetime.fromtimestamp(standing.rest_until, UTC)
        resting = ""
        if until > datetime.now(UTC):
            resting = f"Nobody asks it until {until:%H:%M} UTC: it {standing.what}."
        return asked(wiring.open_outcomes(self._settings), YahooSource.name, resting)

    def clickhouse(self) -> Answer:
        from core.services.mirror import waiting  # and with it ClickHouse's client

        late, count = len(waiting(self._bars, self._copy)), len(self._bars.tickers())
        if late:
            return Answer(DEGRADED, f"{late:,} of {counted(count, 'ticker')} wait to be copied.")
        return Answer(UP, f"Holds a copy of {counted(count, 'ticker')}.")

    def redis(self) -> Answer:
        self._cache.reach()
        return Answer(UP, "Keeps forecasts for a while, for every process.")

    def _listening(self) -> str:
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self._settings.host, self._settings.host)


def _get(address: str, path: str, host: str = "") -> str:
    """What is answered to a GET; a proxy of the environment is not for this."""
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=LIMIT_SECONDS)
    try:
        connection.request(
            "GET", parts.path.rstrip("/") + path, headers={"Host": host} if host else {}
        )
        answer = connection.getresponse()
        body = answer.read(_MOST_BYTES).decode("utf-8", "replace")
    except (OSError, http.client.HTTPException) as error:
        raise OfflineError("It does not answer.") from error
    finally:
        connection.close()
    if answer.status != http.client.OK:
        raise OfflineError(f"It answers with status {answer.status}.")
    return body
