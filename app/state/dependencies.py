"""What the Status page asks, a line a dependency, and what to do where one is down."""

from functools import lru_cache, partial

from app.state.probes import Probes
from core.foundation.health import Dependency, HealthChecker
from core.foundation.incidents import record_incident
from core.foundation.messages import Message
from core.foundation.settings import Settings, load_settings
from core.reference.bar_sources import BarSource


@lru_cache(maxsize=1)
def health_checker() -> HealthChecker:
    """The watch of this process, which remembers when each was last up."""
    settings = load_settings()
    return HealthChecker(dependencies(settings), partial(record_incident, settings.home))


def dependencies(settings: Settings) -> list[Dependency]:
    """Everything these settings lean on, what matters most first."""
    probes = Probes(settings)
    found = [
        Dependency(
            "Records database",
            probes.records,
            Message(
                "advice.records",
                "Until it is back nothing is shown or decided but this. Start the database, or "
                "correct TICKERLENS_RECORDS_URL.",
            ),
        ),
        Dependency(
            "Bars on S3" if settings.bars_address.startswith("s3://") else "Bars",
            probes.bars,
            Message(
                "advice.bars",
                "Until they are back there are no charts and no forecasts. See to the folder or "
                "the S3 server, or correct TICKERLENS_BARS_URL.",
            ),
        ),
        Dependency(
            "Champion",
            probes.champion,
            Message(
                "advice.champion",
                "History goes on. Promote a version that is sound, or train anew on Retrain.",
            ),
        ),
        Dependency(
            "Scheduler (Prefect)",
            probes.scheduler,
            Message(
                "advice.scheduler",
                "Charts and forecasts go on, schedules stand still. It starts up to a minute "
                "after the app; then look into prefect.log and flows.log.",
            ),
        ),
        Dependency("Experiments (MLflow)", probes.mlflow, _mlflow_advice(settings)),
        Dependency(
            "Exporter",
            probes.exporter,
            Message(
                "advice.exporter",
                "The pages go on. While it is down, Prometheus is blind to what is stored, and "
                "its alerts with it. Look into exporter.log.",
            ),
        ),
        Dependency(
            "Yahoo Finance",
            probes.yahoo,
            Message(
                "advice.yahoo",
                "What is stored is shown with its age, and the next ingest asks again.",
            ),
            remote=False,
        ),
    ]
    if settings.tw_source != BarSource.YAHOO.value:
        advice = Message(
            "advice.exchanges",
            "What is stored of Taiwan is shown with its age, and the next ingest asks again. Where "
            "they refuse, set TICKERLENS_TW_SOURCE to yahoo.",
        )
        found.append(Dependency("TWSE and TPEx", probes.exchanges, advice, remote=False))
    if settings.clickhouse_url:
        advice = Message(
            "advice.clickhouse",
            "Bars are read from the lake instead, more slowly and just as right. Start it, or "
            "correct TICKERLENS_CLICKHOUSE_URL; each ingest brings the copy up to date.",
        )
        found.append(Dependency("ClickHouse", probes.clickhouse, advice))
    if settings.cache_url:
        advice = Message(
            "advice.cache",
            "Forecasts are made anew instead of found, just as right. Start it, or correct "
            "TICKERLENS_CACHE_URL.",
        )
        found.append(Dependency("Cache (Redis)", probes.redis, advice))
    return found


def _mlflow_advice(settings: Settings) -> Message:
    if settings.mlflow_url:
        return Message(
            "advice.mlflow-server",
            "Forecasts never wait for it; the next training or promotion records there what it "
            "lacks. Start it again, or correct TICKERLENS_MLFLOW_URL.",
        )
    return Message(
        "advice.mlflow-database",
        "Forecasts never wait for it; the next training or promotion records there what it "
        "lacks. Put mlflow.db back, or let it be made anew.",
    )


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
