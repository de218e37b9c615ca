"""POST /api/predict beside two ways in which a scikit-learn forest is often served.

Every server is a process of its own on loopback, is asked by clients in another process, and
answers one ticker at a time.
"""

import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest, train
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.wiring import Workspace
from tests.benchmarks.http_client import Question, ask, share
from tests.benchmarks.measure import Size
from tests.support.bars import walks
from tests.support.chromium import ROOT, served
from tests.support.ports import free_port

SESSIONS, CLIENTS = 640, (1, 8)
LOADER, SERVE = "forest loaded with each request", "mlflow models serve, the same forest"
NIGHT, ANEW = "ours, answers that the night made", "ours, made anew"
# Requests a second, in those of the peer.
LIMITS = {NIGHT: {LOADER: 20.0, SERVE: 4.0}, ANEW: {LOADER: 5.0}}
_QUICK_TICKERS, _FULL_TICKERS = 50, 500
_REQUESTS = 4_000
_PEER_REQUESTS, _ANEW_REQUESTS = 150, 100
_START_SECONDS = 120.0


@dataclass(frozen=True)
class Row:
    """What one server answered to so many clients at a time."""

    what: str
    clients: int
    count: int
    per_second: float
    p50_ms: float
    p99_ms: float

    def to_dict(self) -> dict[str, object]:
        """As JSON-able values."""
        return asdict(self)


def predictions(size: Size) -> Iterator[Row]:
    """Each server, asked by one client and by eight."""
    count = _QUICK_TICKERS if size.tickers < _FULL_TICKERS else _FULL_TICKERS
    with tempfile.TemporaryDirectory() as folder:
        yield from _peers(Path(folder))
        yield from _ours(Path(folder) / "home", count)


def table(rows: list[Row]) -> str:
    """The rows as plain text, and below them how ours stand to the peers'."""
    width = max(len(row.what) for row in rows)
    head = f"{'':{width}}  clients {'n':>6} {'a second':>9} {'p50 ms':>8} {'p99 ms':>8}"
    lines = [
        f"{one.what:{width}}  {one.clients:7} {one.count:6} {one.per_second:9.1f} "
        f"{one.p50_ms:8.1f} {one.p99_ms:8.1f}"
        for one in rows
    ]
    return "\n".join([head, *lines, *_verdicts(rows)])


def _verdicts(rows: list[Row]) -> Iterator[str]:
    found = {(one.what, one.clients): one for one in rows}
    for ours, limits in LIMITS.items():
        for peer, least in limits.items():
            for clients in CLIENTS:
                one, other = found.get((ours, clients)), found.get((peer, clients))
                if one is None or other is None:
                    continue
                times = one.per_second / other.per_second
                verdict = "ok" if times >= least else "MISSED"
                line = f"{ours}, {clients} clients: {times:.1f} times {peer} (at least {least:g}"
                if ours == NIGHT:
                    below = "ok" if one.p99_ms < other.p99_ms else "MISSED"
                    yield f"{line} {verdict}), p99 below it {below}"
                else:
                    yield f"{line} {verdict})"


def _ours(home: Path, count: int) -> Iterator[Row]:
    workspace = Workspace(Settings(home=home))
    _fill(workspace, count)
    names = [ticker.symbol for ticker in workspace.bars.tickers()]
    bodies = [json.dumps({"ticker": name}) for name in names]
    draw = random.Random(18)
    with served(home) as address:
        url = f"{address}/api/predict"
        ask(Question(url, bodies[:8], 8))  # what is imported and compiled once
        for clients in CLIENTS:
            waits = list[float]()
            seconds = 0.0
            while len(waits) < _ANEW_REQUESTS:
                _correct(workspace, Ticker(draw.choice(names)))  # no answer from before is right
                some = draw.sample(bodies, min(len(bodies), _ANEW_REQUESTS))
                found = ask(Question(url, some, clients))
                waits, seconds = waits + found.each, seconds + found.seconds
            yield _row(ANEW, clients, waits, seconds)
    _night(home)
    for clients in CLIENTS:  # each time a server that has answered nobody yet
        with served(home) as address:
            drawn = draw.choices(bodies, k=_REQUESTS)
            found = ask(Question(f"{address}/api/predict", drawn, clients))
            yield _row(NIGHT, clients, found.each, found.seconds)


