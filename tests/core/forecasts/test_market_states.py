"""The market state beside the lake: that of all stored bars, whatever happened to them."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.features.market_state import MarketState
from core.features.panel import Panel
from core.forecasts import market_states
from core.forecasts.market_states import MarketStates
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.reading import ReadableBars
from core.models import create
from core.reference.renames import Renames
from core.reference.tickers import Ticker
from tests.support.bars import walk, walks
from tests.support.places import Place

SESSIONS = 200
NAMES = ["AAPL", "2330.TW", "IBM", "MSFT", "2317.TW", "GE", "KO"]


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of two, so that a handful of tickers has several."""
    monkeypatch.setattr(market_states, "TICKERS_A_BLOCK", 2)


@pytest.fixture
def lake(place: Place) -> ParquetBars:
    found = place.open()
    for seed, name in enumerate(NAMES):
        found.upsert(walk(name, SESSIONS, seed=seed))
    return found


class Counted(ParquetBars):
    """The lake of a folder that counts how many tickers are read for the state."""

    def __init__(self, place: Path, renames: Callable[[], Renames] = Renames) -> None:
        super().__init__(place, renames)
        self.read: list[str] = []

    def load_readable(self, tickers: Iterable[Ticker]) -> ReadableBars:
        wanted = list(tickers)
        self.read += [one.symbol for one in wanted]
        return super().load_readable(wanted)


def expected(lake: ParquetBars, known_at: datetime | None = None) -> MarketState:
    return Panel.of(lake.load(adjusted=False, known_at=known_at)).market_state


def same(one: MarketState, other: MarketState) -> None:
    places = [[state.calendars[code] for code in state.calendar] for state in (one, other)]
    assert places[0] == places[1]
    np.testing.assert_array_equal(one.session, other.session)
    np.testing.assert_array_equal(one.sums, other.sums)


def correct(lake: ParquetBars, symbol: str, row: int = 150) -> None:
    rows = lake.load([symbol], adjusted=False).iloc[row : row + 1]
    lake.upsert(rows.assign(volume=rows["volume"] * 3.0, high=rows["high"] * 1.05))


def test_it_is_that_of_the_whole_panel_after_every_change(lake: ParquetBars) -> None:
    states = MarketStates(lake)
    same(states.current().state, expected(lake))
    lake.upsert(walk("AA", SESSIONS, seed=20))
    same(states.current().state, expected(lake))
    correct(lake, "MSFT")
    same(states.current().state, expected(lake))
    lake.remove(Ticker.parse("2317.TW"))
    lake.remove(Ticker.parse("GE"))
    same(states.current().state, expected(lake))
    for seed, name in enumerate(["AB", "AC", "AD", "AE"]):
        lake.upsert(walk(name, SESSIONS + 7, seed=30 + seed))
    found = states.current()
    same(found.state, expected(lake))
    assert max(map(len, found.blocks.values())) < 4 and len(found.blocks) > 3
    same(MarketStates(lake).current().state, found.state)


def test_a_forecast_is_the_same_from_it_as_from_all_bars(lake: ParquetBars) -> None:
    bars, market = lake.load(adjusted=False), MarketStates(lake).current()
    for name in ("har", "constant_width"):
        model = create(name)
        # Too short to learn from: the law is about what a fitted one is given, so learn elsewhere.
        model.fit(walks(3, 420, seed=3))
        whole = model.predict(bars)
        for symbol in NAMES:
            own = lake.load([symbol], adjusted=False)
            found = model.predict(own, market=market.state)
            there = whole[whole["ticker"] == symbol].reset_index(drop=True)
            pd.testing.assert_frame_equal(found, there, check_exact=True)


def test_what_was_known_then_is_what_the_state_was_then(lake: ParquetBars) -> None:
    states, before = MarketStates(lake), datetime(2024, 7, 2, tzinfo=UTC)
    older = states.current()
    later = pd.Timestamp("2024-08-01", tz="UTC")
    rows = lake.load(["KO"], adjusted=False).iloc[120:130]
    lake.upsert(rows.assign(close=rows["close"] * 1.01, ingested_at=later))
    lake.upsert(walk("NEW", SESSIONS, seed=77).assign(ingested_at=later))
    newer = states.current()
    assert newer.stamp != older.stamp and not np.array_equal(newer.state.sums, older.state.sums)
    same(older.state, expected(lake, before))
    same(newer.state, expected(lake))


def test_only_blocks_with_a_change_are_read_again(tmp_path: Path) -> None:
    lake = Counted(tmp_path)
    lake.upsert(walks(8, SESSIONS))
    states = MarketStates(lake)
    states.current()
    assert len(lake.read) == 8
    lake.read.clear()
    states.current()
    MarketStates(lake).current()
    assert lake.read == []
    correct(lake, "T3")
    states.current()
    assert 1 <= len(lake.read) <= 3 and "T3" in lake.read
    lake.read.clear()
    same(MarketStates(lake).current().state, expected(lake))
    assert lake.read == []


def test_what_is_lost_or_damaged_is_made_again(place: Place) -> None:
    lake = place.open()
    lake.upsert(walks(5, SESSIONS))
    found = MarketStates(lake).current()
    names = [market_states._NAME, *found.blocks]
    for name in names:
        lake.beside.update(name, lambda _: b"no table")
    same(MarketStates(lake).current().state, found.state)
    lake.beside.remove(names[1])
    correct(lake, "T0")
    correct(lake, "T4")
    same(MarketStates(lake).current().state, expected(lake))


def test_it_changes_no_stamp_and_is_no_ticker(place: Place) -> None:
    lake = place.open()
    lake.upsert(walks(3, SESSIONS))
    before, stamp = lake.tickers(), lake.stamp()
    MarketStates(lake).current()
    assert (lake.tickers(), lake.stamp()) == (before, stamp)
    assert lake.stamps_of([*before, Ticker.parse("NONE")]) == lake.stamps()


def test_a_file_that_cannot_be_read_is_left_out(tmp_path: Path) -> None:
    lake = ParquetBars(tmp_path)
    lake.upsert(walks(5, SESSIONS))
    (tmp_path / "T2.parquet").write_bytes(b"damaged")
    same(MarketStates(lake).current().state, expected(lake))


def test_where_nothing_can_be_written_it_is_kept_in_memory(tmp_path: Path) -> None:
    lake = Counted(tmp_path / "bars")
    lake.upsert(walks(3, SESSIONS))
    for path in (tmp_path / "bars" / ".locks").iterdir():
        path.unlink()
    (tmp_path / "bars" / ".locks").rmdir()
    (tmp_path / "bars" / ".locks").write_text("in the way of every lock")
    states = MarketStates(lake)
    same(states.current().state, expected(lake))
    lake.read.clear()
    states.current()
    assert lake.read == []


def test_a_renamed_ticker_is_in_it_once(tmp_path: Path) -> None:
    renames = Renames()
    lake = Counted(tmp_path, lambda: renames)
    lake.upsert(walks(3, SESSIONS))
    states = MarketStates(lake)
    before = states.current().state
    renames = Renames((("T1", "META"),))
    found = states.current()
    assert "META" in found.stamps and "T1" not in found.stamps
    same(found.state, before)
    same(found.state, expected(lake))


def test_of_no_bars_it_is_empty(tmp_path: Path) -> None:
    assert len(MarketStates(ParquetBars(tmp_path)).current().state.session) == 0
