"""Connections to an SQLite file: one that writes, and one that reads whatever the disk allows."""

import random
import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from core.foundation.errors import StorageError

_WAIT_SECONDS = 30
_PRIMARY = 0xFF  # of a code; the rest says where it happened
# A disk without room, or one that is read-only, refuses the files that SQLite needs beside its own.
_REFUSED = (
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_READONLY,
)
_SEEN = "file as it was when it was opened"


def prepare(connection: Any) -> None:
    """Set an SQLite connection up as all of ours are."""
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


def begin(connection: sa.Connection) -> None:
    """Begin a transaction as the options of its engine ask for."""
    options = connection.get_execution_options()
    # A table that others point at is changed by making it anew, which their keys would forbid;
    # once a transaction has begun, the pragma does nothing.
    keys = "OFF" if options.get("migrates") else "ON"
    connection.exec_driver_sql(f"PRAGMA foreign_keys={keys}")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")


def connect_for_reading(
    file: Path, dialect: sa.Dialect, record: Any, arguments: list[Any], options: dict[str, Any]
) -> Any:
    """A connection that may only read: as usual, or, where the disk refuses that, without a log.

    Raises
    ------
    sqlite3.Error : why it cannot be opened as usual, if not at all.
    """
    connection = None
    try:
        connection = dialect.connect(*arguments, **options)
        prepare(connection)
        connection.execute("PRAGMA schema_version").fetchall()  # opens the log
        return connection
    except sqlite3.OperationalError as error:
        if connection is not None:
            connection.close()
        code = error.sqlite_errorcode & _PRIMARY
        if code not in _REFUSED or options.get("uri") or not file.is_file():
            raise
        seen = _as_it_is(file)
        try:
            connection = _without_room(file, options)
        except sqlite3.Error:
            raise error from None
        record.info[_SEEN] = seen
        return connection


def refuse_changed(file: Path, connection: sa.Connection) -> None:
    """At the end of reading: refuse what was read without a lock, if somebody wrote meanwhile.

    Raises
    ------
    StorageError : somebody did, as one may to whom the disk is not read-only.
    """
    seen = connection.info.get(_SEEN)
    if seen is not None and seen != _as_it_is(file):
        raise StorageError(
            "database.changed-meanwhile",
            "{file} was changed while it was read; try again.",
            {"file": file},
        )


def _without_room(file: Path, options: dict[str, Any]) -> Any:
    """Read with an index in memory if there is a log, else the file alone; needs no room."""
    log = file.with_name(f"{file.name}-wal")
    how = "readonly_shm=1" if log.is_file() and log.stat().st_size else "immutable=1"
    address = f"{file.absolute().as_uri()}?mode=ro&{how}"
    connection = sqlite3.connect(address, uri=True, **options)
    try:
        connection.isolation_level = None
        connection.execute(f"PRAGMA busy_timeout={_WAIT_SECONDS * 1000}")
        connection.execute("PRAGMA schema_version").fetchall()
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _as_it_is(file: Path) -> tuple[int, int, int]:
    facts = file.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns
