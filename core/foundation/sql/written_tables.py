"""Tables that forecasts are made from: who writes to one changes the edition of the records."""

import re
from contextlib import ExitStack
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from core.foundation.caches.edition import Edition, FileEdition, NoEdition
from core.foundation.sql.addresses import file_of

# All but `forecasts` and `ledger_heads`, which say what was answered; a test makes a forecast and
# sees that it reads no others.
TABLES = ("alias_moves", "model_versions", "renames", "scores", "session_overrides")
_OPTION = "tickerlens_writing"
_CHANGES = re.compile(rf"(?!\s*SELECT\b).*\b({'|'.join(TABLES)})\b", re.IGNORECASE | re.DOTALL)


class Writing:
    """One transaction, whose edition changes with its first statement that is of a table.

    Parameters
    ----------
    edition : of the database.
    transaction : closed once it is committed or rolled back.
    """

    def __init__(self, edition: Edition, transaction: ExitStack) -> None:
        self._edition, self._transaction = edition, transaction
        self._begun = False

    def note(self, statement: str) -> None:
        """Look at a statement before the database does."""
        if not self._begun and _changes(statement):
            self._begun = True
            self._transaction.enter_context(self._edition.changing())

    def watched(self, connection: sa.Connection) -> sa.Connection:
        """The connection, whose statements are looked at."""
        return connection.execution_options(**{_OPTION: self})


def listen(engine: sa.Engine) -> None:
    """Let every statement on an engine's connections be looked at by their `Writing`."""
    sa.event.listen(engine, "before_cursor_execute", _look)


def edition_of(url: str, cache_url: str) -> Edition:
    """The edition of the records at an address: in a file beside those of SQLite, else in Redis.

    Parameters
    ----------
    cache_url : of Redis; none is kept for PostgreSQL if empty.
    """
    file = file_of(url)
    if file is not None:
        return FileEdition(file.with_name(f"{file.name}.edition.lock"), file)
    if not cache_url or url.startswith("sqlite"):
        return NoEdition()
    from core.foundation.caches.redis_edition import RedisEdition  # its client costs 0.1 s

    return RedisEdition(cache_url, _place(url))


def _look(connection: sa.Connection, cursor: Any, statement: str, *more: object) -> None:
    writing = connection.get_execution_options().get(_OPTION)
    if writing is not None:
        writing.note(statement)


@lru_cache(maxsize=500)
def _changes(statement: str) -> bool:
    return _CHANGES.match(statement) is not None


def _place(url: str) -> str:
    """The database of an address, however it is written, without a password."""
    address = sa.make_url(url)
    return f"{address.host}:{address.port}/{address.database}"
