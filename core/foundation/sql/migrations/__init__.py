"""How the tables of the records database came to be: steps in `versions/`, each run once.

A new step is a file written by hand, `versions/NNNN_what_it_does.py`, with the next number:
`revision = "NNNN"`, `down_revision` the number before, and `upgrade()` made of `alembic.op` calls.
To change a table, SQLite needs `op.batch_alter_table`, which forgets AUTOINCREMENT unless given
`table_kwargs={"sqlite_autoincrement": True}`. A step imports nothing of ours, since what a store
says of its table today is not what the step made of it then, and once released it is never
edited. There is no way down: the copy kept beside a SQLite file is the way back. A test compares
what all steps make with what the stores say, on both back ends.
"""

import sqlite3
import threading
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from core.foundation.errors import StorageError
from core.foundation.files import write_atomic
from core.foundation.sql.engines import shown

_FOLDER = Path(__file__).parent
# Alembic keeps what it works on in module variables, so two threads must not both be in it.
_alembic = threading.Lock()


def known() -> list[str]:
    """The number of every step, oldest first."""
    return sorted(path.name[:4] for path in (_FOLDER / "versions").glob("[0-9]*.py"))


def is_done(connection: sa.Connection) -> bool:
    """Whether every step was run; costs two small queries and does not load Alembic.

    Raises
    ------
    StorageError : the database is of a version that is not known here; names it.
    """
    found = ""
    if sa.inspect(connection).has_table("alembic_version"):
        query = sa.text("SELECT version_num FROM alembic_version")
        found = ", ".join(sorted(connection.execute(query).scalars()))
    steps = known()
    if found and found not in steps:
        raise StorageError(
            "database.newer",
            "The records database at {address} is of version {found}, but this program knows "
            "versions up to {newest}; use the newer TickerLens that made it.",
            {"address": shown(connection.engine.url), "found": found, "newest": steps[-1]},
        )
    return found == steps[-1]


def run(connection: sa.Connection) -> None:
    """Run the steps that are missing, all or none, in the transaction that holds the write lock.

    Raises
    ------
    StorageError : the version is not known, or no copy could be kept beside a SQLite file.
    """
    if is_done(connection):  # another process was first
        return
    _keep_copy(connection, known()[-1])
    from alembic import command  # costs more than all the rest of opening a database
    from alembic.config import Config

    with _alembic:
        config = Config()
        config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    if connection.dialect.name == "sqlite":
        dangling = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if dangling is not None:
            raise StorageError(
                "database.orphan-rows",
                "The table {table} points at rows that are gone.",
                {"table": dangling[0]},
            )


def _keep_copy(connection: sa.Connection, version: str) -> None:
    """Keep a SQLite file as it was; one without tables is new and has nothing to keep."""
    if connection.dialect.name != "sqlite" or not sa.inspect(connection).get_table_names():
        return
    query = "SELECT file FROM pragma_database_list WHERE name = 'main'"
    name = connection.exec_driver_sql(query).scalar_one()
    if not name:  # in memory
        return
    path = Path(name)
    copy = path.with_name(f"{path.name}.before-{version}")
    # The lock keeps other writers out, and a second connection sees what was there before it.
    try:
        with closing(sqlite3.connect(path)) as source:
            write_atomic(copy, lambda to: _back_up(source, to), path.stat().st_mode & 0o777)
    except sqlite3.Error as error:
        raise StorageError(
            "database.no-copy",
            "{file} could not be copied to {copy}: {error}.",
            {"file": path.name, "copy": copy.name, "error": str(error)},
        ) from error


def _back_up(source: sqlite3.Connection, to: Path) -> None:
    with closing(sqlite3.connect(to)) as target:
        source.backup(target)
