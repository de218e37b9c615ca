"""`python -m tests.support.clickhouse.engine FOLDER PORT PASSWORD`: the engine as a server.

The engine is ClickHouse's own (chdb-core). What is made here is the little of HTTP around it that
the real client needs: queries by POST, settings and parameters in the address, passwords, errors.
"""

import base64
import gzip
import re
import sys
from email import message_from_bytes
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame

USER = "tickerlens"
DATABASE = "bars"
# What the HTTP interface takes for itself; everything else in an address is a setting.
_OWN = {
    *("query", "database", "session_id", "query_id", "wait_end_of_query", "buffer_size"),
    *("client_protocol_version", "enable_http_compression", "send_progress_in_http_headers"),
    *("http_headers_progress_interval_ms", "compress", "decompress"),
}
_INSERT = re.compile(rb"\s*(INSERT INTO .*?)\s+FORMAT (\w+)\s", re.DOTALL)
_CODE = re.compile(r"Code: (\d+)\.")


class Engine:
    """One engine on a folder; every request has a connection of its own to it."""

    def __init__(self, folder: str) -> None:
        self._folder = folder
        self._held_open = chdb.connect(folder)
        self._held_open.query(f"CREATE DATABASE IF NOT EXISTS {DATABASE}")

    def respond(self, text: bytes, parameters: dict[str, str]) -> bytes:
        """What the engine says to one query, inserts with their data included."""
        connection = chdb.connect(self._folder)
        try:
            connection.query(f"USE {parameters.get('database', 'default')}")
            for name, value in parameters.items():
                if name not in _OWN and not name.startswith("param_"):
                    connection.query(f"SET {name} = '{value}'")
            found = _INSERT.match(text)
            if found:
                with connection.send_insert(found[1].decode(), found[2].decode()) as writing:
                    writing.append(text[found.end() :])
                    writing.finish()
                return b""
            given = {
                k.removeprefix("param_"): v for k, v in parameters.items() if k[:6] == "param_"
            }
            return bytes(connection.query(text.decode(), "TabSeparated", params=given).bytes())
        finally:
            connection.close()


class Handler(BaseHTTPRequestHandler):
    """HTTP as ClickHouse speaks it."""

    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer in one piece, or each waits for an acknowledgement
    engine: Engine
    password: str

    def do_GET(self) -> None:
        """Ping, or a query in the address."""
        if urlsplit(self.path).path == "/ping":
            self._send(200, b"Ok.\n")
        else:
            self._query(b"")

    def do_POST(self) -> None:
        """A query, or the rest of one, in the body."""
        self._query(_unpacked(self._body(), self.headers.get("Content-Encoding", "")))

    def log_message(self, *_: object) -> None:
        """Nothing: the tests look at answers."""

    def _query(self, body: bytes) -> None:
        known = base64.b64encode(f"{USER}:{self.password}".encode()).decode()
        if self.headers.get("Authorization") != f"Basic {known}":
            self._fail(403, f"Code: 516. DB::Exception: {USER}: Authentication failed.")
            return
        parameters = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):  # what is too long for an address
            parameters, body = parameters | _fields(kind, body), b""
        text = parameters["query"].encode() + b"\n" + body if "query" in parameters else body
        try:
            self._send(200, self.engine.respond(text, parameters))
        except Exception as error:
            self._fail(500, str(error))

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        parts = []
        while size := int(self.rfile.readline(), 16):
            parts.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(parts)

    def _fail(self, status: int, text: str) -> None:
        code = _CODE.search(text)
        self._send(status, text.encode(), {"X-ClickHouse-Exception-Code": code[1] if code else "1"})

    def _send(self, status: int, body: bytes, more: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(more or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _fields(kind: str, body: bytes) -> dict[str, str]:
    form = message_from_bytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts = [part for part in form.walk() if not part.is_multipart()]
    return {
        str(part.get_param("name", header="content-disposition")): str(part.get_payload())
        for part in parts
    }


def _unpacked(body: bytes, encoding: str) -> bytes:
    if encoding == "lz4":
        return bytes(lz4.frame.decompress(body))
    return gzip.decompress(body) if encoding == "gzip" else body


def main() -> None:
    """Serve until the process is ended."""
    folder, port, password = sys.argv[1:]
    Handler.engine, Handler.password = Engine(folder), password
    server = ThreadingHTTPServer(("127.0.0.1", int(port)), Handler)
    print("ready", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
