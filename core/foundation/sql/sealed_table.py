"""Tables whose rows form a chain: written at the end, never changed, and checked from the start."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import sqlalchemy as sa

from core.foundation.errors import StorageError
from core.foundation.messages import Message
from core.foundation.sql.database import metadata
from core.foundation.sql.hash_chain import (
    START,
    Head,
    Link,
    Place,
    ends,
    first_fault,
    seal,
    verify_links,
)

_PAGE = 1000  # rows in memory at a time
_heads = sa.Table(
    "ledger_heads",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("hash", sa.String(64), nullable=False),
)


@dataclass(frozen=True)
class SealedTable:
    """A table with the columns `previous` and `hash`.

    Every method is given a connection of `Database`, whose writers come one after the other.

    Parameters
    ----------
    number : the column that says in which order rows were written, whole and rising.
    content : the columns that the hash covers.
    heading : of what is said of all rows.
    numbered : a row by its number alone.
    named : a row as a person finds it, by its number and what is in it.
    """

    table: sa.Table
    number: str
    content: tuple[str, ...]
    heading: Message
    numbered: Callable[[int], Message]
    named: Callable[[Any], Message]

    def append(self, connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> None:
        """Write rows at the end, numbered and sealed.

        Raises
        ------
        StorageError : the note of the newest row is gone, so that nothing can be sealed.
        ValueError, TypeError : a value cannot be sealed, see
            `core.foundation.sql.hash_chain.canonical`.
        """
        if not rows:
            return
        head, newest = self.head(connection), self._newest_number(connection)
        if head is None:
            if newest:
                raise StorageError(
                    "ledger.not-added",
                    "{table}: the note of the newest is missing, so none can be added; see "
                    "`python -m flows ledger verify`.",
                    {"table": self.heading},
                )
            head = Head()
            connection.execute(sa.insert(_heads).values(name=self.table.name, **vars(head)))
        number, previous, written = max(head.rows, newest), head.hash, []
        for row in rows:
            number += 1
            values = {**row, self.number: number}
            hash_ = seal(previous, {name: values.get(name) for name in self.content})
            written.append({**values, "previous": previous, "hash": hash_})
            previous = hash_
        connection.execute(sa.insert(self.table), written)
        moved = {"rows": head.rows + len(written), "hash": previous}
        own = _heads.c.name == self.table.name
        connection.execute(sa.update(_heads).where(own).values(**moved))

    def head(self, connection: sa.Connection) -> Head | None:
        """The note of the newest row; None before the first was written."""
        query = sa.select(_heads.c.rows, _heads.c.hash).where(_heads.c.name == self.table.name)
        found = connection.execute(query).first()
        return None if found is None else Head(found.rows, found.hash)

    def fault(self, connection: sa.Connection) -> Message | None:
        """The first row that is not as it was written, in one sentence; None if all are."""
        return first_fault(self._links(connection), self.head(connection), self.heading)

    def read_on(self, connection: sa.Connection, since: Place, rows: int) -> Place | None:
        """How far at most so many further rows go; None if one is not as it was written.

        Fewer are there only at the end, and then the note of the newest row has to agree.
        """
        links = self._links(connection, since.number, min(rows, _PAGE))
        place = verify_links(islice(links, rows), since)
        if place is None or place.rows - since.rows == rows:
            return place
        return place if ends(Head(place.rows, place.hash), self.head(connection)) else None

    def _newest_number(self, connection: sa.Connection) -> int:
        newest = sa.select(sa.func.max(self.table.c[self.number]))
        return connection.execute(newest).scalar() or 0

    def _links(
        self, connection: sa.Connection, last: int | None = None, size: int = _PAGE
    ) -> Iterator[Link]:
        while True:
            try:
                rows = self._page(connection, last, size)
            except (ValueError, TypeError, sa.exc.DataError):
                # Somebody stored what no reader understands: which row is it?
                yield from self._one_by_one(connection, last)
                return
            yield from map(self._link, rows)
            if len(rows) < size:
                return
            last = rows[-1]._mapping[self.number]

    def _one_by_one(self, connection: sa.Connection, last: int | None) -> Iterator[Link]:
        key = self.table.c[self.number]
        query = sa.select(key, self.table.c.previous, self.table.c.hash).order_by(key)
        for number, previous, hash_ in connection.execute(_after(query, key, last)).all():
            own = sa.select(self.table).where(key == number)
            try:
                yield self._link(connection.execute(own).one())
            except (ValueError, TypeError, sa.exc.DataError):
                yield Link(number, self.numbered(number), previous, hash_, whole=False)

    def _page(self, connection: sa.Connection, last: int | None, size: int) -> Sequence[Any]:
        key = self.table.c[self.number]
        query = _after(sa.select(self.table).order_by(key), key, last).limit(size)
        return connection.execute(query).all()

    def _link(self, row: Any) -> Link:
        values = row._mapping
        try:
            content = {name: values[name] for name in self.content}
            whole = row.hash == seal(row.previous or START, content)
        except (ValueError, TypeError):
            whole = False
        return Link(values[self.number], self.named(row), row.previous, row.hash, whole)


def _after(query: "sa.Select[Any]", key: "sa.Column[Any]", last: int | None) -> "sa.Select[Any]":
    return query if last is None else query.where(key > last)
