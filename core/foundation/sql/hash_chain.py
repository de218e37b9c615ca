"""Rows that each seal the one before: what was changed, taken out or put in later can be named."""

import hashlib
import json
import string
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.foundation.printable import printable

START = "0" * 64  # what the first row is written after
_DIGITS = len(START)


@dataclass(frozen=True)
class Head:
    """How many rows were written and the hash of the newest, kept apart from the rows."""

    rows: int = 0
    hash: str = START


@dataclass(frozen=True)
class Link:
    """One row of a chain, as it is found.

    `name` is how a person finds it, `whole` says whether its hash is that of its content.
    """

    number: int
    name: Message
    previous: str | None
    hash: str | None
    whole: bool


def canonical(content: Mapping[str, Any]) -> str:
    """The one text of a row's content, the same for what is written and for what is read back.

    Parameters
    ----------
    content : names to None, text, whole numbers, floats, dates, aware instants, or lists and
        mappings of them; a float is told to the last bit, an instant in UTC to the microsecond.
        NaN is told as NaN: what was stored so is to be checked like the rest.

    Raises
    ------
    ValueError : an instant lacks a zone.
    TypeError : a value is of another type.
    """
    return json.dumps(_plain(content), sort_keys=True, separators=(",", ":"))


def seal(previous: str, content: Mapping[str, Any]) -> str:
    """The hash of a row: SHA-256, in hexadecimal, over that of the row before and its content.

    Raises
    ------
    ValueError, TypeError : as `canonical`.
    """
    return hashlib.sha256(f"{previous}\n{canonical(content)}".encode()).hexdigest()


@dataclass(frozen=True)
class Place:
    """How far a chain was read: the number and the hash of the last row, and how many there were.

    The number is None before the first.
    """

    number: int | None = None
    rows: int = 0
    hash: str = START


def parse_hash(text: str) -> str:
    """A hash as a person gives it, in lower case.

    Raises
    ------
    InvalidInputError : it is no 64 hexadecimal digits.
    """
    digits = text.strip()
    wrong = next((one for one in digits if one not in string.hexdigits), None)
    if wrong is not None:
        raise InvalidInputError(
            "hash.not-hexadecimal",
            'A hash is {digits} hexadecimal digits, and "{character}" is none.',
            {"digits": _DIGITS, "character": printable(wrong)},
            parameter="hash",
        )
    if len(digits) != _DIGITS:
        raise InvalidInputError(
            "hash.wrong-length",
            "A hash is {digits} hexadecimal digits, and this one has {count}.",
            {"digits": _DIGITS, "count": len(digits)},
            parameter="hash",
        )
    return digits.lower()


def first_fault(links: Iterable[Link], head: Head | None, table: Message) -> Message | None:
    """The first row that is not as it was written, in one sentence; None if all are.

    Parameters
    ----------
    links : every row in the order of its number.
    head : None where there is no note of the newest row, as before the first was written.
    table : the heading of what is said of all rows, such as "Forecasts".
    """
    last, known, count = None, START, 0
    for link, after in _with_next(links):
        count += 1
        if link.whole and link.previous == known and link.hash is not None:
            last, known = link, link.hash
            continue
        follows = after.previous if after is not None else head.hash if head else None
        if follows == known:  # without it the chain is whole
            return _put_in(link)
        if not link.whole:
            return _changed(link)
        if last is None:
            if link.number > 1:
                return Message(
                    "ledger.missing-before",
                    "{table}: one before {number} is missing.",
                    {"table": table, "number": link.number},
                )
            return _changed(link)
        if link.number == last.number + 1:
            return _changed(last)
        return Message(
            "ledger.missing-between",
            "{table}: one between {first} and {second} is missing.",
            {"table": table, "first": last.number, "second": link.number},
        )
    return _fault_at_the_end(last, Head(count, known), head, table)


def verify_links(links: Iterable[Link], since: Place) -> Place | None:
    """How far a chain goes on from a place; None if one of these rows is not as it was written."""
    place = since
    for link in links:
        if not link.whole or link.previous != place.hash or link.hash is None:
            return None
        place = Place(link.number, place.rows + 1, link.hash)
    return place


def ends(found: Head, head: Head | None) -> bool:
    """Whether rows that were found whole are all, by the note of the newest."""
    return head == found or (head is None and not found.rows)


def _put_in(link: Link) -> Message:
    return Message("ledger.put-in", "{row} was put in from outside the ledger.", {"row": link.name})


def _changed(link: Link) -> Message:
    return Message("ledger.changed", "{row} was changed after it was written.", {"row": link.name})


def _fault_at_the_end(
    last: Link | None, found: Head, head: Head | None, table: Message
) -> Message | None:
    if ends(found, head):
        return None
    if head is None:
        return Message(
            "ledger.note-missing", "{table}: the note of the newest is missing.", {"table": table}
        )
    counts = {"table": table, "written": head.rows, "found": found.rows}
    if head.hash == found.hash:
        return Message(
            "ledger.note-miscounts",
            "{table}: the note of the newest was changed; it counts {written}, and {found} are "
            "there.",
            counts,
        )
    if head.rows > found.rows and last is None:
        return Message(
            "ledger.missing-first",
            "{table}: one at the beginning is missing; {written} were written, {found} are there.",
            counts,
        )
    if last is None:
        return Message(
            "ledger.note-changed", "{table}: the note of the newest was changed.", {"table": table}
        )
    if head.rows > found.rows:
        return Message(
            "ledger.missing-after",
            "{table}: one after {number} is missing; {written} were written, {found} are there.",
            {**counts, "number": last.number},
        )
    if head.rows < found.rows:
        return _put_in(last)
    return Message(
        "ledger.row-or-note-changed",
        "{row} was changed after it was written, or the note of the newest was.",
        {"row": last.name},
    )


def _with_next(links: Iterable[Link]) -> Iterator[tuple[Link, Link | None]]:
    before = None
    for link in links:
        if before is not None:
            yield before, link
        before = link
    if before is not None:
        yield before, None


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError(f"{value} is no instant: it lacks a zone.")
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return float(value) + 0.0  # a stored minus zero comes back without its sign
    return value
