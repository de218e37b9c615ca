"""What the records database needs of each back end: SQLite on a laptop, PostgreSQL on a server."""

import random
import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

# Seconds: to find that no server answers, and to wait for another writer.
_CONNECT_SECONDS = 3
_WAIT_SECONDS = 30
# Any number will do, as long as every process of TickerLens takes the same.
_WRITER = int.from_bytes(b"tickerls")


@dataclass(frozen=True)
class Engines:
    """One pool of connections, and what begins a transaction on it for each purpose."""

    reading: sa.Engine
    writing: sa.Engine
    migrating: sa.Engine


def open_engines(url: str) -> Engines:
    """Engines for an SQLAlchemy address; nothing is connected to yet.

    On both back ends a writer waits for the one before it, so that read-then-write loses
    nothing, and a reader sees one state and waits for nobody.

    Raises
    ------
    SQLAlchemyError, ValueError, ImportError, OSError : the address is unusable.
    """
    address = sa.make_url(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address)
    if address.get_backend_name() == "postgresql":
        return _postgresql(address)
    raise ArgumentError("only sqlite:// and postgresql:// addresses are known")


def shown(url: str | sa.URL) -> str:
    """An address as a person may see it: without a password, nor options that may hold one."""
    try:
        return sa.make_url(url).set(query={}).render_as_string(hide_password=True)
    except (sa.exc.SQLAlchemyError, ValueError):
        return "the address given in TICKERLENS_RECORDS_URL"


def _sqlite(address: sa.URL) -> Engines:
    if address.database:
        Path(address.database).parent.mkdir(parents=True, exist_ok=True)
    # Opening a file costs nothing, and no connection outlives its transaction.
    engine = sa.create_engine(address, poolclass=sa.NullPool if address.database else None)
    sa.event.listen(engine, "connect", _prepare_sqlite)
    sa.event.listen(engine, "begin", _begin_sqlite)
    return Engines(
        engine,
        engine.execution_options(writes=True),
        engine.execution_options(writes=True, migrates=True),
    )


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says when a transaction begins, not the driver
    connection.execute(f"PRAGMA busy_timeout={_WAIT_SECONDS * 1000}")
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous=FULL")


def _write_ahead(connection: Any) -> None:
    # Two processes that switch a new file over at the same instant are both refused at once,
    # whatever the time-out, since waiting would be for each other.
    until = time.monotonic() + _WAIT_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(random.uniform(0.005, 0.05))


def _begin_sqlite(connection: sa.Connection) -> None:
    options = connection.get_execution_options()
    # A table that others point at is changed by making it anew, which their keys would forbid;
    # once a transaction has begun, the pragma does nothing.
    keys = "OFF" if options.get("migrates") else "ON"
    connection.exec_driver_sql(f"PRAGMA foreign_keys={keys}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def _postgresql(address: sa.URL) -> Engines:
    if "connect_timeout" not in address.query:
        address = address.update_query_dict({"connect_timeout": str(_CONNECT_SECONDS)})
    # A connection that a restart of the server cut is noticed before it is used.
    engine = sa.create_engine(address, pool_pre_ping=True)
    sa.event.listen(engine, "begin", _begin_postgresql)
    writing = engine.execution_options(isolation_level="READ COMMITTED", writes=True)
    return Engines(
        engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True),
        writing,
        writing,
    )


def _begin_postgresql(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("writes"):
        connection.exec_driver_sql(
            f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'; SELECT pg_advisory_xact_lock({_WRITER})"
        )
