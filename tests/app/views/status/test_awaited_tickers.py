"""On Status, what was asked for and did not come is listed, tried again, and taken back."""

from datetime import UTC, datetime
from functools import partial

import pandas as pd
import pytest

from app.state import actions, queries
from app.state.stores import Stores
from core.foundation.errors import AccessError, UnavailableError
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.market_data.ingest import WantedBars, ingest
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from monitoring.record_facts import watchlist_facts
from tests.app.test_main import opened
from tests.app.views.status.test_page import own, shown, tickers
from tests.core.market_data.test_awaited_tickers import RecordingShelf
from tests.support.scrape import collected

DEVELOPER = Person("ann", PersonRole.DEVELOPER)
LOST = "Yahoo did not answer within 10 seconds."


@pytest.fixture
def missing(empty: Stores, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """TSM came; AMD and NVDA did not."""
    monkeypatch.setattr("app.views.status.awaited_tickers.person", lambda: DEVELOPER)
    late = {name: UnavailableError("test.failure", LOST) for name in ("AMD", "NVDA")}
    own(empty, "TSM", 0)
    wanted = WantedBars([Ticker.parse("AMD"), Ticker.parse("NVDA")])
    stores = {"ingest_log": empty.ingest_log, "watchlist": empty.watchlist}
    with pytest.raises(UnavailableError):
        ingest(RecordingShelf("yahoo", **late), empty.gateway, datetime.now(UTC), wanted, **stores)
    return empty


def test_they_are_counted_named_and_explained(missing: Stores) -> None:
    test = opened("status")
    assert "1 of 3 tickers is up to date; AMD and NVDA are not fetched yet." in shown(test)
    row = tickers(test).loc["AMD"]
    assert row["Freshness"] == "◐ not fetched yet" and row["Last ingest"] == "✕ unavailable"
    assert row["What was said"] == LOST and row["Asked"]
    assert pd.isna(row["Held back"]) and pd.isna(row["Missing"]), "nobody knows"
    stores = missing.watchlist, missing.ingest_log, missing.bars
    facts = partial(watchlist_facts, *stores, SHIPPED)
    counts = collected({"watchlist": lambda _: facts()}, datetime.now(UTC)).named("awaited_tickers")
    assert counts == {("us",): 2.0}


def test_they_are_dismissed_or_tried_again(
    missing: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested: list[str] = []
    monkeypatch.setattr(actions, "start_tracking", lambda _, text: requested.append(text))
    test = opened("status")
    test.button(key="fetch-again").click().run()
    assert requested == ["AMD, NVDA"]
    test.multiselect(key="not-fetched").unselect("NVDA").run()
    test.button(key="dismiss-awaited").click().run()
    assert [one.ticker.symbol for one in queries.not_fetched()] == ["NVDA"]
    assert missing.audit.latest(1)[0].action == "dismiss tickers"
    assert "1 of 2 tickers is up to date; NVDA is not fetched yet." in shown(test)


def test_a_viewer_may_neither(missing: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.views.status.awaited_tickers.person", lambda: VIEWER)
    test = opened("status")
    assert test.button(key="fetch-again").disabled and test.button(key="dismiss-awaited").disabled
    with pytest.raises(AccessError):
        actions.forget_awaited(VIEWER, ["AMD"])
    assert len(queries.not_fetched()) == 2
