"""What a vendor's adjusted close bears witness of beside the actions it lists."""

import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.checks.finding import CheckFinding
from core.market_data.checks.run_checks import split_adjusted_bars
from core.market_data.checks.unlisted_steps import step_findings
from core.market_data.checks.vendor_adjustment import unit_findings, vendor_findings
from core.reference.bar_sources import BarSource
from core.reference.tickers import Ticker
from tests.support import evaluation
from tests.support.check_rows import as_tuples, quiet, scaled

NOTHING = np.zeros(60, bool)
PRICES = ("open", "high", "low", "close")


def paid(share: float, at: int = 30) -> tuple[pd.DataFrame, np.ndarray]:
    """Prices that fall by a dividend, which is listed, and the vendor's adjusted close."""
    bars = scaled(quiet(), slice(at, 60), 1.0 - share)
    close = bars["close"].to_numpy()
    bars.loc[at, "dividend"] = round(share * close[at - 1], 4)
    return bars, np.where(np.arange(60) < at, close * (1.0 - share), close)


def found(bars: pd.DataFrame, vendor: np.ndarray) -> list[CheckFinding]:
    return vendor_findings(bars, vendor, NOTHING[: len(bars)])


def codes(findings: list[CheckFinding]) -> list[tuple[str, str, int]]:
    return [(one.message.code, one.hold, int(one.rows[0])) for one in findings]


@pytest.mark.parametrize("share", [0.002, 0.02, 0.08, 0.2])
def test_what_is_listed_and_adjusted_for_is_not_named(share: float) -> None:
    assert found(*paid(share)) == []
    assert found(paid(share)[0], paid(share)[1].round(2)) == []


@pytest.mark.parametrize(
    ("share", "hold"), [(0.001, None), (0.01, ""), (0.04, ""), (0.06, "step"), (0.2, "step")]
)
def test_a_payout_that_is_not_listed_is_a_question_if_it_is_large(
    share: float, hold: str | None
) -> None:
    bars, vendor = paid(share)
    bars["dividend"] = 0.0
    expected = [] if hold is None else [("bar.payout-implied", hold, 30)]
    assert codes(found(bars, vendor)) == expected


def test_a_split_that_only_the_adjusted_close_knows_is_a_question() -> None:
    bars = scaled(quiet(), slice(30, 60), 1 / 1.15)
    vendor = np.where(np.arange(60) < 30, bars["close"] / 1.15, bars["close"])
    (one,) = found(bars, vendor)
    assert one.hold == "step" and "lower by 13.0 %" in one.reason and "new shares" in one.reason


@pytest.mark.parametrize("ratio", [1.5, 1 / 0.6, 1.07, 10.0])
def test_shares_joined_that_only_the_adjusted_close_knows_are_a_question(ratio: float) -> None:
    bars = quiet()  # the price itself fell on the day, so that nothing shows in the close
    vendor = np.where(np.arange(60) < 30, bars["close"] * ratio, bars["close"])
    (one,) = found(bars, vendor)
    assert (one.message.code, one.hold, list(one.rows)) == (
        "bar.joined-shares-implied",
        "step",
        [30],
    )
    assert f"is {ratio:.3g} times the close" in one.reason
    bars.loc[20, "dividend"] = 2.0
    assert one.message.code in [code for code, _, _ in codes(found(bars, vendor))]
    listed = scaled(quiet(), slice(0, 30), 1 / ratio)
    listed.loc[30, "split_ratio"] = 1 / ratio
    adjusted = split_adjusted_bars(listed)
    assert found(adjusted, adjusted["close"].to_numpy()) == []


def test_a_dividend_counted_twice_and_one_of_another_amount_are_named() -> None:
    bars, vendor = paid(0.2)
    bars.loc[30, "dividend"] /= 2
    (twice,) = found(bars, vendor)
    assert twice.message.code == "bar.dividend-twice" and twice.hold == "step"
    bars.loc[30, "dividend"] /= 2
    (other,) = found(bars, vendor)
    assert other.message.code == "bar.dividend-other" and other.hold == "step"


def test_a_dividend_the_vendor_left_out_is_noted_and_nothing_held_back() -> None:
    bars = quiet()
    bars.loc[[10, 30], "dividend"] = 2.0
    close = bars["close"].to_numpy()
    first = np.where(np.arange(60) < 10, 1 - 2.0 / close[9], 1.0)
    both = np.where(np.arange(60) < 30, 1 - 2.0 / close[29], 1.0) * first
    assert found(bars, close * both) == []
    assert as_tuples(bars, found(bars, close * first)) == [("dividend", 0, 29, "")]


def test_a_single_adjusted_close_that_is_wrong_is_no_payout() -> None:
    bars, vendor = paid(0.02)
    for rows in ([40], [40, 41]):
        wrong = vendor.copy()
        wrong[rows] *= 1.3
        assert found(bars, wrong) == []
        wrong[rows] = np.nan
        assert found(bars, wrong) == []


def test_a_dividend_in_doubt_is_not_compared() -> None:
    bars, vendor = paid(0.02)
    bars.loc[30, "dividend"] *= 100
    doubted = NOTHING.copy()
    doubted[30] = True
    assert vendor_findings(bars, vendor, doubted) == []
    assert codes(found(bars, vendor)) == [("bar.dividend-left-out", "", 0)]


