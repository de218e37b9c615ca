"""Ingesting from a vendor that answers at once: fetched, checked and stored, without a limit."""

import json
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.queues import Queue
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pandas as pd

from core.market_data.ingest import WantedBars, ingest
from core.market_data.records.ingest_log import IngestLog
from core.market_data.sources.rate_limit_store import SharedRateLimit
from core.market_data.sources.rate_limiter import RateLimiter
from core.market_data.sources.yahoo import YahooSource
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.benchmarks.measure import Figure, Size, measure
from tests.support.bars import walk
from tests.support.homes import Home, open_home
from tests.support.yahoo import bodies

_LAST = pd.Timestamp("2026-11-20")
_AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
_BEFORE = datetime(2026, 11, 19, 23, tzinfo=UTC)
_TEN_YEARS_SECONDS, _SESSION_SECONDS = 300.0, 60.0


def yahoo(size: Size) -> Iterator[Figure]:
    """The real yfinance client against prepared answers from a process of its own."""
    with tempfile.TemporaryDirectory() as name, _vendor(size.sessions) as url:
        for count in sorted({size.few, size.tickers, size.many}):
            yield from _of(open_home(Path(name) / str(count)), url, size, count)


def _of(home: Home, url: str, size: Size, count: int) -> Iterator[Figure]:
    tickers = [Ticker.parse(f"T{number}") for number in range(count)]
    limiter = RateLimiter(SharedRateLimit(home.database, url))
    source = YahooSource(home.path / "yahoo", url, rate_limiter=limiter)

    def run(at: datetime) -> None:
        outcomes = IngestLog(home.database)
        done = ingest(source, home.gateway, at, WantedBars(tickers), ingest_log=outcomes)
        assert not done.errors and not done.held_back and len(done.written) == count

    whole, one = _TEN_YEARS_SECONDS, _SESSION_SECONDS
    limits = (whole, one) if count == size.tickers == 500 else (0.0, 0.0)
    yield measure(f"ingest ten years a ticker, of {count}", count, partial(run, _BEFORE), limits[0])
    yield measure(f"one session more, of {count}", count, partial(run, _AT), limits[1])


@contextmanager
def _vendor(sessions: int) -> Iterator[str]:
    """The address of a process that answers every ticker alike, from bytes that are ready."""
    dates = SHIPPED["XNYS"].between(pd.Timestamp("2000-01-03"), _LAST)[-sessions:]
    bars = walk(sessions=len(dates), volatility=0.012).assign(session=dates)
    bars[["open", "high", "low", "close"]] = bars[["open", "high", "low", "close"]].round(2)
    bars.loc[::63, "dividend"] = 0.3
    whole, tail = (
        json.dumps(bodies.chart("AAPL", rows.reset_index(drop=True), 0, 1 << 40)).encode()
        for rows in (bars, bars[-40:])
    )
    spawn = multiprocessing.get_context("spawn")
    port: "Queue[int]" = spawn.Queue()
    child = spawn.Process(target=_serve, args=(whole, tail, port), daemon=True)
    child.start()
    try:
        yield f"http://127.0.0.1:{port.get(timeout=60)}"
    finally:
        child.kill()
        child.join()


def _serve(whole: bytes, tail: bytes, port: "Queue[int]") -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(partial(_response, whole, tail)))
    port.put(server.server_address[1])
    server.serve_forever()


def _response(whole: bytes, tail: bytes, address: str) -> bytes:
    parts = urlsplit(address)
    if not parts.path.startswith("/v8/finance/chart/"):
        return b"crumb"
    recent = int(parse_qs(parts.query)["period1"][0]) > _AT.timestamp() - 50 * 86_400
    return tail if recent else whole


def _handler(response: Callable[[str], bytes]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            body = response(self.path)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
