"""Tickers that begin, pause and end at different times: no price of any is invented anywhere."""

import io
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from app.components.palettes import PALETTES
from app.views.history import candles, comparison
from app.views.status import freshness
from core.market_data.catalog import catalog
from core.market_data.freshness import BarState, coverage
from core.market_data.freshness import freshness as fresh
from core.market_data.history import history, weekly
from core.market_data.rebased_closes import Rebased, rebase
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.homes import Home

NAMES = ("AAPL", "MSFT", "2330.TW", "TWD=X")
START, END = pd.Timestamp("2023-09-01"), pd.Timestamp("2024-03-28")
AT = datetime(2024, 3, 31, tzinfo=UTC)


def run_locks(seed: int) -> dict[str, pd.Series]:
    """Raw closes of each ticker, which begins, pauses (twice at most) and ends where a die says."""
    source = np.random.default_rng(seed)
    found = {}
    for name in NAMES:
        due = SHIPPED[Ticker.parse(name).market.calendar].between(START, END)
        first, last = sorted(source.choice(len(due), 2, replace=False))
        days = due[first : last + 1]
        for _ in range(source.integers(0, 3)):
            at, size = source.integers(0, len(days)), source.integers(1, 25)
            days = days.delete(range(at, min(at + size, len(days) - 1))) if len(days) > 2 else days
        found[name] = pd.Series(source.uniform(1.0, 900.0, len(days)), days)
    return found


def stored(home: Home, found: dict[str, pd.Series]) -> None:
    for name, closes in found.items():
        home.bars.upsert(frame(name, closes.index, closes.to_numpy()).assign(source="csv"))


def rebased_of(home: Home, names: list[str]) -> Rebased:
    return rebase(
        [history(home.bars, Ticker.parse(name), SHIPPED) for name in names], pd.Timestamp.min
    )


def drawn_points(found: Rebased) -> dict[str, dict[str, float]]:
    """What a chart shows of each ticker, by date."""
    figure = comparison.figure(found, dark=False)
    assert figure.data and not any(line.connectgaps for line in figure.data)
    return {
        line.name: {day: value for day, value in zip(line.x, line.y) if value == value}
        for line in figure.data
    }


@pytest.mark.parametrize("seed", range(12))
def test_every_number_shown_is_a_bar_and_every_bar_shown_is_a_number(home: Home, seed: int) -> None:
    closes = run_locks(seed)
    stored(home, closes)
    found = rebased_of(home, list(NAMES))
    remaining = [name for name in NAMES if name not in found.apart]
    # By hand: each in turn stays if it shares a day with all before it.
    shared, expected = set(closes[NAMES[0]].index), [NAMES[0]]
    for name in NAMES[1:]:
        if shared & set(closes[name].index):
            shared &= set(closes[name].index)
            expected.append(name)
    assert remaining == expected and set(found.apart) == set(NAMES) - set(expected)
    base = min(shared)
    wanted = {
        name: {
            f"{day:%Y-%m-%d}": 100.0 * price / closes[name][base]
            for day, price in closes[name].items()
            if day >= base
        }
        for name in expected
    }
    for name, points in drawn_points(found).items():
        assert points == pytest.approx(wanted[name])
    read = pd.read_csv(io.StringIO(comparison.csv(found)), index_col="session")
    for table in (read, comparison.table(found).set_index("session")):
        table.index = [str(day)[:10] for day in table.index]
        assert {name: table[name].dropna().to_dict() for name in table} == {
            name: pytest.approx(points) for name, points in wanted.items()
        }
    assert (found.values.iloc[0] == 100.0).all()


@pytest.mark.parametrize("seed", range(6))
def test_a_line_is_broken_exactly_where_its_own_exchange_had_a_session(
    home: Home, seed: int
) -> None:
    closes = run_locks(seed)
    stored(home, closes)
    found = rebased_of(home, list(NAMES))
    lines = {line.name: line for line in comparison.figure(found, dark=True).data}
    assert lines
    for name, line in lines.items():
        own = closes[name][closes[name].index >= found.values.index[0]].index
        due = SHIPPED[Ticker.parse(name).market.calendar].between(own[0], own[-1])
        breaks = [day for day, value in zip(line.x, line.y) if value != value]
        assert breaks == [f"{day:%Y-%m-%d}" for day in due.difference(own)]


