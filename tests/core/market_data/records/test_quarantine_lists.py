"""Pages of faults against the whole of them, on both back ends."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import product

import numpy as np
import pytest

from core.foundation.sql.database import Database
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine import Quarantine, QuarantineEntry, QuarantineStatus
from core.market_data.records.quarantine_lists import Listed
from core.reference.bar_holds import Hold
from core.reference.renames import Renames
from tests.support.homes import AT

OPEN = (QuarantineStatus.OPEN,)
DECIDED = (QuarantineStatus.RELEASED, QuarantineStatus.DISCARDED)
RENAMES = Renames((("FB", "META"), ("X", "BRK-B")))
SYMBOLS = ["AAPL", "BRK-B", "BRKA", "FB", "META", "X", "^GSPC", "Z"]


@pytest.fixture(params=[Renames(), RENAMES], ids=["as they were", "renamed"])
def quarantine(request: pytest.FixtureRequest, records_url: str) -> Quarantine:
    """Some faults of each symbol, of which several symbols of a ticker share some."""
    filled = Quarantine(Database(records_url))
    chance = np.random.default_rng(5)
    for symbol in SYMBOLS:
        for day, code in product(range(3, 7), (Fault.JUMP, Fault.STALE)):
            on = date(2024, 6, day)
            digest = str(chance.integers(2))
            made = QuarantineEntry(
                symbol, "csv", code, on, on, 1, "Is it?", Hold.PRICES, digest, AT
            )
            filled.add([replace(made, found_at=AT - timedelta(days=int(chance.integers(3))))])
    numbers = [one.id for one in filled.entries()]
    for status, at in product(DECIDED, (AT, AT + timedelta(days=1))):
        some = [int(one) for one in chance.choice(numbers, 7, replace=False)]
        filled.decide(some, status, "ann", "looked", at)
    return Quarantine(Database(records_url), lambda: request.param)


def whole(quarantine: Quarantine, listed: Listed) -> list[QuarantineEntry]:
    found = [
        one
        for one in quarantine.entries(statuses=listed.statuses)
        if listed.ticker in ("", one.ticker) and listed.code in ("", one.code)
    ]
    if not listed.newest_first:
        return found
    return sorted(found, key=lambda one: one.decided_at or one.found_at, reverse=True)


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize("statuses", [OPEN, DECIDED])
def test_a_page_is_cut_out_of_the_whole(
    quarantine: Quarantine, statuses: tuple[QuarantineStatus, ...], newest_first: bool
) -> None:
    lists = quarantine.lists
    for ticker, code in product(("", "META", "BRK-B", "FB"), ("", "jump")):
        listed = Listed(statuses, ticker, code, newest_first)
        every = whole(quarantine, listed)
        assert lists.count(listed) == len(every)
        assert [one for at in range(0, len(every), 3) for one in lists.page(listed, 3, at)] == every
        assert lists.tickers(listed) == sorted({one.ticker for one in every})
        assert lists.codes(listed) == sorted({one.code for one in every})
        assert lists.numbers(listed) == sorted(one.id for one in every)
        for symbol in {one.ticker for one in every}:
            first = next(at for at, one in enumerate(every) if one.ticker == symbol)
            assert lists.place_of(listed, symbol) == first
    assert len(whole(quarantine, Listed(statuses))) > 6


def test_of_nothing_there_is_one_empty_page(records_url: str) -> None:
    lists, listed = Quarantine(Database(records_url)).lists, Listed(OPEN)
    assert lists.count(listed) == 0 and lists.page(listed, 5) == []
    assert lists.place_of(listed, "AAPL") == 0 and lists.tickers(listed) == []
