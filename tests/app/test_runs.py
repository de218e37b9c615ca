"""The door to Prefect with a server that is busy for a moment, over a real socket."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.runs import Runs
from core.errors import OfflineError
from core.storage.access import Scheduler

Answering = Callable[[list[int]], Runs]


@pytest.fixture
def answering(tmp_path: Path) -> Iterator[Answering]:
    """A server that answers with these statuses in turn, then with the last one."""
    opened: list[tuple[HTTPServer, Runs]] = []

    def begin(statuses: list[int]) -> Runs:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(statuses.pop(0) if len(statuses) > 1 else statuses[0])
                self.end_headers()
                self.wfile.write(json.dumps([]).encode())

            def log_message(self, *arguments: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.05,)).start()
        url = f"http://127.0.0.1:{server.server_port}/api"
        opened.append((server, Runs(Scheduler(url, "a:b", tmp_path))))
        return opened[-1][1]

    yield begin
    for server, runs in opened:
        runs.close()
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("statuses", [[200], [503, 200], [503, 503, 200]])
def test_a_busy_moment_is_waited_out(answering: Answering, statuses: list[int]) -> None:
    assert answering(statuses).active() == []


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (503, r"^The scheduler \(Prefect\) answered with status 503.$"),
        (500, r"^The scheduler \(Prefect\) answered with status 500.$"),
        (401, r"^The scheduler \(Prefect\) refuses the password.$"),
    ],
)
def test_what_does_not_pass_is_one_sentence(answering: Answering, status: int, said: str) -> None:
    with pytest.raises(OfflineError, match=said):
        answering([status]).active()
