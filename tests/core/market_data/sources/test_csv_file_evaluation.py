"""Files of people whose units and symbols are not what they seem, after public reports."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.market_data.checks.finding import Fault
from core.market_data.ingest import WantedBars, ingest
from core.market_data.reconcile_sessions import reconcile
from core.market_data.records.session_override_store import SessionOverrides
from core.market_data.sources.csv_file import CsvSource
from core.market_data.sources.tables.options import LOTS, TableOptions
from core.reference.tickers import Ticker
from tests.support.homes import Home

pytestmark = pytest.mark.evaluation

TSMC = Ticker.parse("2330.TW")
AT = datetime(2026, 11, 27, 23, tzinfo=UTC)


def file(name: str) -> Path:
    return Path(os.environ["TICKERLENS_EVALUATION_DATA"]) / "field" / name


def volume(name: str, **options: str) -> tuple[pd.Series, int]:
    source = CsvSource(file(name), TSMC, TableOptions(**options))  # type: ignore[arg-type]
    return source.fetch(TSMC, None, None, AT)["volume"], len(source.understood[0].notes)


@pytest.mark.parametrize(
    ("name", "options", "notes"),
    [
        ("20-last-60-in-lots.csv", {}, 1),
        ("20b-first-half-in-lots.csv", {}, 1),
        ("20c-all-in-lots.csv", {"volume": LOTS}, 0),
    ],
)
def test_volume_in_lots_is_read_as_shares(name: str, options: dict[str, str], notes: int) -> None:
    shares, found = volume("20d-all-in-shares.csv")
    read, count = volume(name, **options)
    assert found == 0 and count == notes
    assert (read - shares).abs().max() <= 500 and len(read) == 500, "a lot is a thousand shares"


@pytest.mark.parametrize(
    ("name", "tickers"),
    [
        ("30-symbol-0.csv", ["0050.TW"]),
        ("30-symbol-1.csv", ["00878.TW"]),
        ("30-symbol-3.csv", ["00632R.TW"]),
        ("30-symbol-4.csv", ["2881A.TW"]),
        ("30-symbol-5.csv", ["AAPL"]),
        ("30-symbol-6.csv", ["2330.TW"]),
        ("39-three-taiwan-etfs-zeros-lost.csv", ["0050.TW", "0056.TW", "00878.TW"]),
    ],
)
def test_symbols_that_lost_their_zeros_or_are_spelled_by_another_vendor(
    name: str, tickers: list[str]
) -> None:
    assert list(map(str, CsvSource(file(name)).tickers())) == tickers


def test_they_change_nothing_of_the_calendar_of_new_york(home: Home) -> None:
    overrides = SessionOverrides(home.database)
    for name, ticker in (
        ("39-three-taiwan-etfs-zeros-lost.csv", None),
        ("39b-us-ticker-after.csv", Ticker.parse("ABC")),
    ):
        source = CsvSource(file(name), ticker)
        ingest(source, home.gateway, AT, WantedBars(tickers=source.tickers()))
        assert reconcile(home.gateway, overrides, home.audit, AT) == []
    assert len(home.bars.tickers()) == 4
    # The last file was made without the holidays of New York: they are held back, and none added.
    closed = [one for one in home.quarantine.entries() if one.code == Fault.CLOSED]
    assert {one.ticker for one in closed} == {"ABC"} and len(closed) == 5
