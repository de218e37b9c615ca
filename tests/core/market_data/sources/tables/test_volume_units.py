"""Lots of 1,000 shares: said by a person, or found where the unit changes within a file."""

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import SchemaError
from core.market_data.sources.tables.options import LOTS, SHARES
from core.market_data.sources.tables.volume_units import in_shares
from tests.support.bars import walk


def bars(symbol: str = "2330.TW", seed: int = 0) -> pd.DataFrame:
    """Volumes of 2 to 9 million shares."""
    draw = np.random.default_rng(seed)
    return walk(symbol, 200, seed).assign(volume=draw.integers(2_000, 9_000, 200) * 1_000.0)


def in_lots(frame: pd.DataFrame, rows: slice) -> pd.DataFrame:
    small = frame["volume"].copy()
    small.iloc[rows] /= 1_000
    return frame.assign(volume=small)


@pytest.mark.parametrize("rows", [slice(140, 200), slice(0, 100), slice(80, 90)])
def test_a_stretch_in_lots_is_found_and_read_as_shares(rows: slice) -> None:
    right = bars()
    volume, notes = in_shares("a.csv", in_lots(right, rows), "")
    assert volume.tolist() == right["volume"].tolist()
    days = right["session"].dt.date.iloc[rows]
    values = notes[0].parameters
    assert (values["count"], values["first"], values["last"]) == (
        len(days),
        days.iloc[0],
        days.iloc[-1],
    )


def test_elsewhere_a_change_of_unit_is_asked_about() -> None:
    mixed = in_lots(bars("AAPL"), slice(0, 50))
    with pytest.raises(SchemaError, match="50 sessions, .* is 1,000 times smaller"):
        in_shares("a.csv", mixed, "")
    assert in_shares("a.csv", mixed, SHARES)[0].tolist() == mixed["volume"].tolist()


def test_a_person_says_that_all_are_lots() -> None:
    right = bars()
    lots = in_lots(right, slice(None))
    assert in_shares("a.csv", lots, LOTS)[0].tolist() == right["volume"].tolist()
    assert in_shares("a.csv", lots, "")[0].tolist() == lots["volume"].tolist()


@pytest.mark.parametrize("seed", range(5))
def test_volumes_that_vary_widely_are_left_alone(seed: int) -> None:
    draw = np.random.default_rng(seed)
    wild = bars().assign(volume=np.exp(draw.normal(12, 2.5, 200)))
    assert in_shares("a.csv", wild, "")[0].tolist() == wild["volume"].tolist()
    few = wild.assign(volume=np.where(np.arange(200) % 50 == 0, 0.0, wild["volume"]))
    assert in_shares("a.csv", few, "")[1] == []


@pytest.mark.parametrize(("lot", "thousands"), [(1, 1), (100, 1), (1_000, 1), (100, 1_000)])
def test_the_money_traded_says_how_many_shares_one_of_volume_is(lot: int, thousands: int) -> None:
    right = bars("600519.SS")
    traded = right["volume"] * right[["open", "high", "low", "close"]].mean(axis=1)
    found, notes = in_shares(
        "a.csv", right.assign(volume=right["volume"] / lot, turnover=traded / thousands), ""
    )
    assert found.tolist() == pytest.approx(right["volume"].tolist()) and len(notes) == (lot > 1)


def test_money_that_follows_no_volume_says_nothing() -> None:
    right, draw = bars("600519.SS"), np.random.default_rng(1)
    for money in (np.exp(draw.normal(20, 1, 200)), np.full(200, np.nan), right["volume"] * 37.0):
        found, notes = in_shares("a.csv", right.assign(turnover=money), "")
        assert found.tolist() == right["volume"].tolist() and notes == []
