"""Taking tickers out again: those a person names, and the sample."""

import pandas as pd
import pytest

from core.foundation.errors import NotFoundError
from core.market_data.reconcile_sessions import reconcile
from core.reference.bar_sources import BarSource
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.workflows.bars.remove_tickers import remove, remove_sample
from tests.support.bars import frame
from tests.support.homes import AT, Home, closes

TSLA = Ticker.parse("TSLA")


def test_removing_leaves_no_bars_and_two_audit_rows(copied: Home) -> None:
    gone = remove_sample(copied, "bob", AT)
    assert [str(ticker) for ticker in gone] == ["9999.TW", "AAPL", "FB", "GOOG", "IBM", "MSFT"]
    assert copied.bars.tickers() == [] and len(copied.bars.load()) == 0
    rows = copied.audit.latest()
    assert [(row.actor, row.action) for row in rows] == [
        ("bob", "remove sample"),
        ("ann", "load sample"),
    ]
    assert "AAPL" in rows[0].subject


def test_removing_leaves_other_bars_alone(home: Home) -> None:
    home.bars.upsert(closes("TSLA", [1.0], source="csv"))
    home.bars.upsert(closes("FB", [1.0], source="sample"))
    assert remove_sample(home, "bob", AT) == [Ticker.parse("FB")]
    assert home.bars.tickers() == [Ticker.parse("TSLA")]


def test_where_there_is_none_it_says_so_and_writes_nothing(home: Home) -> None:
    with pytest.raises(NotFoundError, match="^There is no sample data to remove.$"):
        remove_sample(home, "bob", AT)
    assert home.audit.latest() == []


def test_what_is_asked_for_elsewhere_is_still_waited_for(home: Home) -> None:
    fb = Ticker.parse("FB")
    home.bars.upsert(closes("FB", [1.0], source="sample"))
    home.watchlist.add([fb], BarSource.YAHOO, AT)
    remove_sample(home, "bob", AT)
    assert [one.ticker for one in home.watchlist.all()] == [fb]
    assert remove(home, [fb], "bob", AT) == {"removed": ["FB"]}
    assert home.watchlist.all() == []


def test_a_finding_about_a_calendar_goes_with_the_tickers_that_showed_it(home: Home) -> None:
    dates = SHIPPED["XTAI"].between(pd.Timestamp("2024-01-02"), pd.Timestamp("2024-06-28"))
    closed = pd.Timestamp("2024-03-04")
    tickers = [Ticker.parse(name) for name in ("2330.TW", "2317.TW", "2454.TW")]
    for ticker in tickers:
        home.bars.upsert(frame(ticker.symbol, dates[dates != closed], 50.0, source="yahoo"))
    reconcile(home.gateway, home.session_overrides, home.audit, AT)
    assert [one.session for one in home.session_overrides.in_force()] == [closed.date()]
    gone = remove(home, tickers[:1], "bob", AT)
    reason = "the stored bars do not show it any longer"
    assert gone["sessions"] == [f"XTAI 2024-03-04: session as listed, {reason}."]
    assert home.session_overrides.in_force() == []


def test_one_that_is_not_tracked_keeps_the_others(home: Home) -> None:
    home.bars.upsert(closes("TSLA", [1.0], source="csv"))
    with pytest.raises(NotFoundError, match="^ZZZZ is not tracked here; nothing was removed.$"):
        remove(home, [TSLA, Ticker.parse("ZZZZ")], "bob", AT)
    assert home.bars.tickers() == [TSLA]
    assert remove(home, [TSLA, TSLA], "bob", AT) == {"removed": ["TSLA"]}
    assert [(row.action, row.subject) for row in home.audit.latest()] == [("remove bars", "TSLA")]
