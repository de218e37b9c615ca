"""What pages read, and when they read it anew."""

from collections.abc import Callable
from datetime import date

import pandas as pd

from app.state import queries
from app.state.stores import Stores
from core.market_data.records.session_override_store import SessionOverrides, SessionRuling
from core.reference.session_overrides import SessionChange
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.homes import AT

AAPL = Ticker.parse("AAPL")


def test_a_page_knows_of_a_session_that_another_process_found_out(
    open_app: Callable[..., Stores],
) -> None:
    stores = open_app()
    days = pd.DatetimeIndex(["2024-06-03", "2024-06-04", "2024-06-06"])
    stores.bars.upsert(frame("AAPL", days, 50.0))
    wednesday = pd.Timestamp("2024-06-05")
    assert list(queries.history(AAPL).missing) == [wednesday]
    ruling = SessionRuling(
        AT, "ann", "XNYS", date(2024, 6, 5), SessionChange.REMOVED, "a day of mourning"
    )
    SessionOverrides(stores.records).add([ruling])
    stores.refresh_calendars()  # as the dispatcher does every few moments
    assert list(queries.history(AAPL).missing) == []
    assert not queries.calendar(AAPL).is_session(wednesday)
