"""All checks together on one ticker's rows."""

import numpy as np
import pandas as pd

from core.foundation.messages import Message
from core.market_data.checks.finding import CheckFinding, Fault, strongest
from core.market_data.checks.run_checks import check, split_adjusted_bars
from core.market_data.checks.unlisted_steps import step_findings
from core.market_data.sources.sample import NAMES, SampleSource
from core.reference.bar_holds import Hold
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.check_rows import AAPL, XNYS, as_tuples, quiet, scaled
from tests.support.homes import AT

NOTHING = Message("", "")


def test_the_sample_is_sound_but_for_one_day_to_be_asked_about() -> None:
    named = []
    for symbol in NAMES:
        ticker = Ticker.parse(symbol)
        bars = SampleSource().fetch(ticker, None, None, AT)
        named += [
            (symbol, f"{bars['session'][row]:%Y-%m-%d}", one.code)
            for one in [
                *check(bars, ticker, SHIPPED[ticker.market.calendar]),
                *step_findings(split_adjusted_bars(bars), np.ones(len(bars), bool), ticker),
            ]
            for row in one.rows
        ]
    assert named == [("AAPL", "2000-09-29", "step")]


def test_the_input_stays_and_an_empty_frame_is_sound() -> None:
    bars = scaled(quiet(), slice(0, 20), 100.0)
    before = bars.copy(deep=True)
    assert check(bars, AAPL, XNYS) and check(bars.iloc[:0], AAPL, XNYS) == []
    pd.testing.assert_frame_equal(bars, before)


def test_what_was_accepted_is_never_named() -> None:
    bars = quiet()
    bars.loc[[10, 11], "volume"] = 0.0
    assert as_tuples(bars, check(bars, AAPL, XNYS, np.arange(60) == 10)) == [
        ("volume", 11, 11, "prices")
    ]


def test_a_series_at_fault_in_every_third_row_is_held_whole() -> None:
    bars = quiet(90)
    bars.loc[::3, "volume"] = 0.0
    holds = strongest(90, check(bars, AAPL, XNYS))
    assert (holds == "prices").all()
    bars = quiet(90)
    bars.loc[::5, "volume"] = 0.0
    assert (strongest(90, check(bars, AAPL, XNYS)) == "prices").sum() == 18


def test_what_is_held_of_a_row_adds_up() -> None:
    found = [
        CheckFinding(Fault.PRICE, np.array([0, 1]), NOTHING, Hold.PRICES),
        CheckFinding(Fault.DIVIDEND, np.array([1, 2]), NOTHING, Hold.ACTIONS),
        CheckFinding(Fault.SPLIT, np.array([3]), NOTHING, Hold.ALL),
        CheckFinding(Fault.SPLIT, np.array([4]), NOTHING, Hold.NONE),
    ]
    assert strongest(6, found).tolist() == ["prices", "all", "actions", "all", "", ""]
