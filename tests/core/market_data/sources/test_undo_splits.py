"""Back from split-adjusted prices to those that were paid, with values worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from core.market_data.sources.undo_splits import later_splits, undo_splits


def rows(closes: list[float], splits: list[float], **more: object) -> pd.DataFrame:
    facts = {"open": closes, "high": closes, "low": closes, "close": closes, "volume": 1000.0}
    facts |= {"session": pd.bdate_range("2024-01-01", periods=len(closes)), "dividend": 0.0}
    return pd.DataFrame(facts | {"split_ratio": splits} | more)


def vendor(raw: float, factor: float) -> float:
    """What Yahoo makes of a price: 6 decimals, 32 bits."""
    return float(np.float32(round(raw / factor, 6)))


def test_a_split_counts_before_its_session_and_not_on_it() -> None:
    raw = undo_splits(rows([100.0, 25.0, 26.0], [1, 1, 4]))
    assert raw["close"].tolist() == [400.0, 100.0, 26.0]
    assert raw["volume"].tolist() == [250.0, 250.0, 1000.0]


def test_two_splits_multiply_and_a_reverse_one_divides() -> None:
    raw = undo_splits(rows([1.5, 3.0, 30.0], [1, 2, 0.1]))
    assert raw["close"].tolist() == [0.3, 0.3, 30.0]
    assert raw["volume"].tolist() == [5000.0, 10000.0, 1000.0]


def test_a_dividend_is_multiplied_back_like_a_price() -> None:
    raw = undo_splits(rows([100.0, 101.0, 102.0], [1, 1, 4], dividend=[0.205, 0.0, 0.22]))
    assert raw["dividend"].tolist() == [0.82, 0.0, 0.22]


def test_what_is_unknown_stays_unknown() -> None:
    raw = undo_splits(rows([1.0, np.nan], [1, 2], volume=[np.nan, 5.0]))
    assert raw["close"].tolist()[0] == 2.0 and np.isnan(raw["close"][1])
    assert np.isnan(raw["volume"][0])


def test_nothing_in_nothing_out() -> None:
    assert undo_splits(rows([], [])).empty
    assert later_splits(np.array([])).tolist() == []


@pytest.mark.parametrize("raw", [999.99, 101.05, 28.75, 28.0625, 12.015625, 0.3317, 1234.56, 501.0])
@pytest.mark.parametrize("factor", [2, 3, 4, 7, 10, 28, 40, 224, 896])
def test_a_later_split_corrects_no_price(raw: float, factor: int) -> None:
    before = undo_splits(rows([vendor(raw, 1.0), 1.0], [1, 1]))["close"][0]
    after = undo_splits(rows([vendor(raw, factor), 1.0], [1, factor]))["close"][0]
    assert before == raw
    assert after == pytest.approx(raw, abs=0.6e-6 * factor)
    if raw in (999.99, 101.05, 28.75, 28.0625, 1234.56, 501.0):  # cents and 64ths
        assert after == raw


@pytest.mark.parametrize("price", [1.76e-5, 3.2e-8, 1.1220825910568237, 67_123.456])
def test_a_price_without_splits_keeps_seven_digits(price: float) -> None:
    restored = undo_splits(rows([float(np.float32(price)), 1.0], [1, 1]))["close"][0]
    assert restored == pytest.approx(price, rel=5e-7) and restored > 0
    assert len(f"{restored:.15g}".replace(".", "").lstrip("0").split("e")[0]) <= 7


def test_the_input_is_not_changed() -> None:
    given = rows([1.0, 2.0], [1, 2])
    before = given.copy()
    undo_splits(given)
    pd.testing.assert_frame_equal(given, before)
