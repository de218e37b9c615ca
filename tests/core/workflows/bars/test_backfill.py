"""A past range is held against the calendars too."""

import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError
from core.market_data.ingest import WantedBars
from core.reference.tickers import Ticker
from core.workflows.bars.backfill import backfill
from tests.core.market_data.test_ingest import Shelf
from tests.support.closed_session import CLOSED, TAIWAN, taiwan
from tests.support.homes import AT, Home


def test_a_session_on_which_nobody_traded_is_found(home: Home) -> None:
    home.offer(Shelf("yahoo", **taiwan()))
    tickers = [Ticker.parse(name) for name in TAIWAN]
    wanted = WantedBars(tickers, "yahoo", start=CLOSED - pd.Timedelta(days=90))
    done = backfill(home, wanted, "ann", AT)
    assert done["sessions"] == ["XTAI 2022-03-09: session removed, 0 of 3 tickers traded."]
    assert [one.session for one in home.session_overrides.in_force()] == [CLOSED.date()]
    again = backfill(home, wanted, "ann", AT)
    assert again["done_before"] == list(TAIWAN) and "sessions" not in again


def test_a_range_needs_a_start(home: Home) -> None:
    with pytest.raises(InvalidInputError, match="^A backfill needs a first session"):
        backfill(home, WantedBars(), "ann", AT)
