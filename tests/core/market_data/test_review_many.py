"""A person's word on what is held back: one entry or many, undone by the other word."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.review import decide, discard, release
from core.market_data.validate import validate_and_store
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.homes import AT, Home

AAPL, IBM = Ticker.parse("AAPL"), Ticker.parse("IBM")
LATER = AT + timedelta(days=1)
IDLE = [40, 41, 55, 70]  # three runs of sessions on which nothing was traded


def filled(home: Home, ticker: Ticker = AAPL) -> list[QuarantineEntry]:
    """Take in a walk with idle sessions; gives the entries on them, by their first session."""
    bars = walk(ticker.symbol, 120, end="2024-06-28").assign(source="csv")
    bars.loc[IDLE, "volume"] = 0.0
    validate_and_store(home.gateway, ticker, bars, AT)
    found = [one for one in home.quarantine.entries(ticker.symbol) if one.code == "volume"]
    assert [one.sessions for one in found] == [2, 1, 1]
    return found


def read(home: Home, ticker: Ticker = AAPL) -> int:
    return len(home.bars.load([ticker], adjusted=False))


def standings(home: Home) -> list[str]:
    return [one.status for one in home.quarantine.entries() if one.code == "volume"]


def test_one_word_decides_many(home: Home) -> None:
    entries = filled(home)
    before = read(home)
    done = decide(
        home.gateway,
        home.audit,
        QuarantineStatus.RELEASED,
        [one.id for one in entries],
        "ann",
        " a halt ",
        LATER,
    )
    assert read(home) == before + len(IDLE)
    assert [(one.status, one.decided_by, one.decision_reason) for one in done] == 3 * [
        (QuarantineStatus.RELEASED, "ann", "a halt")
    ]
    assert {one.decided_at for one in done} == {LATER}
    (action,) = home.audit.latest()
    first, last = entries[0].first, entries[-1].last
    assert action.subject == f"AAPL {first} to {last}: volume (3 entries)"
    assert (action.actor, action.action, action.reason) == ("ann", "release bars", "a halt")


def test_the_other_word_undoes_it(home: Home) -> None:
    entry = filled(home)[0]
    before = read(home)
    assert (
        discard(home.gateway, home.audit, entry.id, "ann", "wrong", AT).status
        == QuarantineStatus.DISCARDED
    )
    assert read(home) == before
    assert release(home.gateway, home.audit, entry.id, "bob", "right", LATER).decided_by == "bob"
    assert read(home) == before + 2
    discard(home.gateway, home.audit, entry.id, "ann", "wrong after all", LATER)
    assert read(home) == before
    assert [one.action for one in home.audit.latest()] == [
        *("discard bars", "release bars", "discard bars")
    ]


def test_what_was_known_before_the_word_is_known_still(home: Home) -> None:
    entry, before = filled(home)[0], home.bars.load([AAPL])
    release(home.gateway, home.audit, entry.id, "ann", "fine", LATER)
    as_of = home.bars.load([AAPL], known_at=AT + timedelta(hours=1))
    pd.testing.assert_frame_equal(as_of, before)


@pytest.mark.parametrize(
    ("reason", "expected"),
    [(" ", "A reason is needed"), ("x" * 501, "at most 500 characters, not 501")],
)
def test_a_word_without_a_reason_changes_nothing(home: Home, reason: str, expected: str) -> None:
    entry, before = filled(home)[0], home.bars.stamp()
    with pytest.raises(InvalidInputError, match=expected):
        release(home.gateway, home.audit, entry.id, "ann", reason, LATER)
    assert home.bars.stamp() == before and standings(home) == 3 * [QuarantineStatus.OPEN]
    assert home.audit.latest() == []


def test_a_word_given_already_is_refused_and_none_of_many_is_taken(home: Home) -> None:
    entries = filled(home)
    release(home.gateway, home.audit, entries[1].id, "ann", "fine", AT)
    before = home.bars.stamp()
    with pytest.raises(InvalidInputError, match="is released, so there is nothing to decide"):
        decide(
            home.gateway,
            home.audit,
            QuarantineStatus.RELEASED,
            [one.id for one in entries],
            "ann",
            "all",
            LATER,
        )
    assert home.bars.stamp() == before and standings(home) == [
        QuarantineStatus.OPEN,
        QuarantineStatus.RELEASED,
        QuarantineStatus.OPEN,
    ]


def test_two_tickers_at_once_and_none_at_all_are_refused(home: Home) -> None:
    numbers = [filled(home)[0].id, filled(home, IBM)[0].id]
    for meant in (numbers, []):
        with pytest.raises(InvalidInputError, match="one ticker at a time"):
            decide(home.gateway, home.audit, QuarantineStatus.RELEASED, meant, "ann", "x", LATER)
    with pytest.raises(NotFoundError):
        decide(
            home.gateway,
            home.audit,
            QuarantineStatus.RELEASED,
            [numbers[0], 999],
            "ann",
            "x",
            LATER,
        )
    assert set(standings(home)) == {QuarantineStatus.OPEN}


def test_bars_that_cannot_be_read_as_they_are_stay_held(home: Home) -> None:
    bars = walk("AAPL", 120, end="2024-06-28").assign(source="csv")
    bars.loc[60, "close"] = np.nan
    validate_and_store(home.gateway, AAPL, bars, AT)
    (entry,) = [one for one in home.quarantine.entries("AAPL") if one.code == "price"]
    before = read(home)
    with pytest.raises(InvalidInputError, match="close"):
        release(home.gateway, home.audit, entry.id, "ann", "let it be", LATER)
    assert home.quarantine.get(entry.id).status == QuarantineStatus.OPEN and read(home) == before


def test_a_word_is_heeded_when_the_same_bars_come_again(home: Home) -> None:
    entries = filled(home)
    decide(
        home.gateway,
        home.audit,
        QuarantineStatus.RELEASED,
        [one.id for one in entries],
        "ann",
        "halts",
        AT,
    )
    stamp = home.bars.stamp()
    bars = walk("AAPL", 120, end="2024-06-28").assign(source="csv")
    bars.loc[IDLE, "volume"] = 0.0
    validate_and_store(home.gateway, AAPL, bars, LATER)
    assert home.bars.stamp() == stamp and standings(home) == 3 * [QuarantineStatus.RELEASED]
