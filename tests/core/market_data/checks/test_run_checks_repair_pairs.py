"""Real broken series and their mended twins: the altered rows are found and named, no others.

What else is truly wrong with a file, and stands in both twins, is in `other_reasons.csv`.
"""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.finding import strongest
from core.market_data.checks.run_checks import check
from core.market_data.lake.holds import readable
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.vendor import vendor_file

EVALUATION = os.environ.get("TICKERLENS_EVALUATION_DATA", "")
PAIRS = {
    "1398-HK-1d-bad-div": "dividend",
    "4063-T-1d-bad-stock-split": "split",
    "AET-L-1d-100x-error": "100x",
    "ALPHA-PA-1d-bad-stock-split": "split",
    "CNE-L-1d-bad-stock-split": "split",
    "DEX-AX-1d-bad-stock-split": "split",
    "KEN-TA-1d-bad-div": "dividend",
    "LA-V-1d-bad-stock-split": "split",
    "MOB-ST-1d-bad-stock-split": "split",
    "SAND-1d-bad-div": "dividend",
    "SPM-MI-1d-bad-stock-split": "split",
    "SSW-JO-1d-100x-error": "100x",
}
NAMED = {"split", "100x", "dividend"}
pytestmark = pytest.mark.evaluation


def read(name: str) -> tuple[Ticker, pd.DataFrame]:
    symbol = name.split("-1d-")[0].replace("-", ".")
    path = Path(EVALUATION) / "repair_pairs" / f"{name}.csv"
    return Ticker.parse(symbol), vendor_file(path, symbol)


def file(name: str) -> pd.DataFrame:
    """The vendor's own numbers, by date."""
    frame = pd.read_csv(Path(EVALUATION) / "repair_pairs" / f"{name}.csv")
    return frame.set_index(frame.columns[0]).sort_index()


def altered(name: str) -> np.ndarray:
    """Which rows differ between the twins in any number, by more than their rounding."""
    bad, fixed = file(name), file(f"{name}-fixed")
    assert list(bad.index) == list(fixed.index) and len(bad)
    columns = [column for column in bad.columns if column in fixed.columns]
    same = np.isclose(bad[columns], fixed[columns], rtol=1e-4, atol=1e-12, equal_nan=True)
    return ~same.all(axis=1)


def reasons(name: str) -> list[set[str]]:
    """The codes found, row by row."""
    ticker, bars = read(name)
    codes: list[set[str]] = [set() for _ in range(len(bars))]
    for one in check(bars, ticker, SHIPPED[ticker.market.calendar]):
        for row in one.rows:
            codes[row].add(one.code)
    return codes


def others(name: str) -> set[tuple[str, str]]:
    """(session, code) of the checked-in table."""
    table = pd.read_csv(Path(__file__).parent / "other_reasons.csv", dtype=str)
    mine = table[table["pair"] == name]
    return set(zip(mine["session"], mine["code"], strict=True))


def test_every_pair_is_looked_at() -> None:
    found = {path.stem for path in (Path(EVALUATION) / "repair_pairs").glob("*.csv")}
    assert found == set(PAIRS) | {f"{name}-fixed" for name in PAIRS}


@pytest.mark.parametrize(("name", "code"), PAIRS.items())
def test_altered_rows_are_named_and_no_others(name: str, code: str) -> None:
    changed = altered(name)
    assert changed.any()
    for row, codes in enumerate(reasons(name)):
        expected = {code} if changed[row] else set()
        assert codes & NAMED == expected, f"row {row} of {name}"


def found_otherwise(name: str) -> set[tuple[str, str]]:
    _, bars = read(name)
    return {
        (f"{bars['session'][row]:%Y-%m-%d}", code)
        for row, codes in enumerate(reasons(name))
        for code in codes - NAMED
    }


@pytest.mark.parametrize("name", PAIRS)
def test_the_other_reasons_are_the_known_ones(name: str) -> None:
    assert found_otherwise(f"{name}-fixed") == others(name)
    # A real fall next to altered rows is not seen before those are mended.
    assert others(name) - found_otherwise(name) <= {("2022-06-20", "jump")}
    assert found_otherwise(name) <= others(name)


@pytest.mark.parametrize("name", PAIRS)
def test_the_other_reasons_are_true(name: str) -> None:
    numbers = file(f"{name}-fixed")
    numbers.index = numbers.index.str[:10]
    for session, code in others(name):
        row = numbers.loc[session]
        at = numbers.index.get_loc(session)
        near = numbers["Close"].iloc[max(0, at - 6) : at + 7]
        true = {
            "volume": row["Volume"] == 0,
            "price": np.isnan(row["Close"]),
            "range": row["Open"] > row["High"] or row["Close"] > row["High"],
            "jump": max(near.max() / row["Close"], row["Close"] / near.min()) > 1.4,
        }
        assert true[code], (session, code)


@pytest.mark.parametrize("name", PAIRS)
def test_the_mended_twin_names_nothing(name: str) -> None:
    assert all(not codes & NAMED for codes in reasons(f"{name}-fixed"))


@pytest.mark.parametrize("name", ["1398-HK-1d-bad-div", "KEN-TA-1d-bad-div"])
def test_the_dividends_kept_are_those_of_the_mended_adjusted_close(name: str) -> None:
    """Where the vendor forgot a dividend or listed one twice, what we adjust by is right."""
    ticker, bars = read(name)
    found = check(bars, ticker, SHIPPED[ticker.market.calendar])
    served = readable(bars.assign(held=strongest(len(bars), found)))
    repaired = file(f"{name}-fixed")[["Close", "Adj Close"]].dropna()
    repaired.index = pd.to_datetime(repaired.index.str[:10])
    factor = repaired["Adj Close"] / repaired["Close"]
    steps = (factor.shift() / factor).dropna()
    # Yahoo's way: 1 - dividend / close before.
    paid = served.set_index("session")["dividend"].reindex(steps.index).fillna(0.0)
    expected = 1.0 - paid / repaired["Close"].shift()[steps.index]
    np.testing.assert_allclose(steps, expected, rtol=1e-4)
    wrong = file(name)["Adj Close"].to_numpy() / file(f"{name}-fixed")["Adj Close"].to_numpy()
    assert np.nanmax(np.abs(wrong - 1.0)) > 0.015, "what the vendor's own would have cost"
