"""Both exchanges of Taiwan on loopback, with the bars they are given and the moods they are in."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import parse_qsl, urlsplit

import pandas as pd

from tests.support.exchange import reports

Mood = Literal["too many", "sent away", "unavailable", "truncated", "page", "cut off", "refused"]
_PAGE = "<html><body>因為安全性考量，您所執行的頁面無法呈現。</body></html>"
_STATUS = {"too many": 429, "sent away": 307, "unavailable": 502}


class FakeExchange:
    """Speaks as TWSE and TPEx do.

    Parameters
    ----------
    frames : raw bars by ticker (the `bars` contract); may be replaced while it runs.

    Attributes
    ----------
    mood : what goes wrong, with every report or, where `moody` names some, with those; a line is
        cut off with those that are named alone.
    halts : sessions by ticker on which the exchange lists -- for prices.
    silent : tables that list nothing.
    replays : bodies sent instead, by the name of the report.
    requests : (report, parameters) asked for, in order.
    """

    def __init__(self, frames: dict[str, pd.DataFrame] | None = None) -> None:
        self.frames = dict(frames or {})
        self.mood: Mood | None = None
        self.moody: set[str] = set()
        self.halts: dict[str, set[pd.Timestamp]] = {}
        self.silent: set[str] = set()
        self.replays: dict[str, object] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.times = 0  # how often the mood holds, 0 for always
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def months(self, symbol: str) -> list[str]:
        """The months of a ticker asked for, such as 2025-02, in order."""
        code = symbol.partition(".")[0]
        return [
            f"{pd.Timestamp(one['date']):%Y-%m}"
            for _, one in self.requests
            if code in (one.get("stockNo"), one.get("code"))
        ]

    def serve(self) -> None:
        """Answer until `stop`."""
        self._server.serve_forever(poll_interval=0.05)

    def stop(self) -> None:
        """Close."""
        self._server.shutdown()
        self._server.server_close()

    def respond(self, path: str, given: dict[str, str]) -> tuple[int, str]:
        """Status and text for a report."""
        name = path.rpartition("/")[2]
        self.requests.append((name, given))
        mood = self._mood(name)
        if mood in _STATUS:
            return _STATUS[mood], ""
        if mood == "page":
            return 200, _PAGE
        body = self.replays.get(name) or self._body(name, given)
        if mood == "refused":
            body = {"stat": "查詢日期大於今日，請重新查詢!", "total": 0}
        text = json.dumps(body, ensure_ascii=False)
        return 200, text[: len(text) // 2] if mood == "truncated" else text

    def _mood(self, name: str) -> Mood | None:
        if self.mood is None or (self.moody and name not in self.moody):
            return None
        mood = self.mood
        if self.times:
            self.times -= 1
            self.mood = mood if self.times else None
        return mood

    def _body(self, name: str, given: dict[str, str]) -> dict[str, object]:
        if name in ("STOCK_DAY", "tradingStock"):
            ending = ".TW" if name == "STOCK_DAY" else ".TWO"
            symbol = given.get("stockNo", given.get("code", "")) + ending
            bars = self.frames.get(symbol, next(iter(self.frames.values())).iloc[:0])
            first = pd.Timestamp(given["date"])
            return reports.month(symbol, bars, first, self.halts.get(symbol, set()))
        if name == "TWT49UDetail":
            bars = self.frames[given["STK_NO"] + ".TW"]
            (bar,) = (one for _, one in bars[bars["session"] == given["T1"]].iterrows())
            return reports.detail(given["STK_NO"], bar)
        frames = {} if name in self.silent else self.frames
        first, last = (pd.Timestamp(given[one]) for one in ("startDate", "endDate"))
        return reports.actions(name, frames, first, last)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                parts = urlsplit(self.path)
                self._send(parts.path, parts.query)

            def do_POST(self) -> None:
                size = int(self.headers["Content-Length"])
                self._send(urlsplit(self.path).path, self.rfile.read(size).decode())

            def _send(self, path: str, query: str) -> None:
                status, text = fake.respond(path, dict(parse_qsl(query)))
                body = text.encode()
                self.send_response(status)
                if status == 307:
                    self.send_header("Location", "http://127.0.0.1:1/blocked")
                self.send_header("Content-Type", "application/json;charset=UTF-8")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                cut = fake.mood == "cut off" and path.rpartition("/")[2] in fake.moody
                self.wfile.write(body[: len(body) // 2] if cut else body)
                self.close_connection = cut or self.close_connection

            def log_message(self, format: str, *args: object) -> None:
                """Say nothing."""

        return Handler


@contextmanager
def served(fake: FakeExchange) -> Iterator[FakeExchange]:
    """Let it answer while the block runs."""
    thread = threading.Thread(target=fake.serve, daemon=True)
    thread.start()
    try:
        yield fake
    finally:
        fake.stop()
        thread.join(10)
