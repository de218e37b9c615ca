"""Clients of a server, in a process of their own: each asks as soon as it is answered.

`python -m tests.benchmarks.http_client`; reads a `Question` as JSON, and prints `Waits`.
"""

import http.client
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from urllib.parse import urlsplit

import numpy as np

from tests.house.tree import ROOT

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Question:
    """Bodies to send to an address, each once, by so many clients at a time."""

    url: str
    bodies: list[str]
    clients: int


@dataclass(frozen=True)
class Waits:
    """How long all took, and each request, in seconds."""

    seconds: float
    each: list[float]


def ask(question: Question) -> Waits:
    """Send them from another process."""
    order = [sys.executable, "-m", "tests.benchmarks.http_client"]
    given = json.dumps(asdict(question))
    done = subprocess.run(order, cwd=ROOT, input=given, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    return Waits(**json.loads(done.stdout))


def _sent(question: Question) -> Waits:
    address = urlsplit(question.url)
    bodies, lock, each = iter(question.bodies), threading.Lock(), list[float]()

    def client(start: threading.Barrier) -> None:
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=120)
        connection.connect()
        start.wait()
        for body in _shared(bodies, lock):
            sent = time.perf_counter()
            connection.request("POST", address.path, body, JSON)
            response = connection.getresponse()
            text = response.read()
            each.append(time.perf_counter() - sent)
            if response.status != 200:
                raise RuntimeError(f"{response.status}: {text[:500]!r}")

    began = list[float]()  # when all have connected and the first of them is let go
    start = threading.Barrier(question.clients, lambda: began.append(time.perf_counter()))
    threads = [threading.Thread(target=client, args=(start,)) for _ in range(question.clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began[0]
    if len(each) < len(question.bodies):
        raise RuntimeError("a client gave up")
    return Waits(seconds, each)


def _shared(bodies: Iterator[str], lock: threading.Lock) -> Iterator[str]:
    while True:
        with lock:
            body = next(bodies, None)
        if body is None:
            return
        yield body


def share(waits: list[float], part: float) -> float:
    """The wait that this part of all do not exceed."""
    return float(np.quantile(waits, part))


if __name__ == "__main__":
    print(json.dumps(asdict(_sent(Question(**json.load(sys.stdin))))))
