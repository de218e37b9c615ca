"""Databases of a test's own on the PostgreSQL server that is named, and a wire to cut."""

import os
import secrets
import socket
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.foundation.sql.addresses import with_driver
from core.foundation.sql.database import Database

SERVER = "TICKERLENS_TEST_POSTGRES_URL"


def server_url() -> str:
    """The server to test on; the calling test is skipped without one, unless all must run."""
    url = os.environ.get(SERVER, "")
    if not url and os.environ.get("TICKERLENS_REQUIRE_ALL") == "1":
        pytest.fail(f"{SERVER} names no PostgreSQL server, and TICKERLENS_REQUIRE_ALL=1.")
    if not url:
        pytest.skip(f"{SERVER} names no PostgreSQL server on which databases may be made.")
    return url


def sqlite_records(path: Path) -> str:
    """Records without a row in a new file, whose migrations were run once for all tests."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_migrated())
    return f"sqlite:///{path}"


@lru_cache(maxsize=1)
def _migrated() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "records.db"
        Database(f"sqlite:///{path}").close()
        return path.read_bytes()


@contextmanager
def postgres_database() -> Iterator[str]:
    """An empty database under a name nobody else has, dropped at the end; gives its address."""
    server, name = server_url(), f"tickerlens_test_{secrets.token_hex(6)}"
    with administration(server) as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
        # No test here is about power cuts, and to wait for the disk is most of the time.
        connection.exec_driver_sql(f"ALTER DATABASE {name} SET synchronous_commit = off")
    try:
        yield sa.make_url(server).set(database=name).render_as_string(hide_password=False)
    finally:
        with administration(server) as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def administration(url: str) -> Iterator[sa.Connection]:
    """A connection of its own on which every statement counts at once."""
    engine = sa.create_engine(with_driver(url), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def cut_others(connection: sa.Connection) -> int:
    """End every other connection to a database, as a restart of its server does; says how many."""
    query = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return len(connection.exec_driver_sql(query).all())


def empty(url: str) -> None:
    """Bring a migrated database back to how it was made: no rows, no tables of tests.

    Much quicker than a new database, or than TRUNCATE, which both wait for the disk.
    """
    with administration(url) as connection:
        cut_others(connection)  # whatever an earlier test left open holds no lock any more
        connection.exec_driver_sql("SET session_replication_role = replica")  # in any order
        names = set(sa.inspect(connection).get_table_names()) - {"alembic_version"}
        for name in names:
            verb = "DROP TABLE" if name.endswith("_of_tests") else "DELETE FROM"
            connection.exec_driver_sql(f"{verb} {name}")
        query = "SELECT setval(format('%I', sequencename)::regclass, 1, false) FROM pg_sequences"
        connection.exec_driver_sql(query.replace("%", "%%")).all()


class Wire:
    """A TCP relay to a server that can be cut, which ends what runs over it, and mended."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._ends: list[socket.socket] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listening.getsockname()[1]
        self._accept()

    def cut(self) -> None:
        """Refuse new connections and end the present ones."""
        for one in (self._listening, *self._ends):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        self._ends.clear()
        self._accepting.join(10)

    def mend(self) -> None:
        """Accept connections again, at the same port."""
        self._listening = socket.create_server(("127.0.0.1", self.port))
        self._accept()

    def _accept(self) -> None:
        self._accepting = threading.Thread(target=self._serve, args=(self._listening,), daemon=True)
        self._accepting.start()

    def _serve(self, listening: socket.socket) -> None:
        with suppress(OSError):  # cut
            while True:
                near, _ = listening.accept()
                far = socket.create_connection(self._target)
                self._ends += [near, far]
                for pair in ((near, far), (far, near)):
                    threading.Thread(target=_relay, args=pair, daemon=True).start()


def _relay(source: socket.socket, target: socket.socket) -> None:
    with suppress(OSError):
        while sent := source.recv(65536):
            target.sendall(sent)
        target.shutdown(socket.SHUT_WR)


@contextmanager
def wired(url: str) -> Iterator[tuple[Wire, str]]:
    """A wire to the server of an address, and the address that goes over it."""
    address = sa.make_url(url)
    wire = Wire(address.host or "127.0.0.1", address.port or 5432)
    through = address.set(host="127.0.0.1", port=wire.port)
    try:
        yield wire, through.render_as_string(hide_password=False)
    finally:
        wire.cut()
