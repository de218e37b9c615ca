"""The door to Prefect with a server that is busy for a moment, over a real socket."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from app.state.prefect_client import Runs, sentence
from core.foundation.access import Scheduler
from core.foundation.errors import OfflineError

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
    ("status", "expected"),
    [
        (503, r"^The scheduler \(Prefect\) answered with status 503.$"),
        (500, r"^The scheduler \(Prefect\) answered with status 500.$"),
        (401, r"^The scheduler \(Prefect\) refuses the password.$"),
    ],
)
def test_what_does_not_pass_is_one_sentence(
    answering: Answering, status: int, expected: str
) -> None:
    with pytest.raises(OfflineError, match=expected):
        answering([status]).active()


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Walk-forward: 3 of 10", "Walk-forward: 3 of 10"),
        ("two\nlines", "two lines"),
        (
            "Encountered exception during execution: KeyError('x')\n"
            "Traceback (most recent call last):\n  File \"a.py\", line 1, in f\nKeyError: 'x'",
            "Encountered exception during execution: KeyError('x')",
        ),
        ('Traceback (most recent call last):\n  File "a.py"\nOSError: gone\n', "OSError: gone"),
        (
            "Engine execution exited with unexpected exception\nTraceback (most recent call last):"
            "\n  ...\nprefect.exceptions.UnfinishedRun: Run is in CANCELLING state, its result is "
            "not available.",
            "It was cancelled before it began.",
        ),
        ("", ""),
    ],
)
def test_a_line_of_a_log_is_one_sentence(message: str, expected: str) -> None:
    assert sentence(message) == expected
