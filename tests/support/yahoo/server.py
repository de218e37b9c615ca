"""A Yahoo that listens on loopback, with the bars it is given and the moods it is told."""

import json
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qs, unquote, urlsplit

import pandas as pd

from tests.support.yahoo import bodies

Mood = Literal[
    "too many", "unavailable", "truncated", "cut off", "garbage", "stall", "empty", "not found"
]
_CHART = "/v8/finance/chart/"
_RANGES = {"1d": 1, "5d": 5, "1mo": 22, "1y": 252}
_DOWN = "<!DOCTYPE html><html><body><h1>Will be right back...</h1></body></html>"
_STALL_SECONDS = 60.0


class FakeYahoo:
    """Answers as Yahoo does.

    Parameters
    ----------
    frames : raw bars by ticker (the `bars` contract); may be replaced while it runs.

    Attributes
    ----------
    moods : what goes wrong, by ticker, or for all tickers under "".
    replays : (status, text) sent instead of a chart, by ticker.
    together : how many charts must be asked for at once before any is answered.
    live, nan_last : tickers whose last session goes on, or has no prices.
    requests : every path asked for, in order.
    """

    def __init__(self, frames: dict[str, pd.DataFrame] | None = None, port: int = 0) -> None:
        self.frames = dict(frames or {})
        self.moods: dict[str, Mood] = {}
        self.replays: dict[str, tuple[int, str]] = {}
        self.live: set[str] = set()
        self.nan_last: set[str] = set()
        self.requests: list[str] = []
        self.together: threading.Barrier | None = None
        self._times: dict[str, int] = defaultdict(int)
        self._recover: dict[str, int] = {}
        self._stop = threading.Event()
        self._healed = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def fail(self, mood: Mood, ticker: str = "", times: int = 0) -> None:
        """Misbehave for a ticker, or for all; only for the first `times` charts unless 0."""
        self._healed.clear()
        self.moods[ticker] = mood
        self._recover[ticker] = times
        self._times[ticker] = 0

    def heal(self) -> None:
        """Behave again, also to those that wait."""
        self.moods.clear()
        self._healed.set()

    def charts(self, ticker: str) -> int:
        """How many charts of a ticker were asked for."""
        return sum(path == _CHART + ticker for path in self.requests)

    def serve(self) -> None:
        """Answer until `stop`."""
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Let go of whoever waits, and close."""
        self._stop.set()
        self._healed.set()
        self._server.shutdown()
        self._server.server_close()

    def respond(self, address: str) -> tuple[int, str, str] | None:
        """Status, kind and text for a path with its query; None leaves the line dead."""
        parts = urlsplit(address)
        path, query = unquote(parts.path), parse_qs(parts.query)
        self.requests.append(path)
        if path == "/":
            return 404, "text/html", "<html></html>"  # it is the cookie that counts
        if path == "/v1/test/getcrumb":
            return 200, "text/plain", "crumb"
        if not path.startswith(_CHART):
            return 404, "application/json", json.dumps(bodies.refused("Not Found", "No such page"))
        ticker = path.removeprefix(_CHART)
        if self.together is not None:
            self.together.wait()
        mood = self._mood(ticker)
        if mood == "too many":
            return 429, "text/plain", "Too Many Requests\r\n"
        if mood == "unavailable":
            return 502, "text/html", _DOWN
        if mood == "garbage":
            return 200, "text/html", _DOWN
        if mood == "stall":
            self._healed.wait(_STALL_SECONDS)
            if self._stop.is_set() or not self._healed.is_set():
                return None
        status, text = self._chart(ticker, query, mood)
        if mood == "truncated":
            text = text[: len(text) // 2]
        return status, "application/json", text

    def cuts(self, address: str) -> bool:
        """Whether the line breaks in the middle of this answer."""
        ticker = unquote(urlsplit(address).path).removeprefix(_CHART)
        return "cut off" in (self.moods.get(ticker), self.moods.get(""))

    def _mood(self, ticker: str) -> Mood | None:
        key = ticker if ticker in self.moods else ""
        self._times[key] += 1
        if 0 < self._recover.get(key, 0) < self._times[key]:
            return None
        return self.moods.get(key)

    def _chart(
        self, ticker: str, query: dict[str, list[str]], mood: Mood | None
    ) -> tuple[int, str]:
        if ticker in self.replays:
            return self.replays[ticker]
        bars = self.frames.get(ticker)
        if bars is None or mood == "not found":
            body = bodies.refused("Not Found", "No data found, symbol may be delisted")
            return 404, json.dumps(body)
        first, last = 0, int(time.time())
        if "period1" in query:
            first, last = (int(query[name][0]) for name in ("period1", "period2"))
        elif "range" in query:
            count = min(len(bars), _RANGES.get(query["range"][0], len(bars)))
            first = bodies.opens(ticker, bars["session"])[-count]
        if mood == "empty":
            last = first
        live, nan = ticker in self.live, ticker in self.nan_last
        return 200, json.dumps(bodies.chart(ticker, bars, first, last, live, nan))

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                found = fake.respond(self.path)
                if found is None:
                    self.close_connection = True
                    return
                status, kind, text = found
                body = text.encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                if urlsplit(self.path).path == "/":
                    self.send_header("Set-Cookie", "A3=fake; Max-Age=31536000; Path=/")
                self.end_headers()
                if fake.cuts(self.path):
                    self.wfile.write(body[: len(body) // 2])
                    self.close_connection = True
                else:
                    self.wfile.write(body)

            def do_POST(self) -> None:
                self.do_GET()

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def served(fake: FakeYahoo) -> Iterator[FakeYahoo]:
    """Let it answer while the block runs."""
    thread = threading.Thread(target=fake.serve, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.stop()
        thread.join(10)
