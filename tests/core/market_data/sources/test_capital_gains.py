"""What a fund pays out of its capital gains counts as a dividend, once."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.sources.capital_gains import with_capital_gains
from core.market_data.sources.csv_file import CsvSource
from core.reference.tickers import Ticker

AT = [20, 40, 60]


def fund(dividend: float, gain: float, fell: float) -> pd.DataFrame:
    """Prices of a calm fund that fall by `fell` on each of three days with both paid."""
    moves = 0.004 * np.sin(np.arange(80.0) * 1.7)
    moves[AT] -= fell / 100
    rows = pd.DataFrame({"close": 100 * np.cumprod(1 + moves), "dividend": 0.0})
    rows["capital_gain"] = 0.0
    rows.loc[AT, ["dividend", "capital_gain"]] = [dividend, gain]
    return rows


@pytest.mark.parametrize(
    ("dividend", "gain", "fell", "expected"),
    [
        (1.0, 4.0, 5.0, 5.0),  # apart: a gain larger than the dividend cannot be in it
        (0.0, 4.0, 4.0, 4.0),
        (5.0, 4.0, 9.0, 9.0),
        (5.0, 4.0, 5.0, 5.0),  # listed in both columns
        (0.5, 0.1, 0.5, 0.6),  # too small to tell, so as listed
    ],
)
def test_a_gain_is_added_once(dividend: float, gain: float, fell: float, expected: float) -> None:
    found = with_capital_gains(fund(dividend, gain, fell))
    assert list(found.columns) == ["close", "dividend"]
    assert list(found["dividend"][AT]) == pytest.approx([expected] * 3)
    assert found["dividend"].drop(AT).sum() == 0


def test_no_gain_changes_nothing_and_an_unknown_dividend_stays_unknown() -> None:
    rows = fund(1.0, 0.0, 1.0).assign(capital_gain=np.nan)
    rows.loc[5, "dividend"] = np.nan
    found = with_capital_gains(rows)
    pd.testing.assert_series_equal(found["dividend"], rows["dividend"])


def test_the_gains_of_a_file_are_dividends(tmp_path: Path) -> None:
    head = "Date,Open,High,Low,Close,Volume,Dividends,Capital Gains"
    rows = "2026-11-24,9,9,9,9,3,0.1,0.5\n2026-11-25,9,9,9,9,3,,"
    file = tmp_path / "fund.csv"
    file.write_text(f"{head}\n{rows}\n")
    fund = Ticker.parse("VFINX")
    bars = CsvSource(file, fund).fetch(fund, None, None, pd.Timestamp.now("UTC"))
    assert list(bars["dividend"]) == [0.6, 0.0] and "capital_gain" not in bars
