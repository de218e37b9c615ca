"""Which steps in the price are asked about, and which are left alone."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from core.market_data.checks.run_checks import split_adjusted_bars
from core.market_data.checks.unlisted_steps import step_findings
from core.reference.bar_holds import Hold
from core.reference.tickers import Ticker
from tests.support import evaluation
from tests.support.bars import walk
from tests.support.check_rows import AAPL, quiet, scaled

RATIOS = (1.5, 2.0, 3.0, 7.0, 12.0, 190.0, 2 / 3, 0.5, 0.1, 0.05)
AT = 400


def steps_of(bars: pd.DataFrame, ticker: str = "ABC") -> list[int]:
    readable = np.isfinite(bars["close"].to_numpy(float))
    found = step_findings(split_adjusted_bars(bars), readable, Ticker.parse(ticker))
    return [int(one.rows[0]) for one in found]


def stepped(bars: pd.DataFrame, ratio: float, at: int = AT) -> pd.DataFrame:
    """The rows before `at` as they were traded before a split that is not listed."""
    before, made = np.arange(len(bars)) < at, bars.copy()
    for name in ("open", "high", "low", "close"):
        made[name] = np.where(before, made[name] * ratio, made[name])
    made["volume"] = np.where(before, made["volume"] / ratio, made["volume"].astype(float))
    return made


def calm(ticker: str = "ABC", sessions: int = 800, volatility: float = 0.015) -> pd.DataFrame:
    return walk(ticker, sessions, 7, volatility)


@pytest.mark.parametrize("ratio", RATIOS)
def test_an_unlisted_ratio_is_found_at_its_row_and_nowhere_else(ratio: float) -> None:
    assert steps_of(stepped(calm(), ratio)) == [AT]
    assert steps_of(calm()) == []


@pytest.mark.parametrize("ratio", RATIOS)
def test_also_after_a_halt(ratio: float) -> None:
    bars = stepped(calm(), ratio)
    halted = bars.drop(index=range(AT - 8, AT)).reset_index(drop=True)
    assert steps_of(halted) == [AT - 8]


def test_a_listed_split_is_none() -> None:
    bars = stepped(calm(), 4.0)
    bars.loc[AT, "split_ratio"] = 4.0
    assert steps_of(bars) == []


def test_a_dividend_that_explains_the_fall_is_none() -> None:
    bars = stepped(calm(), 1.5)
    bars.loc[AT, "dividend"] = bars["close"].iloc[AT - 1] / 3
    assert steps_of(bars) == []


def test_a_crash_during_a_session_is_none_and_one_overnight_is_asked_about() -> None:
    bars = calm()
    falls = np.where(np.arange(len(bars)) < AT, 1.0, 0.65)
    for name in ("open", "high", "low", "close"):
        bars[name] *= falls
    assert steps_of(bars) == [AT]
    before = bars["close"].iloc[AT - 1]
    bars.loc[AT, ["open", "high"]] = before
    assert steps_of(bars) == [], "it opened where it had closed, and fell while people traded"


def test_what_is_asked_names_what_is_known() -> None:
    def reason_of(bars: pd.DataFrame) -> str:
        (found,) = step_findings(split_adjusted_bars(bars), np.ones(len(bars), bool), AAPL)
        assert found.hold == Hold.STEP
        return found.reason

    crash = scaled(quiet(), slice(40, 60), 0.45)
    crash.loc[40, "volume"] *= 9
    assert reason_of(crash).startswith("The close fell 55 %, from ") and "real?" in reason_of(crash)
    split = scaled(quiet(), slice(0, 40), 2.0)
    split.loc[:39, "volume"] /= 2
    assert "as after a split, with no split listed and trading as usual" in reason_of(split)
    split.loc[40, "volume"] *= 10
    assert reason_of(split).startswith("The close fell 50 %"), "so much money is a crash"
    more = scaled(quiet(), slice(0, 40), 14.0)
    more.loc[40, "split_ratio"] = 2.0
    assert "with the split of 2 new for 1 old taken out of that" in reason_of(more)


@pytest.mark.parametrize(
    ("session", "change", "is_step"),
    [
        ("2016-03-02", -0.099, False),
        ("2016-03-02", -0.14, True),
        ("2016-03-02", 0.13, True),
        ("2014-03-05", -0.069, False),
        ("2014-03-05", -0.09, True),
    ],
)
def test_taiwan_limits_what_a_close_may_do(session: str, change: float, is_step: bool) -> None:
    bars = calm("2330.TW", 700, 0.005)
    bars["session"] = pd.bdate_range(end=session, periods=700)
    for name in ("open", "high", "low", "close"):
        bars.loc[699, name] = bars["close"].iloc[698] * (1 + change)
    assert steps_of(bars, "2330.TW") == ([699] if is_step else [])
    assert (
        steps_of(bars, "0050.TW") == steps_of(bars, "ABC") == []
    ), "no such limit is known of these"


def test_the_first_sessions_of_a_listing_have_no_limit() -> None:
    bars = calm("2330.TW", 300, 0.005)
    bars.loc[2:, ["open", "high", "low", "close"]] *= 1.2
    assert steps_of(bars, "2330.TW") == []


def test_one_that_often_goes_beyond_has_no_limit() -> None:
    assert steps_of(calm("7777.TWO", 600, 0.06), "7777.TWO") == []


@pytest.mark.evaluation
def test_of_true_moves_at_most_five_in_a_thousand_years_are_asked_about() -> None:
    years = steps = 0.0
    for _, bars in evaluation.large_us().groupby("ticker"):
        years += len(bars) / 252
        steps += len(steps_of(bars.reset_index(drop=True)))
    bound = chi2.ppf(0.95, 2 * (steps + 1)) / 2 / years  # of a rate with so many events, one-sided
    print(
        f"{steps:.0f} of the true moves of {years:.0f} ticker-years are asked about, "
        f"{1000 * steps / years:.1f} in 1,000, and with 95 % at most {1000 * bound:.1f}"
    )
    assert years > 600 and steps <= 0.005 * years


@pytest.mark.evaluation
def test_of_removed_ratios_none_is_missed() -> None:
    source, missed, count = np.random.default_rng(1), [], 0
    for ticker, bars in evaluation.large_us().groupby("ticker"):
        for ratio in RATIOS:
            at = int(source.integers(300, len(bars) - 130))
            cut = bars.iloc[at - 300 : at + 120].reset_index(drop=True)
            count += 1
            if 300 not in steps_of(stepped(cut, ratio, 300)):
                missed.append((ticker, ratio, cut["session"].iloc[300]))
    print(f"{len(missed)} of {count} removed ratios are missed")
    assert count == 360 and missed == []
