"""Fetched bars past the checks: what is held, what stays, and that twice is once."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.review import discard, release
from core.market_data.validate import recheck, validate_and_store
from core.reference.tickers import Ticker
from tests.support.check_rows import AAPL, quiet, scaled
from tests.support.homes import AT, Home, file_bytes

LATER = AT + timedelta(days=1)


def open_codes(home: Home) -> list[tuple[str, int]]:
    return [
        (one.code, one.sessions)
        for one in home.quarantine.entries(statuses=(QuarantineStatus.OPEN,))
    ]


def test_three_times_is_once(home: Home) -> None:
    bars = quiet()
    bars.loc[[10, 11], "volume"] = 0.0
    first = validate_and_store(home.gateway, AAPL, bars, AT)
    assert (first.written.new, first.held_back) == (60, 2)
    stored, known = file_bytes(home.path / "bars"), home.quarantine.entries()
    for days in (1, 2):
        again = validate_and_store(home.gateway, AAPL, bars, AT + timedelta(days=days))
        assert (again.written.unchanged, again.held_back) == (60, 2)
    assert file_bytes(home.path / "bars") == stored and home.quarantine.entries() == known
    assert len(home.bars.load([AAPL])) == 58


def test_a_bad_new_bar_is_judged_by_those_before(home: Home) -> None:
    bars = quiet()
    validate_and_store(home.gateway, AAPL, bars[:57], AT)
    taken = validate_and_store(home.gateway, AAPL, scaled(bars, slice(57, 60), 0.01)[50:], LATER)
    assert (taken.written.new, taken.written.unchanged, taken.held_back) == (3, 7, 3)
    assert open_codes(home) == [("100x", 3)] and len(home.bars.load([AAPL])) == 57


def test_what_the_vendor_mends_is_read_and_the_fault_resolved(home: Home) -> None:
    bars = quiet()
    validate_and_store(home.gateway, AAPL, scaled(bars, slice(57, 60), 0.01), AT)
    assert open_codes(home) == [("100x", 57)], "at first sight the newest are believed"
    validate_and_store(home.gateway, AAPL, bars, LATER, whole=True)
    assert open_codes(home) == [] and len(home.bars.load([AAPL])) == 60


def test_a_bad_correction_does_not_displace_a_sound_bar(home: Home) -> None:
    bars = quiet()
    validate_and_store(home.gateway, AAPL, bars, AT)
    before = home.bars.load([AAPL])
    taken = validate_and_store(home.gateway, AAPL, scaled(bars, slice(55, 57), 100.0)[50:], LATER)
    assert taken.held_back == 2 and open_codes(home) == [("100x", 2)]
    pd.testing.assert_frame_equal(home.bars.load([AAPL]), before)


def test_a_refused_correction_stays_in_question_until_the_vendor_takes_it_back(home: Home) -> None:
    bars, wrong = quiet(), scaled(quiet(), slice(55, 57), 100.0)
    validate_and_store(home.gateway, AAPL, bars, AT)
    validate_and_store(home.gateway, AAPL, wrong[50:], LATER)
    assert recheck(home.gateway, AAPL, LATER) == 0 and open_codes(home) == [("100x", 2)]
    (entry,) = home.quarantine.entries(statuses=(QuarantineStatus.OPEN,))
    assert "The bar stored before is still read" in entry.reason
    discard(home.gateway, home.audit, entry.id, "ann", "a slip", LATER)
    assert len(home.bars.load([AAPL])) == 60, "what is stored is not what was discarded"
    release(home.gateway, home.audit, entry.id, "ann", "real", LATER)
    validate_and_store(home.gateway, AAPL, wrong[50:], LATER)
    assert home.bars.load([AAPL], adjusted=False)["close"].iloc[55] == wrong["close"].iloc[55]


def test_a_refused_correction_that_is_taken_back_is_resolved(home: Home) -> None:
    bars = quiet()
    validate_and_store(home.gateway, AAPL, bars, AT)
    validate_and_store(home.gateway, AAPL, scaled(bars, slice(55, 57), 100.0)[50:], LATER)
    validate_and_store(home.gateway, AAPL, bars[50:], LATER)
    assert open_codes(home) == []


def test_a_sound_correction_is_a_revision(home: Home) -> None:
    bars = quiet()
    validate_and_store(home.gateway, AAPL, bars, AT)
    repaired = bars.copy()
    repaired.loc[58, "close"] += 0.1
    assert validate_and_store(home.gateway, AAPL, repaired[50:], LATER).written.corrected == 1
    assert home.bars.load([AAPL])["close"].iloc[58] == repaired["close"][58]
    assert home.bars.load([AAPL], known_at=AT)["close"].iloc[58] == bars["close"][58]


def test_the_split_of_a_row_held_back_still_counts(home: Home) -> None:
    bars = scaled(quiet(), slice(0, 30), 4.0)
    bars.loc[:29, "volume"] /= 4.0
    bars.loc[30, ["split_ratio", "volume"]] = [4.0, 0.0]
    validate_and_store(home.gateway, AAPL, bars, AT)
    read = home.bars.load([AAPL])
    assert len(read) == 59
    np.testing.assert_allclose(read["close"], quiet()["close"].drop(30), rtol=1e-12)


def test_an_unlisted_split_is_mended_once_and_told(home: Home) -> None:
    bars = quiet(80)
    bars.loc[:39, "volume"] *= 4
    validate_and_store(home.gateway, AAPL, bars, AT)
    (entry,) = home.quarantine.entries()
    assert (entry.code, entry.status, entry.sessions, entry.hold) == ("split", "mended", 40, "")
    raw = home.bars.load([AAPL], adjusted=False)
    assert raw["split_ratio"][40] == 4.0
    np.testing.assert_allclose(raw["close"][:40], bars["close"][:40] * 4)


def test_a_session_that_came_twice_is_stored_once_and_held(home: Home) -> None:
    bars = quiet()
    twice = pd.concat([bars, bars.iloc[[20]].assign(close=100.4), bars.iloc[[30]]])
    taken = validate_and_store(home.gateway, AAPL, twice, AT)
    assert taken.written.new == 60 and open_codes(home) == [("duplicate", 2)]
    assert len(home.bars.load([AAPL])) == 59


def test_what_stands_before_a_year_is_left_as_it_is(home: Home) -> None:
    bars = quiet(500)
    bars.loc[5, "volume"] = 0.0
    validate_and_store(home.gateway, AAPL, bars[:495], AT)
    validate_and_store(home.gateway, AAPL, bars[490:], LATER)
    assert open_codes(home) == [("volume", 1)] and len(home.bars.load([AAPL])) == 499


@pytest.mark.parametrize("hold", ["", "prices"])
def test_bars_of_an_older_release_are_checked_when_asked(hold: str, home: Home) -> None:
    bars = scaled(quiet(), slice(0, 20), 100.0)
    home.bars.upsert(bars if not hold else bars.assign(held=hold))
    assert recheck(home.gateway, AAPL, LATER) == 20
    assert open_codes(home) == [("100x", 20)] and len(home.bars.load([AAPL])) == 40
    assert recheck(home.gateway, AAPL, LATER) == 20
    assert recheck(home.gateway, Ticker.parse("MSFT"), LATER) == 0


def test_a_session_that_came_twice_stays_held_when_checked_again(home: Home) -> None:
    bars = quiet()
    validate_and_store(
        home.gateway, AAPL, pd.concat([bars, bars.iloc[[20]].assign(close=100.4)]), AT
    )
    assert recheck(home.gateway, AAPL, LATER) == 1 and open_codes(home) == [("duplicate", 2)]
    validate_and_store(home.gateway, AAPL, bars[50:], LATER)
    assert len(home.bars.load([AAPL])) == 59
    validate_and_store(home.gateway, AAPL, bars, LATER)
    assert len(home.bars.load([AAPL])) == 60 and open_codes(home) == []


def test_a_refused_row_does_not_free_what_its_stored_one_holds(home: Home) -> None:
    """A false split is stored; its correction is refused for another fault of its own."""
    bars = quiet()
    wrong = bars.copy()
    wrong.loc[40, "split_ratio"] = 4.0
    validate_and_store(home.gateway, AAPL, wrong, AT)
    assert open_codes(home) == [("split", 40)]
    repaired = bars.copy()
    repaired.loc[40, "dividend"] = -3.0
    validate_and_store(home.gateway, AAPL, repaired, LATER)
    assert sorted(open_codes(home)) == [("dividend", 1), ("split", 40)]
    read = home.bars.load([AAPL])
    assert len(read) == 20 and read["close"].pct_change().abs().max() < 0.4
    validate_and_store(home.gateway, AAPL, bars, LATER)
    assert open_codes(home) == [] and len(home.bars.load([AAPL])) == 60