@pytest.mark.parametrize("seed", range(6))
def test_tables_of_all_tickers_hold_each_one_s_own_last_bar(home: Home, seed: int) -> None:
    closes = run_locks(seed)
    stored(home, closes)
    rows = catalog(home.bars.summaries()).set_index("ticker")
    shown = {
        one.coverage.ticker.symbol: one
        for one in fresh(coverage(home.bars.summaries(), SHIPPED), {}, AT, SHIPPED)
    }
    assert set(rows.index) == set(shown) == set(NAMES)
    for name, own in closes.items():
        assert rows.loc[name, "last_session"] == own.index[-1]
        assert rows.loc[name, "last_close"] == pytest.approx(own.iloc[-1])
        assert rows.loc[name, "sessions"] == len(own)
        green = {session for session, state in shown[name].recent if state == BarState.STORED}
        assert green == {day for day in own.index if day >= shown[name].recent[0][0]}
        table = freshness.table([shown[name]], AT)
        assert table["Last session"].tolist() == [f"{own.index[-1]:%Y-%m-%d}"]
        weeks = weekly(home.bars.load([Ticker.parse(name)]))
        assert set(weeks["session"]) <= set(own.index)
        assert weeks["close"].tolist() == pytest.approx(own[weeks["session"]].tolist())


def test_one_that_ended_long_ago_is_named_and_not_drawn(home: Home) -> None:
    old, new = pd.bdate_range("2013-01-02", periods=5), pd.bdate_range("2024-03-04", periods=5)
    for name, days in (("FB", old), ("NVDA", new)):
        home.bars.upsert(frame(name, days, [1.0, 2.0, 3.0, 4.0, 5.0]))
    found = rebased_of(home, ["NVDA", "FB"])
    assert list(drawn_points(found)) == ["NVDA"]
    assert comparison.left_out(found) == [
        "FB shares no session of this range with NVDA; it has those of 2013-01-02 to 2013-01-08."
    ]
    since = pd.Timestamp("2024-01-01")
    late = rebase(
        [history(home.bars, Ticker.parse(name), SHIPPED) for name in ("NVDA", "FB")], since
    )
    assert comparison.left_out(late) == [
        "FB shares no session of this range with NVDA; it has none."
    ]


def test_one_that_is_behind_ends_where_it_ends_and_the_caption_says_so(home: Home) -> None:
    days = pd.bdate_range("2024-03-04", periods=10)
    home.bars.upsert(frame("NVDA", days, np.arange(1.0, 11.0)))
    home.bars.upsert(frame("AAPL", days[2:4], [50.0, 25.0]))
    found = rebased_of(home, ["NVDA", "AAPL"])
    points = drawn_points(found)
    assert points["AAPL"] == {"2024-03-06": 100.0, "2024-03-07": 50.0}
    assert len(points["NVDA"]) == 8
    caption = comparison.caption(found)
    assert "the first session that all of them have, 2024-03-06." in caption
    assert caption.endswith(" AAPL ends on 2024-03-07.")


def test_a_bar_that_is_held_back_breaks_the_line(home: Home) -> None:
    days = pd.bdate_range("2024-03-04", periods=5)
    home.bars.upsert(frame("NVDA", days, [1.0] * 5))
    home.bars.upsert(frame("AAPL", days, [1.0] * 5).assign(held=["", "", "all", "", ""]))
    line = comparison.figure(rebased_of(home, ["NVDA", "AAPL"]), dark=False).data[1]
    assert [day for day, value in zip(line.x, line.y) if value != value] == ["2024-03-06"]


def test_a_week_of_unknown_volume_is_unknown() -> None:
    days = pd.bdate_range("2024-03-04", periods=10)
    volume = [np.nan] * 5 + [np.nan, 2.0, 3.0, np.nan, 1.0]
    found = weekly(frame("AAPL", days, [1.0] * 10, volume=volume))["volume"]
    assert np.isnan(found[0]) and found[1] == 6.0


def test_volume_of_a_bar_without_an_open_is_drawn_neither_up_nor_down() -> None:
    bars = frame("AAPL", pd.bdate_range("2024-03-04", periods=3), [2.0, 2.0, 2.0])
    bars["open"] = [1.0, np.nan, 3.0]
    figure = candles.candles(bars, 3, "Price", [], PALETTES["us"], dark=False)
    colours = next(one for one in figure.data if one.name == "Volume").marker.color
    up, down = PALETTES["us"].up, PALETTES["us"].down
    assert colours[0] == up and colours[2] == down and colours[1] not in (up, down)
