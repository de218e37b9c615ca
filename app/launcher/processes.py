"""What `make run` keeps alive beside the app, and what these processes are told."""

import sys
from dataclasses import dataclass
from urllib.parse import urlsplit

from core.foundation.access import Access
from core.foundation.settings import Settings

# The app comes first; what is slow to start must not slow down the person who looks at it.
_BEHIND = ("nice", "-n", "5")
# How uvicorn reads requests; the image and docker-compose.yml say the same.
HTTP = ("--http", "core.foundation.http_protocol:BoundedProtocol")


@dataclass(frozen=True)
class Process:
    """One process to keep alive: a name of letters, and its command line.

    `later` says that it is started when the app is up.
    """

    name: str
    command: tuple[str, ...]
    later: bool = False


def processes(settings: Settings) -> tuple[Process, ...]:
    """Everything `make run` keeps alive, the app first."""
    python = sys.executable
    address = ("--host", settings.host, "--port", str(settings.port))
    quiet = ("--no-server-header", "--no-access-log", "--timeout-graceful-shutdown", "3")
    app = Process("app", (python, "-m", "uvicorn", "app.server:app", *address, *HTTP, *quiet))
    exporter = Process("exporter", (*_BEHIND, python, "-m", "monitoring.exporter"), later=True)
    flows = Process("flows", (*_BEHIND, python, "-m", "flows", "serve"), later=True)
    if settings.prefect_url:
        return app, exporter, flows
    local = ("--host", "127.0.0.1", "--port", str(settings.prefect_port))
    server = (python, "-m", "prefect", "server", "start", *local)
    return app, Process("prefect", (*_BEHIND, *server), later=True), flows, exporter


def scheduler_environment(settings: Settings) -> dict[str, str]:
    """What the Prefect server started here reads beside what its clients do."""
    access = Access(settings.home)
    scheduler = access.scheduler(settings.prefect_address, settings.prefect_auth)
    parts = urlsplit(scheduler.url)
    return {
        **scheduler.environment(),
        "PREFECT_SERVER_API_AUTH_STRING": scheduler.auth,
        # Only Prefect's own pages may ask from a browser.
        "PREFECT_SERVER_CORS_ALLOWED_ORIGINS": f"{parts.scheme}://{parts.netloc}",
        "PREFECT_UI_STATIC_DIRECTORY": str(scheduler.folder / "ui"),
        # A run that waits for another of its flow looks again this soon; by default, after 30.
        "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "3",
        "PREFECT_CLI_PROMPT": "false",
    }