def both_on_one_day(dividend: float, ratio: float, source: str) -> pd.DataFrame:
    bars = scaled(quiet(), slice(30, 60), (1 - dividend / 100 / ratio) / ratio)
    bars.loc[30, ["dividend", "split_ratio"]] = [dividend, ratio]
    return split_adjusted_bars(bars.assign(source=source))


@pytest.mark.parametrize(
    ("dividend", "ratio", "matters"),
    [(2.0, 1.2, False), (9.0, 1.2, True), (0.4, 4.0, True), (0.2, 4.0, False), (3.0, 0.5, True)],
)
def test_a_dividend_on_the_day_of_a_split_is_asked_about_where_its_unit_matters(
    dividend: float, ratio: float, matters: bool
) -> None:
    bars = both_on_one_day(dividend, ratio, BarSource.CSV)
    expected = [("bar.dividend-unit", "step", 30)] if matters else []
    assert codes(unit_findings(bars)) == expected
    assert unit_findings(both_on_one_day(dividend, ratio, BarSource.YAHOO)) == []


@pytest.mark.parametrize("source", [BarSource.CSV, BarSource.YAHOO])
@pytest.mark.parametrize("per_new", [True, False])
def test_the_adjusted_close_says_which_share_a_dividend_is_per(source: str, per_new: bool) -> None:
    bars = both_on_one_day(9.0, 1.2, source)
    close, amount = bars["close"].to_numpy(), 9.0 if per_new else 9.0 / 1.2
    vendor = np.where(np.arange(60) < 30, close * (1 - amount / close[29]), close)
    expected = [] if per_new else [("bar.dividend-unit", "step", 30)]
    assert codes(unit_findings(bars, vendor)) == expected


def truth(ticker: str) -> tuple[pd.DataFrame, np.ndarray]:
    path = Path(os.environ["TICKERLENS_EVALUATION_DATA"]) / "adjustment_truth" / f"{ticker}.csv.gz"
    rows = pd.read_csv(path).sort_values("Date", ignore_index=True)
    names = {"Date": "session", "Ex-Dividend": "dividend", "Split Ratio": "split_ratio"}
    bars = rows.rename(columns={**names, **{one.capitalize(): one for one in (*PRICES, "volume")}})
    bars["session"] = pd.to_datetime(bars["session"])
    return bars, rows["Adj. Close"].to_numpy(float)


@pytest.mark.evaluation
@pytest.mark.parametrize("ticker", ["AAPL", "MSFT"])
def test_each_true_dividend_removed_in_turn(ticker: str) -> None:
    bars, vendor = truth(ticker)
    none = np.zeros(len(bars), bool)
    assert vendor_findings(split_adjusted_bars(bars), vendor, none) == []
    large = named = 0
    rows = np.flatnonzero(bars["dividend"].to_numpy()[1:] > 0) + 1
    for at in rows.tolist():
        removed = bars.copy()
        removed.loc[at, "dividend"] = 0.0
        hits = codes(vendor_findings(split_adjusted_bars(removed), vendor, none))
        share = bars["dividend"][at] / bars["close"][at - 1]
        assert {row for _, _, row in hits} <= {at}
        assert (share > 0.05) == any(hold == "step" for _, hold, _ in hits)
        large, named = large + (share > 0.05), named + bool(hits)
    print(f"{ticker}: {named} of {len(rows)} removed dividends are named, {large} are questions")
    assert large == (ticker == "MSFT") and named > 0


@pytest.mark.evaluation
def test_each_large_dividend_put_into_real_prices_is_found_by_its_witness() -> None:
    source, alone, count = np.random.default_rng(5), 0, 0
    for ticker, bars in evaluation.large_us().groupby("ticker"):
        for share in (0.051, 0.08, 0.15, 0.3):
            at = int(source.integers(300, len(bars) - 130))
            cut = bars.iloc[at - 300 : at + 120].reset_index(drop=True)
            vendor = cut["close"].to_numpy()
            made = scaled(cut, slice(300, 420), 1.0 - share)
            vendor = vendor * (1.0 - share)
            none = np.zeros(len(made), bool)
            assert codes(vendor_findings(split_adjusted_bars(made), vendor, none)) == [
                ("bar.payout-implied", "step", 300)
            ], (ticker, share)
            steps = step_findings(split_adjusted_bars(made), ~none, Ticker.parse(str(ticker)))
            alone += any(one.rows[0] == 300 for one in steps)
            count += 1
    print(f"{count} of {count} found; without an adjusted close {alone}")
    assert count == 144


@pytest.mark.evaluation
@pytest.mark.parametrize(("ticker", "splits"), [("AAPL", 4), ("MSFT", 9)])
def test_each_true_split_removed_in_turn_is_a_question_at_its_row(ticker: str, splits: int) -> None:
    bars, _ = truth(ticker)
    readable = np.ones(len(bars), bool)
    rows = np.flatnonzero(bars["split_ratio"] != 1.0).tolist()
    for at in rows:
        removed = bars.copy()
        removed.loc[at, "split_ratio"] = 1.0
        found = step_findings(split_adjusted_bars(removed), readable, Ticker.parse(ticker))
        assert at in {int(one.rows[0]) for one in found}, bars["session"][at]
    print(f"{ticker}: {len(rows)} of {len(rows)} removed splits are questions")
    assert len(rows) == splits
