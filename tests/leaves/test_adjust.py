"""Adjustment of raw prices, against a worked example and against somebody else's prices."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.adjust import adjust
from core.schema import empty_bars
from tests.bars import frame, walk, walks

EVALUATION = os.environ.get("TICKERLENS_EVALUATION_DATA", "")


def worked_example() -> pd.DataFrame:
    """100, then 1 paid out of 100, then 2:1, then 0.50 paid out of 50 on the day of a 5:1 split."""
    return frame(
        "AAPL",
        pd.bdate_range("2024-01-01", periods=5),
        [100.0, 99.0, 49.5, 50.0, 9.9],
        open=[90.0, 99.0, 49.5, 50.0, 9.9],
        dividend=[0.0, 1.0, 0.0, 0.0, 0.1],
        split_ratio=[1.0, 1.0, 2.0, 1.0, 5.0],
    )


def test_the_worked_example() -> None:
    found = adjust(worked_example())
    # By hand, from the end: 0.1 a new share is 0.5 of 50, so 0.99 / 5; then 1 / 2; then 0.99.
    last = 0.99 / 5
    expected = [0.99 * last / 2, last / 2, last, last, 1.0]
    np.testing.assert_allclose(found["adj_factor"], expected, rtol=1e-14)
    np.testing.assert_allclose(found["close"], [9.801, 9.801, 9.801, 9.9, 9.9], rtol=1e-14)
    np.testing.assert_allclose(found["open"].iloc[0], 90.0 * expected[0], rtol=1e-14)
    np.testing.assert_array_equal(found["split_factor"], [0.1, 0.1, 0.2, 0.2, 1.0])
    np.testing.assert_allclose(found["volume"], [1e7, 1e7, 5e6, 5e6, 1e6])


def test_a_holder_s_return_is_the_adjusted_return() -> None:
    """One share; payouts buy shares at the close before, less the payout."""
    raw = worked_example()
    wealth, shares = [100.0], 1.0
    for before, row in zip(raw["close"].iloc[:-1], raw.iloc[1:].itertuples(), strict=True):
        shares *= row.split_ratio
        shares *= 1.0 / (1.0 - row.dividend * row.split_ratio / before)
        wealth.append(shares * row.close)
    found = adjust(raw)["close"]
    np.testing.assert_allclose(found / found.iloc[0], np.array(wealth) / 100.0, rtol=1e-12)


def test_adjusting_twice_is_adjusting_once() -> None:
    once = adjust(worked_example())
    pd.testing.assert_frame_equal(adjust(once), once)


def test_the_input_is_not_changed() -> None:
    raw = worked_example()
    before = raw.copy(deep=True)
    adjust(raw)
    pd.testing.assert_frame_equal(raw, before)


def test_an_empty_frame_stays_empty() -> None:
    found = adjust(empty_bars())
    assert len(found) == 0 and {"adj_factor", "split_factor"} <= set(found.columns)


def test_one_ticker_s_events_leave_the_others_alone() -> None:
    three = walks(3, 5).sort_values(["ticker", "session"], ignore_index=True)
    three.loc[7, ["dividend", "split_ratio"]] = [1.0, 2.0]
    found = adjust(three)
    for untouched in ("T0", "T2"):
        assert (found.loc[found["ticker"] == untouched, "adj_factor"] == 1.0).all()
    assert (found.loc[5:6, "adj_factor"] < 0.51).all() and (found.loc[7:9, "adj_factor"] == 1).all()


@pytest.mark.parametrize("dividend", [100.0, 150.0])
def test_a_payout_of_the_whole_price_is_passed_over(dividend: float) -> None:
    bars = frame("X", pd.bdate_range("2024-01-01", periods=2), [100.0, 5.0], dividend=[0, dividend])
    assert (adjust(bars)["adj_factor"] == 1.0).all()


def test_an_event_on_the_first_row_changes_nothing() -> None:
    bars = walk(sessions=3)
    bars.loc[0, ["dividend", "split_ratio"]] = [1.0, 2.0]
    assert (adjust(bars)["adj_factor"] == 1.0).all()


def published(symbol: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Raw bars with events, and the publisher's adjusted close in units of the last row."""
    theirs = pd.read_csv(Path(EVALUATION) / "adjustment_truth" / f"{symbol}.csv.gz")
    theirs = theirs.sort_values("Date", ignore_index=True)
    events = {"dividend": theirs["Ex-Dividend"], "split_ratio": theirs["Split Ratio"]}
    raw = frame(symbol, theirs["Date"], theirs["Close"], **events)
    assert len(raw) > 7000 and (raw["dividend"] > 0).sum() > 30
    assert theirs["Adj. Close"].iloc[-1] == theirs["Close"].iloc[-1]
    return raw, theirs["Adj. Close"].to_numpy()


# The publisher takes a payout out of the close of its ex date, we out of the close before. Only
# Microsoft's 3.08 of 2004-11-15, a tenth of the price on a day that gained 1.7 %, makes that seen.
@pytest.mark.evaluation
@pytest.mark.parametrize(
    ("symbol", "first", "tolerance"),
    [("AAPL", "1980", 3e-4), ("MSFT", "2004-11-15", 5e-4), ("MSFT", "1986", 2.5e-3)],
)
def test_our_adjusted_close_is_the_publisher_s(symbol: str, first: str, tolerance: float) -> None:
    raw, theirs = published(symbol)
    since = (raw["session"] >= first).to_numpy()
    np.testing.assert_allclose(adjust(raw)["close"][since], theirs[since], rtol=tolerance)


@pytest.mark.evaluation
@pytest.mark.parametrize("symbol", ["AAPL", "MSFT"])
def test_we_differ_from_the_publisher_by_the_choice_of_close_alone(symbol: str) -> None:
    raw, theirs = published(symbol)
    ratio = adjust(raw)["close"] / theirs
    before = raw["close"].shift() / raw["split_ratio"]
    # 1 - D / P against C / (C + D): the difference is D / C of the total return of the ex date.
    gain = (raw["close"] + raw["dividend"]) / before - 1.0
    expected = 1.0 / (1.0 - raw["dividend"] / raw["close"] * gain)
    np.testing.assert_allclose((ratio / ratio.shift() / expected)[1:], 1.0, rtol=2e-6)