def _fill(workspace: Workspace, count: int) -> None:
    now = datetime.now(UTC)
    last = SHIPPED["XNYS"].latest_closed(now)
    bars = walks(count, SESSIONS, volatility=0.012, end=f"{last:%Y-%m-%d}")
    days = SHIPPED["XNYS"].sessions
    days = days[days <= last][-SESSIONS:]
    workspace.bars.upsert(bars.assign(source="csv", session=np.tile(days, count)))
    model = train(workspace.bars, workspace.registry, TrainingRequest("bench", "to measure"), now)
    workspace.registry.promote(model.version, "bench", "to measure", now)


def _correct(workspace: Workspace, ticker: Ticker) -> None:
    last = workspace.bars.load([ticker], adjusted=False).tail(1)
    workspace.bars.upsert(last.assign(volume=last["volume"] + 1, ingested_at=datetime.now(UTC)))


def _night(home: Path) -> None:
    order = [sys.executable, "-m", "flows", "forecast"]
    own = {**os.environ, "TICKERLENS_HOME": str(home)}
    subprocess.run(order, cwd=ROOT, env=own, check=True, capture_output=True)


def _peers(folder: Path) -> Iterator[Row]:
    own = {"MLFLOW_TRACKING_URI": f"sqlite:///{folder / 'mlflow.db'}"}
    _register(folder, own)
    rows = np.random.default_rng(1).standard_normal((_PEER_REQUESTS, 20))
    bodies = [json.dumps({"inputs": [row.tolist()]}) for row in rows]
    uvicorn = ("uvicorn", "tests.benchmarks.peers.forest_server:app", "--port")
    serve = ("mlflow", "models", "serve", "-m", "models:/forest/1", "--env-manager", "local", "-p")
    kinds = ((LOADER, uvicorn, "/predict"), (SERVE, serve, "/invocations"))
    for what, order, path in kinds:
        with _running(folder, order, own) as address:
            ask(Question(f"{address}{path}", bodies[:8], 8))
            for clients in CLIENTS:
                found = ask(Question(f"{address}{path}", bodies, clients))
                yield _row(what, clients, found.each, found.seconds)


_REGISTER = """
import sys
import mlflow, numpy as np
from sklearn.ensemble import RandomForestRegressor
draw = np.random.default_rng(0)
inputs = draw.standard_normal((2000, 20))
forest = RandomForestRegressor(100, random_state=0).fit(inputs, inputs[:, 0] + inputs[:, 1])
with mlflow.start_run(experiment_id=mlflow.create_experiment("bench", sys.argv[1])):
    mlflow.sklearn.log_model(
        forest,
        name="forest",
        registered_model_name="forest",
        pip_requirements=["scikit-learn"],
        serialization_format="cloudpickle",
    )
"""


def _register(folder: Path, own: dict[str, str]) -> None:
    order = [sys.executable, "-c", _REGISTER, (folder / "artifacts").as_uri()]
    subprocess.run(order, cwd=folder, env={**os.environ, **own}, check=True)


@contextmanager
def _running(folder: Path, order: tuple[str, ...], own: dict[str, str]) -> Iterator[str]:
    port, log = free_port(), folder / "peer.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", *order, str(port)],
            cwd=ROOT,
            env={
                **os.environ,
                **own,
                "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
            },
            stdout=sink,
            stderr=sink,
            start_new_session=True,
        )
    try:
        _until_up(f"http://127.0.0.1:{port}/health", process, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


def _until_up(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the peer did not start:\n{log.read_text()[-3000:]}")


def _row(what: str, clients: int, waits: list[float], seconds: float) -> Row:
    p50, p99 = (1000.0 * share(waits, part) for part in (0.5, 0.99))
    return Row(what, clients, len(waits), len(waits) / seconds, p50, p99)
