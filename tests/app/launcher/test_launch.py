"""What the launcher makes of the answer of the app, over a real socket."""

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from app.launcher.launch import Health, health
from app.web.launch_identity import HEADER
from core.foundation.settings import Settings

Answering = Callable[[bytes], Settings]


@pytest.fixture
def answering() -> Iterator[Answering]:
    """Serves one body to whoever asks; gives the settings that lead there."""
    servers: list[HTTPServer] = []

    def begin(body: bytes) -> Settings:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(503)
                self.send_header(HEADER, "this")
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments: object) -> None:
                pass

        servers.append(HTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.05,)).start()
        return Settings(host="127.0.0.1", port=servers[-1].server_port)

    yield begin
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"status": "ok"}', Health("ok")),
        (b'{"status": "degraded", "note": "Hm."}', Health("degraded", note="Hm.")),
        (b'{"detail": "It is broken.", "status": 503}', Health("It is broken.", explained=True)),
        (b'"detail"', Health("an answer that is not a status")),
        (b"[]", Health("an answer that is not a status")),
        (b"7", Health("an answer that is not a status")),
        (b"<html>", Health("an answer that is not a status")),
        (b"\xff", Health("an answer that is not a status")),
    ],
)
def test_the_reason_is_the_app_s_own(body: bytes, expected: Health, answering: Answering) -> None:
    assert health(answering(body)) == expected


def test_nobody_listening_is_no_answer() -> None:
    settings = Settings(host="127.0.0.1", port=1)
    assert health(settings) == Health("no answer (ConnectionRefusedError)")


@pytest.mark.parametrize(
    ("body", "own"),
    [
        (b'{"status": "ok"}', Health("ok")),
        (b'{"detail": "It is broken.", "status": 503}', Health("It is broken.", explained=True)),
    ],
)
def test_only_the_app_of_this_launch_counts(body: bytes, own: Health, answering: Answering) -> None:
    settings = answering(body)
    assert health(settings, "this") == own
    other = health(settings, "another")
    assert other.explained and other.status.startswith(f"port {settings.port} is taken by another")
