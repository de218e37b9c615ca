"""Prices that hold the dividends and splits listed beside them: told apart, and turned back."""

import io
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from app.components.exports import bars_csv
from core.foundation.errors import SchemaError
from core.market_data.sources.tables.bars import read_bars
from core.market_data.sources.tables.columns import known_words
from core.market_data.sources.tables.options import TableOptions, Understood
from core.reference.adjustments import adjust
from core.reference.schema import PRICE_COLUMNS
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.evaluation import FOLDER

AAPL = Ticker.parse("AAPL")
PRICES = list(PRICE_COLUMNS)
VALUES = [*PRICES, "volume", "dividend", "split_ratio"]
VENDOR = {"session": "Date", "dividend": "Dividends", "split_ratio": "Stock Splits"}


def read(bars: pd.DataFrame, **options: Any) -> tuple[pd.DataFrame, Understood]:
    """Bars written as yfinance writes them, read back."""
    text = bars[["session", *VALUES]].rename(columns=VENDOR).to_csv(index=False)
    given = TableOptions(**options)
    found, understood = read_bars("a.csv", text.encode(), AAPL, given, known_words())
    return found.reset_index(drop=True), understood


def traded(seed: int = 1, dividend: float = 0.02, ratio: float = 1.0) -> pd.DataFrame:
    """Bars as traded in whole cents: a dividend each quarter, a split in the middle."""
    bars = walk("AAPL", 600, seed, 0.012)
    level = np.ones(len(bars))
    for at in range(30, 600, 63):
        bars.loc[at, "dividend"] = round(dividend * 100, 2)
        level[at:] *= 1 - dividend
    bars.loc[300, "split_ratio"] = ratio
    level[300:] /= ratio
    bars[PRICES] = bars[PRICES].mul(level, axis=0)
    bars["dividend"] = (bars["dividend"] * bars["close"] / 100).round(2)
    bars[PRICES] = bars[PRICES].round(2)
    return bars


def by_yahoo(bars: pd.DataFrame, dividends: bool = True) -> pd.DataFrame:
    """As Yahoo adjusts: for splits, and by the close before for dividends, computed apart."""
    adjusted, factor, splits = bars.copy(), 1.0, 1.0
    for at in reversed(range(len(bars))):
        for name in PRICES:
            adjusted.loc[at, name] = bars.loc[at, name] * factor / splits
        adjusted.loc[at, "dividend"] = bars.loc[at, "dividend"] / splits
        adjusted.loc[at, "volume"] = bars.loc[at, "volume"] * splits
        splits *= bars.loc[at, "split_ratio"]
        if dividends and at and bars.loc[at, "dividend"]:
            before = bars.loc[at - 1, "close"] / bars.loc[at, "split_ratio"]
            factor *= 1 - bars.loc[at, "dividend"] / before
    return adjusted


@pytest.mark.parametrize("ratio", [1.0, 4.0, 0.05])
@pytest.mark.parametrize("dividend", [0.002, 0.02])
def test_prices_as_traded_stay_as_they_are(ratio: float, dividend: float) -> None:
    bars = traded(2, dividend, ratio)
    found, understood = read(bars)
    pd.testing.assert_frame_equal(found[VALUES], bars[VALUES])
    assert understood.notes == []


@pytest.mark.parametrize("seed", range(3))
def test_prices_adjusted_for_dividends_that_are_listed_are_refused_or_turned_back(
    seed: int,
) -> None:
    bars = traded(seed)
    adjusted = by_yahoo(bars)
    with pytest.raises(SchemaError, match="did not fall by the 10 dividends listed"):
        read(adjusted)
    found, understood = read(adjusted, adjusted=True)
    pd.testing.assert_frame_equal(found[VALUES], bars[VALUES])
    assert len(understood.notes) == 1
    ours = bars.assign(**{name: adjust(bars)[name] for name in PRICES})
    pd.testing.assert_frame_equal(read(ours, adjusted=True)[0][VALUES], bars[VALUES])


def test_prices_that_fell_by_the_dividends_are_not_adjusted() -> None:
    with pytest.raises(SchemaError, match="leave --adjusted out"):
        read(traded(2), adjusted=True)


@pytest.mark.parametrize("ratio", [4.0, 0.05, 1.5])
def test_a_split_that_the_prices_hold_already_is_undone_and_said(ratio: float) -> None:
    bars = traded(3, ratio=ratio)
    found, understood = read(by_yahoo(bars, dividends=False))
    pd.testing.assert_frame_equal(found[VALUES], bars[VALUES], rtol=1e-4)
    assert found["close"].iloc[-200:].tolist() == bars["close"].iloc[-200:].tolist()
    day = str(bars["session"][300].date())
    assert [str(note) for note in understood.notes] == [
        f"The prices before {day} were in units after the split; they were turned back to those "
        "traded."
    ]


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("wide", [False, True])
def test_the_files_this_program_gives_are_read_back(adjusted: bool, wide: bool) -> None:
    bars = traded(4, ratio=3.0)
    given = adjust(bars) if adjusted else bars
    text = bars_csv(given, given if wide else None)
    assert len(pd.read_csv(io.StringIO(text))) == len(bars)
    found, _ = read_bars("a.csv", text.encode(), None, TableOptions(), known_words())
    same = found[VALUES].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, bars[VALUES], check_exact=True)


@pytest.mark.evaluation
def test_the_field_files_with_dividends() -> None:
    folder = Path(FOLDER) / "field"

    def of(name: str, **options: Any) -> pd.DataFrame:
        given = TableOptions(**options)
        content = (folder / name).read_bytes()
        return read_bars(name, content, AAPL, given, known_words())[0]

    raw = of("13-raw-with-dividends.csv")
    assert (len(raw), raw["close"].iloc[0], int((raw["dividend"] > 0).sum())) == (2000, 98.8, 32)
    with pytest.raises(SchemaError, match="say --adjusted"):
        of("13b-adjusted-with-dividends.csv")
    again = of("13b-adjusted-with-dividends.csv", adjusted=True)
    pd.testing.assert_frame_equal(again, raw)
    total = adjust(again.reset_index(drop=True))["close"]
    assert round(total.iloc[-1] / total.iloc[0], 2) == 3.94
    split = of("13c-split-adjusted-with-split-listed.csv")
    assert (split["close"].iloc[0], split["close"].iloc[-1]) == (395.2, 206.5)
