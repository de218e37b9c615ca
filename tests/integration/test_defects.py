"""Broken real series and Yahoo's wrong Taiwan rows: what is at fault never reaches training."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.validate import validate_and_store
from core.reference.adjustments import adjust
from core.reference.tickers import Ticker
from tests.support.homes import AT, Home
from tests.support.vendor import vendor_file

EVALUATION = os.environ.get("TICKERLENS_EVALUATION_DATA", "")
DEFECTS = ["AGI", "ARTLW", "BODY", "CPG", "EMP", "EP", "KIQ"]
pytestmark = pytest.mark.evaluation


def taiwan(code: str) -> Path:
    return Path(EVALUATION) / "taiwan" / f"yahoo_adjusted_events_2024_2026_{code}.csv"


def ingested(home: Home, path: Path, symbol: str) -> pd.DataFrame:
    """What may be read after the file was taken in; the vendor's own rows are kept whole."""
    ticker, rows = Ticker.parse(symbol), vendor_file(path, symbol)
    validate_and_store(home.gateway, ticker, rows, AT)
    assert len(home.bars.latest(ticker)) == len(rows) > 0
    return home.bars.load([ticker], adjusted=False)


@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_never_read(name: str, home: Home) -> None:
    path = Path(EVALUATION) / "panel" / "defects" / f"{name}.csv"
    file = pd.read_csv(path)
    read = ingested(home, path, name)
    prices = file[["Open", "High", "Low", "Close"]]
    sound = prices.gt(0).all(axis=1) & (file["Volume"] > 0)
    sound &= (file["High"] >= file["Low"]) & (file["High"] >= file["Open"] * 0.99)
    assert not sound.all(), "or the file shows nothing"
    bad = set(pd.to_datetime(file["Date"])[~sound])
    assert not bad & set(read["session"])
    assert home.quarantine.entries(name)
    step = np.abs(np.diff(np.log(read["close"])))
    assert len(read) == 0 or (step < np.log(4)).all()


@pytest.mark.parametrize("name", ["EMP", "EP", "KIQ"])
def test_a_series_that_is_broken_all_over_is_held_whole(name: str, home: Home) -> None:
    assert ingested(home, Path(EVALUATION) / "panel" / "defects" / f"{name}.csv", name).empty


def test_tsmc_s_wrong_row_is_held_and_no_other(home: Home) -> None:
    read = ingested(home, taiwan("2330"), "2330.TW")
    entries = home.quarantine.entries("2330.TW")
    assert [(str(one.first), one.sessions) for one in entries] == [("2024-03-29", 1)]
    assert pd.Timestamp("2024-03-29") not in set(read["session"]) and len(read) == 482


def test_the_padded_halt_and_the_missing_split_of_0050(home: Home) -> None:
    read = ingested(home, taiwan("0050"), "0050.TW").set_index("session")
    halt = pd.date_range("2025-06-11", "2025-06-17", freq="B")
    assert len(halt) == 5 and not set(halt) & set(read.index)
    # One share was split into four and traded again on 2025-06-18.
    assert read["split_ratio"]["2025-06-18"] == 4.0 and (read["split_ratio"] != 1.0).sum() == 1
    file = vendor_file(taiwan("0050"), "0050.TW").set_index("session")
    before = read.index < "2025-06-18"
    np.testing.assert_array_equal(read["close"][before], file["close"][read.index][before] * 4)
    np.testing.assert_array_equal(read["volume"][before] % 1, 0.0)
    adjusted = adjust(read.reset_index()).set_index("session")["close"]
    assert np.abs(np.diff(np.log(adjusted))).max() < 0.11, "Taiwan's limit is ten percent a day"


def test_what_the_exchange_itself_publishes_is_sound(home: Home) -> None:
    """Eight tickers over seven years: halts without a price, and one chance finding, are held."""
    bars = pd.read_parquet(Path(EVALUATION) / "taiwan" / "twse_raw_2015_2021.parquet")
    faults = {}
    for symbol, rows in bars.groupby("ticker"):
        rows = rows.rename(columns={"date": "session"}).assign(
            dividend=0.0, split_ratio=1.0, source="csv", ingested_at=pd.Timestamp(AT)
        )
        validate_and_store(
            home.gateway, Ticker.parse(str(symbol)), rows.astype({"volume": float}), AT
        )
        for one in home.quarantine.entries(str(symbol)):
            faults[str(symbol), str(one.first)] = one.code
    assert faults.pop(("2308.TW", "2021-10-07")) == "lots", "one such volume in 13,000 sessions"
    # What the exchange lists elsewhere: dividends in shares, and a reduction of capital.
    steps = {one for one, code in faults.items() if code == "step"}
    assert steps == {
        ("1101.TW", "2019-08-13"),
        ("1101.TW", "2020-08-12"),
        ("2317.TW", "2016-09-02"),
        ("2317.TW", "2018-10-26"),
    }
    assert set(faults) - steps == {("1101.TW", "2017-04-19"), ("2317.TW", "2016-03-30")}
