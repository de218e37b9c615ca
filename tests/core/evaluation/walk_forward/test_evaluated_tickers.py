"""Which tickers stand for all: few enough, and the same when others come and go."""

import random

from hypothesis import given
from hypothesis import strategies as st

from core.evaluation.walk_forward.evaluated_tickers import (
    LONG_HISTORY_SESSIONS,
    MARKET_TICKERS,
    YOUNG_TICKERS,
    evaluated_bars,
    evaluated_tickers,
)
from tests.support.bars import walks

_OLD, _YOUNG = LONG_HISTORY_SESSIONS, LONG_HISTORY_SESSIONS - 1


def _american(grown: int, young: int = 0) -> dict[str, int]:
    return {f"G{n}": _OLD for n in range(grown)} | {f"Y{n}": _YOUNG for n in range(young)}


def _taiwanese(count: int) -> dict[str, int]:
    return {f"{1101 + n}.TW": _OLD for n in range(count)}


def test_all_are_taken_where_no_market_has_too_many() -> None:
    stored = _american(MARKET_TICKERS - 10, 10) | _taiwanese(MARKET_TICKERS) | {"9999.TW": 10}
    del stored["1101.TW"]
    assert evaluated_tickers(stored) == tuple(sorted(stored))
    bars = walks(3, sessions=5)
    assert evaluated_bars(bars) is bars


def test_of_each_market_so_many_are_taken_and_all_of_one_that_has_fewer() -> None:
    stored = _american(500) | _taiwanese(20)
    chosen = evaluated_tickers(stored)
    assert len(chosen) == MARKET_TICKERS + 20 and {*_taiwanese(20)} <= {*chosen}
    assert list(chosen) == sorted(chosen)


def test_the_invented_ticker_takes_nobody_s_place() -> None:
    assert "9999.TW" not in evaluated_tickers(_taiwanese(200) | {"9999.TW": _OLD})


def test_few_of_the_young_are_taken_while_there_are_enough_others() -> None:
    for grown, young, expected in ((400, 400, 16), (400, 5, 5), (50, 400, 16), (30, 400, 34)):
        chosen = evaluated_tickers(_american(grown, young))
        assert sum(one.startswith("Y") for one in chosen) == expected, (grown, young)
        assert len(chosen) == MARKET_TICKERS
    assert YOUNG_TICKERS == 16


def test_order_does_not_count() -> None:
    stored = list((_american(300, 100) | _taiwanese(90)).items())
    expected = evaluated_tickers(dict(stored))
    random.Random(7).shuffle(stored)
    assert evaluated_tickers(dict(stored)) == expected


@given(
    grown=st.integers(0, 90),
    young=st.integers(0, 90),
    new=st.integers(0, 10_000),
    sessions=st.sampled_from((_OLD, _YOUNG)),
)
def test_who_comes_takes_one_place_or_none(grown: int, young: int, new: int, sessions: int) -> None:
    before = _american(grown, young)
    chosen = {*evaluated_tickers(before)}
    after = {*evaluated_tickers(before | {f"N{new}": sessions})}
    if f"N{new}" in after:
        assert len(chosen - after) <= 1 and after - chosen == {f"N{new}"}
    else:
        assert after == chosen


def test_the_same_are_taken_by_every_program() -> None:
    # Written down: another choice would make the figures of old and new versions differ.
    assert evaluated_tickers(_american(1_000))[:5] == ("G102", "G104", "G125", "G146", "G155")
