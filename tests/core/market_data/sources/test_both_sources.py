"""Two sources beside each other: one of them is believed, and where they differ it is named."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import RateLimitedError, UnavailableError
from core.market_data.fetch import fetch_and_store
from core.market_data.lake.bar_store import Upserted
from core.market_data.sources.both_sources import BothSource, reconciled
from core.market_data.sources.exchange.twse import TwseSource
from core.market_data.sources.rate_limiter import RateLimiter
from core.market_data.sources.yahoo import YahooSource
from core.market_data.validate import Accepted
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.exchange.server import FakeExchange
from tests.support.homes import Home
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
TSMC = Ticker.parse("2330.TW")
VALUES = ["session", "open", "high", "low", "close", "volume", "dividend", "split_ratio"]


def bars(**changes: object) -> pd.DataFrame:
    """Ten sessions of the exchange, from Monday 2026-11-02 on."""
    last = series("2330.TW", AT).assign(dividend=0.0, split_ratio=1.0)
    ten = last[last["session"] >= "2026-11-02"].head(10).reset_index(drop=True)
    return ten.assign(**changes)


def notes(found: pd.DataFrame) -> list[str]:
    return ["" if one is None else str(one) for one in found["note"]]


def changed(bars: pd.DataFrame, row: int, **values: float) -> pd.DataFrame:
    new = bars.copy()
    for name, value in values.items():
        new.loc[row, name] = value
    return new


def test_where_both_agree_nothing_is_said() -> None:
    """A volume without odd lots is no disagreement."""
    own = bars()
    found = reconciled(own, own.assign(volume=own["volume"] - 7, source="yahoo"))
    pd.testing.assert_frame_equal(found[VALUES], own[VALUES])
    assert notes(found) == [""] * 10


def test_a_session_that_yahoo_lost_is_filled_from_the_exchange() -> None:
    own = bars()
    found = reconciled(own, changed(own, 7, close=np.nan).drop(4))
    pd.testing.assert_frame_equal(found[VALUES], own[VALUES])
    filled = "Yahoo has no bar of this session; it was filled from the exchange."
    assert notes(found) == [*[""] * 4, filled, "", "", filled, "", ""]


def test_2330_on_2025_02_20_which_yahoo_lost_is_there() -> None:
    days = pd.bdate_range("2025-02-17", "2025-02-21")
    own = frame("2330.TW", days, [1060.0, 1100.0, 1090.0, 1080.0, 1095.0])
    lost = pd.Timestamp("2025-02-20")
    found = reconciled(own, own[own["session"] != lost])
    assert found["session"].tolist() == days.tolist()
    assert found.loc[found["note"].notna(), "session"].tolist() == [lost]


def test_a_price_that_differs_is_named_and_the_exchange_is_believed() -> None:
    own = bars()
    high = float(own["high"][3])
    found = reconciled(own, changed(own, 3, high=high * 1.01))
    pd.testing.assert_frame_equal(found[VALUES], own[VALUES])
    (only,) = filter(None, notes(found))
    day = own["session"][3].date()
    assert only == (
        f"On {day}, Yahoo has {high * 1.01:.10g} for high and the exchange {high:.10g}; the "
        "exchange is believed, since the shares are traded there."
    )
    assert notes(found)[3] == only


def test_sessions_in_a_row_that_differ_are_one_note() -> None:
    own = bars()
    found = reconciled(own, own.assign(close=own["close"] / 1.1))
    assert len(set(notes(found))) == 1 and "On 2026-11-02, Yahoo has" in notes(found)[0]


def test_an_action_that_differs_is_named_and_the_tables_are_believed() -> None:
    own = changed(bars(), 5, dividend=2.5)
    found = reconciled(own, changed(own, 5, dividend=2.4))
    assert found["dividend"].tolist() == own["dividend"].tolist()
    assert notes(found)[5].startswith(
        f"On {own['session'][5].date()}, Yahoo lists a dividend of 2.4 and a split of 1, the "
        "exchange 2.5 and 1; the exchange is believed"
    )


def test_an_action_that_the_exchange_does_not_list_is_taken_from_yahoo() -> None:
    own = changed(bars(), 5, dividend=np.nan)
    found = reconciled(own, changed(own, 5, dividend=2.4, split_ratio=1.1))
    assert found["dividend"].tolist() == [*[0.0] * 5, 2.4, *[0.0] * 4]
    assert found["split_ratio"].tolist() == [*[1.0] * 5, 1.1, *[1.0] * 4]
    assert "Yahoo's dividend of 2.4 and split of 1.1 were taken." in notes(found)[5]
    nothing = reconciled(own, own.assign(dividend=0.0))
    assert np.isnan(nothing["dividend"][5]) and notes(nothing) == [""] * 10


def test_sessions_of_yahoo_alone_are_left_out_where_the_exchange_traded_nothing() -> None:
    own = bars()
    found = reconciled(own.drop([4, 5]), changed(own, 6, low=1.0))
    assert found["session"].tolist() == own.drop([4, 5])["session"].tolist()
    assert "Yahoo has 2 bars from 2026-11-06 to 2026-11-09" in notes(found)[4]
    assert "On 2026-11-10, Yahoo has 1 for low" in notes(found)[4]


def test_what_the_exchange_does_not_have_before_and_after_is_taken_where_the_two_agree() -> None:
    own = bars()
    found = reconciled(own[3:8], own)
    pd.testing.assert_frame_equal(found[VALUES], own[VALUES])
    assert all("do not reach back" in one for one in notes(found)[:3])
    assert all("no bar of this session yet" in one for one in notes(found)[8:])
    assert notes(found)[3:8] == [""] * 5


def test_a_halt_that_yahoo_goes_on_through_is_not_taken_for_a_session() -> None:
    own = bars()
    found = reconciled(own[3:8], changed(changed(own, 2, volume=0.0), 8, volume=0.0))
    assert found["session"].tolist() == own["session"].drop([2, 8]).tolist()


@pytest.mark.parametrize("apart", [3, 7])
def test_what_yahoo_has_in_other_units_is_left_out(apart: int) -> None:
    own = bars()
    found = reconciled(own[3:8], changed(own, apart, close=1.0, open=1.0, low=1.0))
    left, others = (own[:3], own[8:]) if apart == 3 else (own[8:], own[:3])
    sessions = set(found["session"])
    assert not sessions & set(left["session"]) and set(others["session"]) <= sessions
    only = notes(found)[0 if apart == 3 else -1]
    days = left["session"].dt.date
    assert f"Yahoo's {len(left)} bars from {days.iloc[0]} to {days.iloc[-1]}, which the" in only


@pytest.fixture
def source(exchange: FakeExchange, yahoo: FakeYahoo, tmp_path: Path) -> BothSource:
    whole = series("2330.TW", AT)
    exchange.frames = {"2330.TW": whole}
    yahoo.frames = {"2330.TW": whole.drop(600).reset_index(drop=True)}
    return BothSource(
        TwseSource(exchange.url, pause=0.01, rate_limiter=RateLimiter()),
        YahooSource(tmp_path / "yahoo", yahoo.url, pause=0.01),
    )


def taken(source: object, home: Home) -> Accepted:
    result = dict(fetch_and_store(source, home.gateway, AT, [TSMC]))[TSMC]  # type: ignore[arg-type]
    assert isinstance(result, Accepted), result
    return result


def test_a_filled_session_is_stored_and_noted_once(
    source: BothSource, exchange: FakeExchange, home: Home
) -> None:
    assert taken(source, home).written == Upserted(len(exchange.frames["2330.TW"]))
    stored = home.bars.load(adjusted=False)
    pd.testing.assert_frame_equal(stored[VALUES], exchange.frames["2330.TW"][VALUES])
    assert set(stored["source"]) == {"both"}
    (entry,) = home.gateway.quarantine.entries()
    assert entry.first == exchange.frames["2330.TW"]["session"][600].date()
    assert (entry.code, entry.hold, entry.status) == ("sources", "", "mended")
    before = len(exchange.months("2330.TW"))
    assert taken(source, home).written == Upserted(0, 0, 10)
    assert len(exchange.months("2330.TW")) == before + 1  # 10 sessions before the last one
    assert home.gateway.quarantine.entries() == [entry]


def test_a_ticker_that_yahoo_does_not_know_is_of_the_exchange(
    source: BothSource, yahoo: FakeYahoo, home: Home
) -> None:
    yahoo.frames = {}
    assert taken(source, home).written.new == len(series("2330.TW", AT))
    (entry,) = home.gateway.quarantine.entries()
    assert entry.sessions == len(series("2330.TW", AT))


def test_a_failure_of_either_is_one_of_both(
    source: BothSource, exchange: FakeExchange, yahoo: FakeYahoo
) -> None:
    exchange.mood = "too many"
    with pytest.raises(RateLimitedError, match="^TWSE asks for fewer requests; 2330.TW"):
        source.fetch(TSMC, None, None, AT)
    yahoo.fail("unavailable")
    with pytest.raises(UnavailableError, match="^Yahoo is not available"):
        source.fetch(TSMC, None, None, AT)
