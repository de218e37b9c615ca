"""The records database behind an SQLAlchemy URL: SQLite in WAL, or PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import exc

from core.foundation.caches.edition import Edition
from core.foundation.disk import why_refused
from core.foundation.errors import StorageError
from core.foundation.messages import Message
from core.foundation.sql import migrations
from core.foundation.sql.addresses import file_of, with_driver
from core.foundation.sql.engines import open_engines, shown
from core.foundation.sql.written_tables import Writing, edition_of, listen

metadata = sa.MetaData()
Guard = Callable[[sa.Connection], None]  # raises where nothing may be written

# What a driver raises, by exactly these names, when the store and not the statement is at fault.
_OF_THE_STORE = (exc.OperationalError, exc.InterfaceError, exc.DatabaseError)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite alone would forget the zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=value.tzinfo or UTC).astimezone(UTC)


class Database:
    """Short transactions; opening brings the tables to the form this program knows.

    One writer at a time, from its first statement on: read-then-write never meets "database is
    locked" half way and loses nothing. Readers never wait for writers.

    Parameters
    ----------
    cache_url : of the Redis that machines share, which holds the edition of a PostgreSQL database;
        it has none if empty.

    Raises
    ------
    StorageError : the database cannot be opened, is of a newer program, or, later, does not
        answer; in one sentence without the password.
    """

    def __init__(self, url: str, cache_url: str = "") -> None:
        self.edition: Edition = edition_of(url, cache_url)
        self._shown = shown(url)
        self._file = file_of(url)
        try:
            self._engines = open_engines(url)
            listen(self._engines.writing)
            with self._engines.reading.begin() as connection:
                done = migrations.is_done(connection)
            if not done:
                with self._engines.migrating.begin() as connection:
                    migrations.run(connection)
        except (exc.SQLAlchemyError, OSError, ValueError, ImportError) as error:  # or no driver
            failure = Message(
                "database.not-opened",
                "The records database cannot be opened at {address}{reason}.",
                {"address": self._shown, "reason": _reason(error)},
            )
            raise StorageError.of(self._refusal(error) or failure) from error
        self._keep()

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """A connection that sees one consistent state, and is not to write."""
        self._keep()
        with self._transaction(self._engines.reading) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """A connection whose changes are kept if the block ends, and undone if it raises.

        What is written to a table of `core.foundation.sql.written_tables` changes the edition.
        """
        with ExitStack() as transaction:
            with self._transaction(self._engines.writing) as connection:
                yield Writing(self.edition, transaction).watched(connection)

    def close(self) -> None:
        """Give back every connection."""
        self._engines.close()

    def _keep(self) -> None:
        if self._engines.lasting is not None:
            self._engines.lasting.hold()

    def _refusal(self, error: BaseException) -> Message | None:
        """Why the database refused, where its disk is the reason; else None."""
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        folder = None if self._file is None else self._file.parent
        return why_refused(cause or error, self._shown, folder)

    @contextmanager
    def _transaction(self, engine: sa.Engine) -> Iterator[sa.Connection]:
        raised: BaseException | None = None
        try:
            with engine.begin() as connection:
                try:
                    yield connection
                except BaseException as error:
                    raised = error
                    raise
        except exc.SQLAlchemyError as error:
            # If the block raised and undoing it failed too, what the block raised is the cause.
            cause = raised or error
            if not _is_of_the_store(cause):
                raise cause
            failure = Message(
                "database.not-used",
                "The records database at {address} could not be used{reason}.",
                {"address": self._shown, "reason": _reason(cause)},
            )
            raise StorageError.of(self._refusal(cause) or failure) from cause


def all_of(*guards: Guard) -> Guard:
    """A guard that asks several, one after the other."""

    def ask(connection: sa.Connection) -> None:
        for guard in guards:
            guard(connection)

    return ask


class GuardedDatabase(Database):
    """The same database for work that may lose the right to write while it is under way.

    Parameters
    ----------
    guard : called first in every transaction that writes; what it raises undoes the transaction.
    """

    def __init__(self, database: Database, guard: Guard) -> None:
        self._database, self._guard = database, guard
        self.edition = database.edition

    @contextmanager
    def read(self) -> Iterator[sa.Connection]:
        """As `Database.read`."""
        with self._database.read() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[sa.Connection]:
        """As `Database.write`, if the guard lets it."""
        with self._database.write() as connection:
            self._guard(connection)
            yield connection


def is_there(url: str) -> bool:
    """Whether there is a database to open; False only for an SQLite file not made yet.

    Opening would make it, so ask this first where nothing is to be written.
    """
    file = file_of(url)
    return file is None or file.exists()


def reach(url: str) -> None:
    """Ask a database of another program what tables it has; nothing in it is changed.

    Raises
    ------
    StorageError : it does not, in one sentence without the password.
    """
    try:
        engine = sa.create_engine(with_driver(url), poolclass=sa.NullPool)
        with engine.connect() as connection:
            sa.inspect(connection).get_table_names()
    except (exc.SQLAlchemyError, OSError, ValueError, ImportError) as error:
        raise StorageError(
            "database.no-answer",
            "The database at {address} does not answer{reason}.",
            {"address": shown(url), "reason": _reason(error)},
        ) from error


def _is_of_the_store(error: BaseException) -> bool:
    if isinstance(error, exc.DBAPIError):
        return error.connection_invalidated or type(error) in _OF_THE_STORE
    return isinstance(error, exc.TimeoutError)  # every connection of the pool is in use


def _reason(error: BaseException) -> str:
    """A colon and the first line of what the driver said, which names no password; empty if it
    said nothing."""
    message = str(error.orig).strip() if isinstance(error, exc.DBAPIError) else ""
    return f": {message.splitlines()[0].rstrip('. ')}" if message else ""
