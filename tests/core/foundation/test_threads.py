"""Work side by side: all of it, a few pieces at a time, and none after somebody stopped."""

import threading

import pytest

from core.foundation.errors import SourceError
from core.foundation.threads import side_by_side


def test_everything_is_done_as_many_at_once_as_allowed() -> None:
    together = threading.Barrier(3, timeout=30)

    def work(number: int) -> int:
        together.wait()
        return number * number

    assert sorted(side_by_side(work, range(9), 3)) == [(n, n * n) for n in range(9)]
    assert list(side_by_side(work, [], 3)) == []


def test_a_failure_stands_beside_its_item_and_a_defect_is_raised() -> None:
    def work(number: int) -> int:
        if number == 1:
            raise SourceError("test.failure", "One timed out.")
        if number == 2:
            raise ZeroDivisionError
        return number

    found = dict(side_by_side(work, [0, 1], 1))
    assert found[0] == 0 and isinstance(found[1], SourceError)
    with pytest.raises(ZeroDivisionError):
        list(side_by_side(work, [2], 2))


def test_who_stops_taking_stops_the_rest() -> None:
    begun: list[int] = []
    results = side_by_side(lambda number: begun.append(number), range(1000), 2)
    next(results)
    results.close()  # type: ignore[attr-defined]
    assert len(begun) < 20
