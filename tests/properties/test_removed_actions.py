"""Actions that a vendor does not list, put into real prices from a seed: none is read across."""

import random
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.market_data.validate import validate_and_store
from core.reference.schema import BAR_COLUMNS
from core.reference.tickers import Ticker
from tests.support import evaluation
from tests.support.homes import open_home
from tests.support.trials import TRIALS

pytestmark = [pytest.mark.evaluation, pytest.mark.timeout(3600)]

AT = datetime(2026, 11, 27, 23, tzinfo=UTC)
PRICES = ["open", "high", "low", "close"]
BEFORE, AFTER = 300, 120
# New shares for one old, where prices tell by themselves.
RATIOS = (1.5, 2.0, 3.0, 7.0, 12.0, 190.0, 2 / 3, 0.5, 0.1, 0.05)
TAIWAN = (1.5, 2.0, 10.0, 0.6, 0.4, 1.15, 1.25)  # beyond what the exchange allows, reductions too
DIVIDENDS = (0.051, 0.08, 0.15)  # of the price, beside an adjusted close
# On a day on which the price itself opens so much the other way, a ratio near 3:2 is no more than
# what people trade: to ask about such days is to ask about true moves.
HIDDEN = 0.025


def pieces(panel: pd.DataFrame, draw: random.Random) -> Iterator[pd.DataFrame]:
    """Stretches of real prices, ticker after ticker, again and again."""
    by_ticker = [rows.reset_index(drop=True) for _, rows in panel.groupby("ticker")]
    while True:
        for rows in draw.sample(by_ticker, len(by_ticker)):
            at = draw.randrange(BEFORE, len(rows) - AFTER)
            yield rows.iloc[at - BEFORE : at + AFTER].reset_index(drop=True)


def without_listing(bars: pd.DataFrame, ratio: float) -> pd.DataFrame:
    """The rows of before as they were traded before a split of `ratio` new shares for one old."""
    before, made = np.arange(len(bars)) < BEFORE, bars.copy()
    for name in PRICES:
        made[name] = (made[name] * np.where(before, ratio, 1.0)).round(4)
    made["volume"] = (made["volume"] / np.where(before, ratio, 1.0)).round()
    return made


def read(folder: Path, bars: pd.DataFrame, vendor: np.ndarray | None = None) -> pd.DataFrame:
    """What is read of these bars once they are stored."""
    home, ticker = open_home(folder), Ticker.parse(str(bars["ticker"].iloc[0]))
    rows = bars.assign(ingested_at=pd.Timestamp(AT))[list(BAR_COLUMNS)]
    if vendor is not None:
        rows = rows.assign(vendor_close=vendor)
    validate_and_store(home.gateway, ticker, rows, AT)
    return home.bars.load([ticker])


def is_hidden(bars: pd.DataFrame, ratio: float) -> bool:
    """Whether the price itself opened the other way on the day of the action."""
    own = np.log(bars["open"].iloc[BEFORE] / bars["close"].iloc[BEFORE - 1])
    return bool(own * np.sign(np.log(ratio)) > HIDDEN)


def crosses(found: pd.DataFrame, on: pd.Timestamp) -> bool:
    """Whether a return is read from the sessions before the action to those since."""
    sessions = pd.DatetimeIndex(found["session"])
    assert (sessions >= on).any(), "the newest stretch is read"
    return bool((sessions < on).any())


@pytest.mark.parametrize("market", ["us", "taiwan"])
def test_no_return_is_read_across_a_split_that_is_not_listed(tmp_path: Path, market: str) -> None:
    panel, ratios = (
        (evaluation.large_us(), RATIOS) if market == "us" else (evaluation.taiwan(), TAIWAN)
    )
    draw, missed, hidden = random.Random(5), Counter[float](), Counter[float]()
    stretches = pieces(panel, draw)
    for trial in range(TRIALS):
        for ratio in ratios:
            listed = next(stretches)
            bars = without_listing(listed, ratio)
            found = read(tmp_path / f"{trial} {ratio}", bars)
            if crosses(found, bars["session"][BEFORE]):
                (hidden if is_hidden(listed, ratio) else missed)[ratio] += 1
    print(
        {
            f"{ratio:.3g}": f"{missed[ratio]} read, {hidden[ratio]} hidden, of {TRIALS}"
            for ratio in ratios
        }
    )
    # In Taiwan a ratio near the limit of a session is told by how far the close went on the day.
    plain = [one for one in ratios if not 0.68 < one < 1.3]
    assert TRIALS > 0 and sum(missed[one] for one in plain) == 0
    assert sum(hidden[one] for one in plain) <= 0.001 * TRIALS * len(plain)


def test_no_return_is_read_across_a_dividend_that_only_the_adjusted_close_holds(
    tmp_path: Path,
) -> None:
    draw, alone = random.Random(6), Counter[float]()
    stretches = pieces(evaluation.large_us(), draw)
    for trial in range(TRIALS):
        for share in DIVIDENDS:
            bars = next(stretches)
            vendor = bars["close"].to_numpy() * (1.0 - share)
            fallen = np.where(np.arange(len(bars)) < BEFORE, 1.0, 1.0 - share)
            bars[PRICES] = bars[PRICES].to_numpy() * fallen[:, None]
            on = bars["session"][BEFORE]
            assert not crosses(read(tmp_path / f"{trial} {share}", bars, vendor), on)
            alone[share] += not crosses(read(tmp_path / f"{trial} {share} alone", bars), on)
    print({f"{share:.1%}": f"{alone[share]} of {TRIALS} without witness" for share in DIVIDENDS})
    assert TRIALS > 0
