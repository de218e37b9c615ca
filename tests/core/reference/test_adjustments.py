"""Adjustment of raw prices, against a worked example and against somebody else's prices."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.reference.adjustments import adjust
from core.reference.schema import empty_bars
from tests.support.bars import frame, walk, walks

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
    # By hand, from the end: 9.9 of 9.9 + 0.1 is 0.99, so 0.99 / 5; then 1 / 2; then 99 of 100.
    last = 0.99 / 5
    expected = [0.99 * last / 2, last / 2, last, last, 1.0]
    np.testing.assert_allclose(found["adj_factor"], expected, rtol=1e-14)
    np.testing.assert_allclose(found["close"], [9.801, 9.801, 9.801, 9.9, 9.9], rtol=1e-14)
    np.testing.assert_allclose(found["open"].iloc[0], 90.0 * expected[0], rtol=1e-14)
    np.testing.assert_array_equal(found["split_factor"], [0.1, 0.1, 0.2, 0.2, 1.0])
    np.testing.assert_allclose(found["volume"], [1e7, 1e7, 5e6, 5e6, 1e6])


def test_a_holder_s_return_is_the_adjusted_return() -> None:
    """One share; payouts buy shares at the close of the ex date."""
    raw = worked_example()
    wealth, shares = [100.0], 1.0
    for row in raw.iloc[1:].itertuples():
        shares *= row.split_ratio
        shares += shares * row.dividend / row.close
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


def test_a_payout_above_the_price_left_is_a_return_like_any_other() -> None:
    bars = frame("X", pd.bdate_range("2024-01-01", periods=2), [100.0, 5.0], dividend=[0, 95.0])
    assert adjust(bars)["close"].to_list() == [5.0, 5.0]


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


@pytest.mark.evaluation
@pytest.mark.parametrize("symbol", ["AAPL", "MSFT"])
def test_our_adjusted_close_is_the_publisher_s_on_every_session(symbol: str) -> None:
    raw, theirs = published(symbol)
    np.testing.assert_allclose(adjust(raw)["close"], theirs, rtol=1e-12)
