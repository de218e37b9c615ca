"""Every way to tamper with a chain of rows is named; what was only written is intact."""

import hashlib
import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import numpy as np
import pandas as pd
import pytest

from core.foundation.messages import Message
from core.foundation.sql.hash_chain import (
    START,
    Head,
    Link,
    Place,
    canonical,
    first_fault,
    seal,
    verify_links,
)

ROWS = Message("ledger.rows", "Rows")


def named(text: str) -> Message:
    return Message("", text)


def chain(count: int) -> tuple[list[Link], Head]:
    """So many rows as they are written."""
    links, previous = [], START
    for number in range(1, count + 1):
        digest = seal(previous, {"id": number})
        links.append(Link(number, named(f"Row {number}"), previous, digest, whole=True))
        previous = digest
    return links, Head(count, previous)


def resealed(link: Link, previous: str) -> Link:
    """A row of other content that was given the hash of it."""
    return replace(link, previous=previous, hash=seal(previous, {"id": -link.number}))


def test_the_text_of_a_row_by_hand() -> None:
    content = {"b": 0.1, "a": [1, None], "at": datetime(2024, 6, 29, 1, tzinfo=UTC), "c": "é"}
    expected = '{"a":[1,null],"at":"2024-06-29T01:00:00.000000+00:00","b":0.1,"c":"\\u00e9"}'
    assert canonical(content) == expected
    assert seal(START, content) == hashlib.sha256(f"{START}\n{expected}".encode()).hexdigest()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (datetime(2024, 6, 29, 8, tzinfo=timezone(timedelta(hours=8))), "2024-06-29"),
        (pd.Timestamp("2024-06-29", tz="UTC"), "2024-06-29"),
    ],
)
def test_one_instant_has_one_text(one: datetime, other: str) -> None:
    assert canonical({"at": one}) == canonical({"at": datetime.fromisoformat(other + "T00Z")})


def test_what_databases_do_to_a_number_changes_no_hash() -> None:
    assert canonical({"x": np.float64(0.1)}) == canonical({"x": 0.1})
    assert canonical({"x": -0.0}) == canonical({"x": 0.0})
    assert canonical({"x": [math.nan, -math.inf]}) == '{"x":[NaN,-Infinity]}'
    assert canonical({"x": date(2024, 6, 28)}) == '{"x":"2024-06-28"}'


def test_the_last_bit_of_a_number_counts() -> None:
    assert seal(START, {"x": 0.1}) != seal(START, {"x": math.nextafter(0.1, 1.0)})
    assert seal(START, {"x": 1}) != seal(START, {"x": 1.0})


@pytest.mark.parametrize("value", [datetime(2024, 6, 29), b"x", object()])
def test_what_has_no_text_is_refused(value: object) -> None:
    with pytest.raises((ValueError, TypeError)):
        canonical({"x": value})


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_what_was_only_written_is_intact(count: int) -> None:
    links, head = chain(count)
    assert first_fault(links, head, ROWS) is None
    assert count or first_fault([], None, ROWS) is None


@pytest.mark.parametrize("first", range(6))
def test_a_chain_that_was_read_in_part_is_read_on(first: int) -> None:
    links, head = chain(5)
    links = [replace(one, number=2 * one.number) for one in links]
    place = verify_links(links[:first], Place())
    assert place is not None and place.rows == first
    assert verify_links(links[first:], place) == Place(10, head.rows, head.hash)
    assert verify_links(links[first + 1 :], place) == (None if first < 4 else place)


@pytest.mark.parametrize("at", range(5))
def test_a_changed_row_is_named(at: int) -> None:
    links, head = chain(5)
    links[at] = replace(links[at], whole=False)
    assert str(first_fault(links, head, ROWS)) == f"Row {at + 1} was changed after it was written."


@pytest.mark.parametrize("at", range(4))
def test_a_changed_row_that_was_sealed_anew_is_named(at: int) -> None:
    links, head = chain(5)
    links[at] = resealed(links[at], links[at].previous or "")
    assert str(first_fault(links, head, ROWS)) == f"Row {at + 1} was changed after it was written."


def test_the_newest_row_sealed_anew_is_named() -> None:
    links, head = chain(5)
    links[-1] = resealed(links[-1], links[-2].hash or "")
    assert str(first_fault(links, head, ROWS)).startswith(
        "Row 5 was changed after it was written, or"
    )


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (0, "Rows: one before 2 is missing."),
        (2, "Rows: one between 2 and 4 is missing."),
        (3, "Rows: one between 3 and 5 is missing."),
        (4, "Rows: one after 4 is missing; 5 were written, 4 are there."),
    ],
)
def test_a_missing_row_is_named(at: int, expected: str) -> None:
    links, head = chain(5)
    del links[at]
    assert str(first_fault(links, head, ROWS)) == expected


def test_no_row_left_is_named() -> None:
    expected = "Rows: one at the beginning is missing; 5 were written, 0 are there."
    assert str(first_fault([], chain(5)[1], ROWS)) == expected


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("at", [0, 2, 5])
def test_a_row_put_in_is_named(at: int, sealed: bool) -> None:
    links, head = chain(5)
    links = [replace(one, number=2 * one.number) for one in links]
    before = links[at - 1].hash if at else START
    new = Link(2 * at + 1, named("The new row"), before, seal(before or "", {"id": "new"}), sealed)
    links.insert(at, new)
    found = str(first_fault(links, head, ROWS))
    if sealed and at < 5:  # it took the place of the one after it
        assert found.startswith(("Rows: one between", "The new row"))
    else:
        assert found == "The new row was put in from outside the ledger."


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (None, "Rows: the note of the newest is missing."),
        (Head(4, chain(5)[1].hash), "Rows: the note of the newest was changed; it counts 4, and 5"),
        (Head(5, START), "Row 5 was changed after it was written, or the note of the newest was."),
    ],
)
def test_a_changed_note_is_named(head: Head | None, expected: str) -> None:
    assert str(first_fault(chain(5)[0], head, ROWS)).startswith(expected)


def test_moved_rows_are_named() -> None:
    links, head = chain(5)
    links[1], links[2] = links[2], links[1]
    assert first_fault(links, head, ROWS) is not None
