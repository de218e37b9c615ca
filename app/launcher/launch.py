"""One run of TickerLens: checks, start, announcement, watch, stop."""

import errno
import fcntl
import http.client
import json
import os
import secrets
import socket
import sys
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from app.launcher.processes import processes, scheduler_environment
from app.launcher.stopping import Stop
from app.launcher.supervisor import FATAL, State, Supervisor
from app.web.launch_identity import HEADER, PATH
from core.foundation.access import Access
from core.foundation.errors import BusyError, InvalidInputError
from core.foundation.home import open_home
from core.foundation.settings import Settings

QUIET = {
    "DO_NOT_TRACK": "1",
    "STREAMLIT_BROWSER_GATHER_USAGE_STATS": "false",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_CLIENT_METRICS_ENABLED": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
}
# Whose word uvicorn takes for the address and the scheme of a client: nobody's unless somebody
# says so. Its own default is any program of this machine.
PROXIES = {"FORWARDED_ALLOW_IPS": ""}
SCREENS = ("DISPLAY", "WAYLAND_DISPLAY")
SLOW_START_SECONDS = 60
EXPLAINED_SECONDS = 10  # an app that says what is wrong is up, and waiting changes little
RETRY_SECONDS = 60


@dataclass(frozen=True)
class Health:
    """The status of the app; `explained` if it gave a reason of its own for not being up.

    One that is up may be "degraded", with a `note` on what is wrong.
    """

    status: str
    explained: bool = False
    note: str = ""

    @property
    def up(self) -> bool:
        """Whether pages can be opened."""
        return self.status in ("ok", "degraded")


def say(text: str) -> None:
    """Print a line; a terminal that was closed is no reason to leave processes behind."""
    try:
        print(text, flush=True)
    except OSError:
        pass


