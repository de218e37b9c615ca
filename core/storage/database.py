"""The records database behind an SQLAlchemy URL: SQLite in WAL on a laptop."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from core.errors import StorageError

metadata = sa.MetaData()


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite alone would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC)


class Database:
    """Short transactions over one engine.

    Writers take SQLite's write lock at the start, so that read-then-write never meets
    "database is locked" half way; readers never wait for them.
    """

    def __init__(self, url: str) -> None:
        try:
            address = sa.make_url(url)
            sqlite = address.get_backend_name() == "sqlite"
            if sqlite and address.database:
                Path(address.database).parent.mkdir(parents=True, exist_ok=True)
            # Opening a file costs nothing, and no connection outlives its transaction.
            pool = sa.NullPool if sqlite and address.database else None
            self._engine = sa.create_engine(address, poolclass=pool)
            if sqlite:
                sa.event.listen(self._engine, "connect", _prepare_sqlite)
                sa.event.listen(self._engine, "begin", _begin_sqlite)
            with self.write() as connection:
                metadata.create_all(connection)
        except (SQLAlchemyError, OSError, ValueError, ImportError) as error:  # or no such driver
            raise StorageError(f"The records database cannot be opened at {_shown(url)}.") from (
                error
            )

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one consistent state."""
        with self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection whose changes are kept if the block ends, and undone if it raises."""
        with self._engine.connect() as connection:
            connection = connection.execution_options(writes=True)
            with connection.begin():
                yield connection

    def close(self) -> None:
        """Give back every connection."""
        self._engine.dispose()


def is_there(url: str) -> bool:
    """Whether there is a database to open; False only for an SQLite file not made yet.

    Opening would make it: whoever only looks asks first.
    """
    try:
        address = sa.make_url(url)
    except (SQLAlchemyError, ValueError):
        return True  # opening it says what is wrong
    if address.get_backend_name() != "sqlite" or not address.database:
        return True
    return Path(address.database).exists()


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy says when a transaction begins, not the driver
    connection.execute("PRAGMA busy_timeout=30000")
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")


def _begin_sqlite(connection: sa.Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _shown(url: str) -> str:
    try:
        return sa.make_url(url).render_as_string(hide_password=True)
    except (SQLAlchemyError, ValueError):
        return "the address given in TICKERLENS_RECORDS_URL"
