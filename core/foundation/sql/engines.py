"""What the records database needs of each back end: SQLite on a laptop, PostgreSQL on a server."""

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import ArgumentError

from core.foundation.sql.addresses import with_driver
from core.foundation.sql.lasting_connection import LastingConnection
from core.foundation.sql.sqlite import begin, connect_for_reading, prepare, refuse_changed

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
    lasting: LastingConnection | None = None

    def close(self) -> None:
        """Give back every connection."""
        if self.lasting is not None:
            self.lasting.close()
        for engine in (self.reading, self.writing):
            engine.dispose()


def open_engines(url: str) -> Engines:
    """Engines for an SQLAlchemy address; nothing is connected to yet.

    On both back ends a writer waits for the one before it, so that read-then-write loses
    nothing, and a reader sees one state and waits for nobody.

    Raises
    ------
    SQLAlchemyError, ValueError, ImportError, OSError : the address is unusable.
    """
    address = sa.make_url(with_driver(url))
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
    if not address.database:  # in memory, where there is one for all
        engine = _prepared(sa.create_engine(address))
        return Engines(engine, *_writing(engine))
    file = Path(address.database)
    file.parent.mkdir(parents=True, exist_ok=True)
    # Opening a file costs nothing, and no connection but the kept one outlives its transaction.
    reading = sa.create_engine(address, poolclass=sa.NullPool)
    sa.event.listen(reading, "do_connect", partial(connect_for_reading, file))
    sa.event.listen(reading, "begin", begin)
    sa.event.listen(reading, "commit", partial(refuse_changed, file))
    engine = _prepared(sa.create_engine(address, poolclass=sa.NullPool))
    return Engines(reading, *_writing(engine), LastingConnection(file))


def _prepared(engine: sa.Engine) -> sa.Engine:
    sa.event.listen(engine, "connect", lambda connection, _record: prepare(connection))
    sa.event.listen(engine, "begin", begin)
    return engine


def _writing(engine: sa.Engine) -> tuple[sa.Engine, sa.Engine]:
    """What writes, and what changes tables."""
    migrating = engine.execution_options(writes=True, migrates=True)
    return engine.execution_options(writes=True), migrating


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