def hold(home: Path) -> IO[str]:
    """The lock that lets one launcher at a time work on a home folder."""
    handle = (home / "run.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.seek(0)
        raise BusyError(
            "launch.already-running",
            "TickerLens is already running on {home} (process {process}); stop it with Ctrl-C "
            "there, or give this one another folder with TICKERLENS_HOME.",
            {"home": home, "process": handle.read().strip()},
        ) from None
    handle.truncate(0)
    handle.write(f"{os.getpid()}\n")
    handle.flush()
    return handle


def check_port(host: str, port: int, setting: str) -> None:
    """Refuse an address that cannot be listened on, naming the setting that moves it."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as error:
        if isinstance(error, socket.gaierror) or error.errno == errno.EADDRNOTAVAIL:
            raise InvalidInputError(
                "host.not-ours",
                "TICKERLENS_HOST is {host}, which is no address of this machine.",
                {"host": host},
            ) from None
        raise InvalidInputError(
            "port.taken",
            "Port {port} on {host} cannot be used ({reason}); choose another one with "
            "{setting}.",
            {"port": port, "host": host, "reason": error.strerror, "setting": setting},
        ) from None


def check_apart(settings: Settings) -> None:
    """Refuse one port for two processes, naming the setting to change."""
    taken = {settings.port: "TICKERLENS_PORT"}
    for name in ("exporter_port", "prefect_port"):
        setting, port = f"TICKERLENS_{name.upper()}", getattr(settings, name)
        if port in taken:
            raise InvalidInputError(
                "port.given-twice",
                "{setting} is {port}, as is {other}; choose another.",
                {"setting": setting, "port": port, "other": taken[port]},
            )
        taken[port] = setting


def visible_host(settings: Settings) -> str:
    """The host name to show: one that the app answers to and that leads to it from here."""
    listening = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(settings.host, settings.host)
    names = [name for name in settings.host_names if "*" not in name]
    return listening if listening in names or not names else names[0]


def health(settings: Settings, launch: str = "") -> Health:
    """What the app reports about itself, or why it does not.

    With a `launch`, only the app of that one counts: another may have been quicker at the port.
    """
    target = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    connection = http.client.HTTPConnection(target, settings.port, timeout=5)
    try:
        host = f"{visible_host(settings)}:{settings.port}"
        connection.request("GET", PATH, headers={"Host": host})
        got = connection.getresponse()
        body = json.loads(got.read(65536))
        if launch and got.headers[HEADER] != launch:
            other = f"port {settings.port} is taken by another program"
            return Health(f"{other}; choose another one with TICKERLENS_PORT", explained=True)
        if "detail" in body:
            return Health(str(body["detail"]), explained=True)
        return Health(str(body["status"]), note=str(body.get("note") or ""))
    except (OSError, http.client.HTTPException) as error:
        return Health(f"no answer ({type(error).__name__})")
    except (ValueError, TypeError, KeyError):
        return Health("an answer that is not a status")
    finally:
        connection.close()


def signin_link(settings: Settings) -> str:
    """A fresh link that makes one browser the developer."""
    key = Access(settings.home).new_link("developer")
    return f"http://{visible_host(settings)}:{settings.port}/api/signin?key={key}"


def announce(settings: Settings, has_screen: bool) -> None:
    """Say where the app is and how to get in."""
    access = Access(settings.home)
    address = f"http://{visible_host(settings)}:{settings.port}"
    say(f"TickerLens is ready at {address}")
    say(f"  sign in as developer, once: {signin_link(settings)}")
    say(f"  token for the API:          {access.ensure_token('developer')}")
    say("Ctrl-C stops everything.")
    if has_screen and sys.stdout.isatty():
        webbrowser.open(address)


def news(before: dict[str, State], now: dict[str, State]) -> list[tuple[str, str]]:
    """What happened to which process between two looks: `ended` or `given up`."""
    found = []
    for name, state in now.items():
        last = before.get(name)
        if state.name == FATAL and (last is None or last.name != FATAL):
            found.append((name, "given up"))
        elif last is not None and last.pid and state.pid != last.pid:
            found.append((name, "ended"))
    return found


def supervise(
    settings: Settings, supervisor: Supervisor, stop: Stop, has_screen: bool, launch: str
) -> int:
    """Wait for the app, announce it, then report what happens until told to stop."""
    ready, warned, started, retry = False, False, time.monotonic(), 0.0
    seen: dict[str, State] = {}
    terminal = os.isatty(1)
    while not stop.wait(0.5):
        if terminal and not os.isatty(1):
            return 0  # the window was closed, and nobody passed the signal on
        if supervisor.died():
            say("supervisord ended unexpectedly, so everything is stopped.")
            say(supervisor.log_tail("startup"))
            return 1
        now = supervisor.states() or seen
        for name, what in news(seen, now):
            if what == "ended":
                say(f"{name} ended unexpectedly and is started again.")
                continue
            say(f"{name} keeps failing; the end of {settings.home / 'logs' / name}.log:")
            say(supervisor.log_tail(name))
            if name == "app" and not ready:
                return 1
            retry = time.monotonic() + RETRY_SECONDS
        seen = now
        if retry and time.monotonic() > retry:
            retry = 0.0
            for name in (name for name, state in now.items() if state.name == FATAL):
                supervisor.start_again(name)
        if not ready:
            found = health(settings, launch)
            ready = found.up
            limit = EXPLAINED_SECONDS if found.explained else SLOW_START_SECONDS
            if ready:
                announce(settings, has_screen)
                if found.note:
                    say(found.note)
                supervisor.start_later()
            elif not warned and time.monotonic() - started > limit:
                warned = True
                reason = found.status.rstrip(".")
                say(f"Still waiting for the app: {reason}. Its log is {settings.home}/logs/app.log")
    return 0


def run(settings: Settings, environment: Mapping[str, str], stop: Stop) -> int:
    """Start everything with this environment, and end everything when `stop` is set."""
    open_home(settings.home)
    with hold(settings.home):
        supervisor = Supervisor(settings.home)
        if supervisor.stop():
            say("Ended the processes that an earlier run had left behind.")
        check_apart(settings)
        check_port(settings.host, settings.port, "TICKERLENS_PORT")
        check_port(settings.host, settings.exporter_port, "TICKERLENS_EXPORTER_PORT")
        if not settings.prefect_url:
            check_port("127.0.0.1", settings.prefect_port, "TICKERLENS_PREFECT_PORT")
        say(f"Starting TickerLens; everything it stores is under {settings.home}")
        launch = secrets.token_hex(8)  # by which the app that answers is known as this one's
        own = {"TICKERLENS_HOME": str(settings.home), **scheduler_environment(settings)}
        own["LAUNCH_ID"] = launch
        supervisor.start(processes(settings), {**PROXIES, **environment, **QUIET, **own})
        try:
            has_screen = sys.platform == "darwin" or any(map(environment.get, SCREENS))
            return supervise(settings, supervisor, stop, has_screen, launch)
        finally:
            supervisor.stop()
            say("Stopped.")
