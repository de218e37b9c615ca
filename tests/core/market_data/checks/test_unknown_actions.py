"""Sessions that the exchange compares with none before."""

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.run_checks import split_adjusted_bars
from core.market_data.checks.unknown_actions import change_findings, unknown_action_findings
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.check_rows import as_tuples, quiet

XTAI = SHIPPED["XTAI"]


def test_each_is_a_question_of_its_own_but_for_the_first_row() -> None:
    bars, unknown = quiet(), np.zeros(60, bool)
    unknown[[0, 20, 21]] = True
    found = unknown_action_findings(bars, unknown)
    assert as_tuples(bars, found) == [("step", 20, 20, "actions"), ("step", 21, 21, "actions")]
    assert f"compares {bars['session'][20]:%Y-%m-%d} with no session" in found[0].reason


def with_change() -> pd.DataFrame:
    bars = quiet(ticker=Ticker.parse("2330.TW")).round({"close": 2})
    return bars.assign(change=bars["close"].diff().round(2))


def found(bars: pd.DataFrame) -> list[tuple[str, int, int, str]]:
    return as_tuples(bars, change_findings(split_adjusted_bars(bars), XTAI))


def test_close_less_change_is_the_close_before() -> None:
    assert found(with_change()) == []
    wrong = with_change()
    wrong.loc[30, "close"] += 0.5  # two sessions say so: its own and the one after it
    assert found(wrong) == [("step", 30, 30, "step"), ("step", 31, 31, "step")]
    unlisted = with_change()
    unlisted.loc[30:, "close"] /= 1.05
    unlisted["close"] = unlisted["close"].round(2)
    unlisted["change"] = unlisted["close"].diff().round(2)
    unlisted.loc[30, "change"] = -0.4
    assert found(unlisted) == [("step", 30, 30, "step")]


@pytest.mark.parametrize("what", ["no comparison", "listed", "a session is missing"])
def test_where_nothing_can_be_compared_nothing_is_asked(what: str) -> None:
    bars = with_change()
    bars.loc[30:, "close"] -= 3.0
    if what == "no comparison":
        bars.loc[30, "change"] = np.nan
    if what == "listed":
        bars.loc[30, "dividend"] = 3.0
    if what == "a session is missing":
        bars = bars.drop(index=29).reset_index(drop=True)
    assert found(bars) == []


def test_a_column_that_holds_something_else_is_no_witness() -> None:
    bars = with_change()
    assert found(bars.tail(3).assign(change=9.9)) == [], "too few to tell"
    for other in (
        bars["change"].abs(),
        100 * bars["change"] / bars["close"],
        bars["change"] * np.nan,
    ):
        assert found(bars.assign(change=other)) == []
