"""All checks together on one ticker's rows."""

import numpy as np
import pandas as pd

from core.market.checks.finding import Finding, strongest
from core.market.quality import check
from core.market.sample import NAMES, SampleSource
from core.tickers import Ticker
from tests.homes import AT
from tests.market.checks.series import AAPL, quiet, scaled, told


def test_the_sample_is_sound_but_for_one_day_to_be_asked_about() -> None:
    named = []
    for symbol in NAMES:
        ticker = Ticker.parse(symbol)
        bars = SampleSource().fetch(ticker, None, None, AT)
        named += [
            (symbol, f"{bars['session'][row]:%Y-%m-%d}", one.code)
            for one in check(bars, ticker)
            for row in one.rows
        ]
    assert named == [("AAPL", "2000-09-29", "jump")]


def test_the_input_stays_and_an_empty_frame_is_sound() -> None:
    bars = scaled(quiet(), slice(0, 20), 100.0)
    before = bars.copy(deep=True)
    assert check(bars, AAPL) and check(bars.iloc[:0], AAPL) == []
    pd.testing.assert_frame_equal(bars, before)


def test_what_was_accepted_is_never_named() -> None:
    bars = quiet()
    bars.loc[[10, 11], "volume"] = 0.0
    assert told(bars, check(bars, AAPL, np.arange(60) == 10)) == [("volume", 11, 11, "prices")]


def test_a_series_at_fault_in_every_third_row_is_held_whole() -> None:
    bars = quiet(90)
    bars.loc[::3, "volume"] = 0.0
    held = strongest(90, check(bars, AAPL))
    assert (held == "prices").all()
    bars = quiet(90)
    bars.loc[::5, "volume"] = 0.0
    assert (strongest(90, check(bars, AAPL)) == "prices").sum() == 18


def test_what_is_held_of_a_row_adds_up() -> None:
    found = [
        Finding("price", np.array([0, 1]), "", "prices"),
        Finding("dividend", np.array([1, 2]), "", "actions"),
        Finding("split", np.array([3]), "", "all"),
        Finding("split", np.array([4]), "", ""),
    ]
    assert strongest(6, found).tolist() == ["prices", "all", "actions", "all", "", ""]
