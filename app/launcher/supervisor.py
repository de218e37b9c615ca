"""The processes of `make run`: supervisord keeps them alive, this module starts and ends it.

Paths never appear in supervisord's configuration, whose syntax gives a meaning to spaces, quotes,
`%`, `;` and `#`: relative names are resolved in the home folder, everything else arrives through
environment variables, which supervisord does not interpret.
"""

import hashlib
import http.client
import os
import re
import shlex
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from xml.parsers.expat import ExpatError

from app.launcher.processes import Process
from core.foundation.errors import StorageError

ROOT = Path(__file__).resolve().parents[2]
CONFIG = "supervisord.conf"
LONGEST_SOCKET = 100  # bytes of a socket path that every system takes
STOP_SECONDS = 5  # what a process gets to end by itself; the promise for all of them is 10
FATAL = "FATAL"

_HEAD = """[supervisord]
nodaemon = true
identifier = tickerlens
pidfile = supervisord.pid
silent = true
logfile = logs/supervisord.log
logfile_maxbytes = 2MB
logfile_backups = 2

[unix_http_server]
file = %(ENV_LAUNCH_SOCKET)s
chmod = 0600

[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
"""

_PROGRAM = """
[program:{name}]
command = %(ENV_LAUNCH_{upper})s
directory = %(ENV_LAUNCH_ROOT)s
autostart = {autostart}
autorestart = true
umask = 077
startsecs = 10
startretries = 3
stopwaitsecs = {stop_seconds}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile = logs/{name}.log
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 3
"""


@dataclass(frozen=True)
class State:
    """What supervisord says about a process; `pid` is 0 while it does not run."""

    name: str
    pid: int


def render(wanted: Iterable[Process]) -> str:
    """The configuration file for these processes."""
    programs = (
        _PROGRAM.format(
            name=one.name,
            upper=one.name.upper(),
            autostart="false" if one.later else "true",
            stop_seconds=STOP_SECONDS,
        )
        for one in wanted
    )
    return _HEAD + "".join(programs)


def socket_path(home: Path) -> Path:
    """Where supervisord of this home listens; outside home if the path would be too long."""
    inside = home / "supervisor.sock"
    if len(os.fsencode(inside)) <= LONGEST_SOCKET:
        return inside
    name = hashlib.sha256(os.fsencode(home)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"tickerlens-{os.getuid()}-{name}"
    with suppress(FileExistsError):
        folder.mkdir(mode=0o700)
    found = folder.lstat()
    # The name can be guessed, so somebody else may have made it first.
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise StorageError(
            "launch.open-folder",
            "{folder} must be a folder that only you can open; remove it.",
            {"folder": folder},
        )
    return folder / "supervisor.sock"


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(2)
        self.sock.connect(str(self._path))


class _Transport(xmlrpc.client.Transport):
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path

    def make_connection(self, host: object) -> http.client.HTTPConnection:
        self._connection = ("", _Connection(self._path))  # where close() looks for it
        return self._connection[1]


class Supervisor:
    """supervisord of one home folder, started here or by an earlier run."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._socket = socket_path(home)
        self._child: subprocess.Popen[bytes] | None = None
        self._known: dict[str, State] = {}
        self._later: list[str] = []

    def start(self, wanted: tuple[Process, ...], environment: Mapping[str, str]) -> None:
        """Start supervisord and through it the processes, with this environment."""
        self._socket = socket_path(self._home)  # again: an earlier run's may just have been removed
        (self._home / "logs").mkdir(mode=0o700, exist_ok=True)
        (self._home / CONFIG).write_text(render(wanted))
        self._later = [one.name for one in wanted if one.later]
        launch = {f"LAUNCH_{one.name.upper()}": shlex.join(one.command) for one in wanted}
        launch |= {"LAUNCH_SOCKET": str(self._socket), "LAUNCH_ROOT": str(ROOT)}
        with (self._home / "logs" / "startup.log").open("wb") as output:
            self._child = subprocess.Popen(
                [sys.executable, "-P", "-m", "supervisor.supervisord", "-c", CONFIG],
                cwd=self._home,
                env={**environment, **launch},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                umask=0o077,  # supervisord's own setting counts only where it leaves its terminal
                start_new_session=True,  # Ctrl-C reaches the launcher alone, which ends the rest
            )

    def died(self) -> bool:
        """Whether the supervisord started here is gone."""
        return self._child is not None and self._child.poll() is not None

    def states(self) -> dict[str, State] | None:
        """Each process by name, or None while supervisord does not answer."""
        reply = self._ask("getAllProcessInfo")
        if not isinstance(reply, list):
            return None
        self._known = {
            one["name"]: State(one["statename"], one["pid"] if one["pid"] else 0) for one in reply
        }
        return dict(self._known)

    def start_later(self) -> None:
        """Start the processes that were to wait."""
        for name in self._later:
            self.start_again(name)
            self.states()  # whoever must end it without supervisord knows it

    def start_again(self, name: str) -> None:
        """Start a process that does not run."""
        self._ask("startProcess", name, False)

    def stop(self) -> bool:
        """End all processes and supervisord, within 10 seconds; False if nothing was running."""
        states = self.states()
        if states is None and self._child is None:
            return False
        # All at once first: supervisord by itself would wait for one after the other.
        self._ask("stopAllProcesses", False)
        self._ask("shutdown")
        if self._child is not None and not self.died():
            self._child.terminate()  # says the same, also to one that no longer answers
        deadline = time.monotonic() + STOP_SECONDS + 3
        while time.monotonic() < deadline and not self._gone():
            time.sleep(0.1)
        self.kill()
        if self._socket.parent != self._home:
            with suppress(OSError):
                self._socket.parent.rmdir()
        return True

    def kill(self) -> None:
        """End what still runs, also if supervisord is gone and cannot do it."""
        if self._child is not None and self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        groups = [state.pid for state in self._known.values() if state.pid]
        for kind, seconds in ((signal.SIGTERM, 1.5), (signal.SIGKILL, 1.0)):
            groups = [group for group in groups if _signal_group(group, kind)]
            deadline = time.monotonic() + seconds
            while time.monotonic() < deadline and any(_signal_group(one, 0) for one in groups):
                time.sleep(0.05)
        self._known = {}

    def log_tail(self, name: str, lines: int = 12) -> str:
        """The last lines of a process's log."""
        try:
            text = (self._home / "logs" / f"{name}.log").read_text(errors="replace")
        except OSError:
            return ""
        plain = re.sub(r"\x1b\[[0-9;]*m|[^\n\t -~\u00a0-\U0010ffff]", "", text)
        return "\n".join(plain.splitlines()[-lines:])

    def _gone(self) -> bool:
        return self.states() is None and (self._child is None or self.died())

    def _ask(self, method: str, *arguments: object) -> object:
        proxy = xmlrpc.client.ServerProxy("http://localhost", transport=_Transport(self._socket))
        try:
            return getattr(proxy.supervisor, method)(*arguments)
        except (OSError, xmlrpc.client.Error, http.client.HTTPException, ExpatError):
            return None  # an answer that was cut off is none
        finally:
            proxy("close")()


def _signal_group(group: int, kind: int) -> bool:
    """Send a signal to a process group; whether there was one to receive it."""
    try:
        os.killpg(group, kind)
    except (ProcessLookupError, PermissionError):
        return False
    return True
