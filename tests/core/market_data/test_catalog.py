"""The list of what is tracked."""

import math

import pandas as pd
import pytest

from core.market_data.catalog import CATALOG_COLUMNS, catalog
from tests.support.homes import Home, closes


def test_nothing_is_tracked_yet(home: Home) -> None:
    found = catalog(home.bars.summaries())
    assert len(found) == 0 and list(found.columns) == list(CATALOG_COLUMNS)


def test_the_sample_as_it_is_listed(trained: Home) -> None:
    found = catalog(trained.bars.summaries()).set_index("ticker")
    assert list(found.index) == ["9999.TW", "AAPL", "FB", "GOOG", "IBM", "MSFT"]
    apple = found.loc["AAPL"]
    assert (apple["name"], apple["market"], apple["currency"]) == ("Apple 蘋果", "us", "USD")
    assert (apple["source"], apple["sessions"], apple["last_close"]) == ("sample", 3122, 430.47)
    assert apple["first_session"] == pd.Timestamp("2000-09-29")
    assert apple["last_session"] == pd.Timestamp("2013-03-01")
    assert apple["change"] == pytest.approx(430.47 / 441.40 - 1.0), "the close before was 441.40"
    assert (found.loc["9999.TW", "market"], found.loc["9999.TW", "currency"]) == ("tw", "TWD")


def test_a_split_is_no_change_and_one_bar_has_none(home: Home) -> None:
    home.bars.upsert(closes("AAPL", [100.0, 51.0], split_ratio=[1.0, 2.0]))
    home.bars.upsert(closes("M-M", [5.0]))
    found = catalog(home.bars.summaries()).set_index("ticker")
    assert found.loc["AAPL", "change"] == pytest.approx(0.02)
    assert math.isnan(found.loc["M-M", "change"]) and found.loc["M-M", "name"] == ""
