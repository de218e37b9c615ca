"""What stored bars may lack, as a person or a client of the forecast meets it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.forecasts.ledger.ledger import Ledger, Written
from core.reference.tickers import Ticker
from tests.support.bars import frame, walk
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home

NEW = Ticker.parse("NEW")


def forecast_of(home: Home, bars: pd.DataFrame) -> dict[str, Any]:
    home.bars.upsert(bars)
    return forecast(home.bars, home.registry, NEW, AT).to_dict()


@pytest.mark.parametrize("sessions", [21, 60, 130])
def test_a_young_ticker_gets_a_labelled_stand_in(copied: Home, sessions: int) -> None:
    found = forecast_of(copied, walk("NEW", sessions))
    assert found["model"]["name"] == "random_walk_gauss"
    assert found["note"].startswith(f"NEW needs at least 131 sessions for har, has {sessions};")
    assert found["skill"] is None and len(found["predictions"]) == 20


def test_an_older_one_gets_the_champion_without_a_note(copied: Home) -> None:
    found = forecast_of(copied, walk("NEW", 131))
    assert found["model"] == {"name": "har", "version": "1"} and found["note"] is None
    assert found["skill"] is not None


def listed(home: Home, sessions: int) -> pd.DataFrame:
    """A young one beside the sample's, whose last session is the sample's too."""
    last = home.bars.load(adjusted=False)["session"].max()
    return walk("NEW", sessions, end=f"{last:%Y-%m-%d}")


@pytest.mark.parametrize("sessions", [22, 30, 41, 130])
def test_beside_its_market_it_is_forecast_by_both(copied: Home, sessions: int) -> None:
    found = forecast_of(copied, listed(copied, sessions))
    assert found["model"] == {"name": "mean of har and random_walk_gauss", "version": "1"}
    assert "shown is the mean of har version 1 on these few and the random walk" in found["note"]
    assert found["skill"] is None and found["recalibrated"] == 0
    made = forecast(copied.bars, copied.registry, NEW, AT)
    assert Ledger(copied.database).append([made], AT) == Written()


@pytest.mark.parametrize(("sessions", "name"), [(21, "random_walk_gauss"), (131, "har")])
def test_before_and_after_one_alone_does(copied: Home, sessions: int, name: str) -> None:
    assert forecast_of(copied, listed(copied, sessions))["model"]["name"] == name


def test_a_model_of_sample_bars_says_nothing_of_young_ones_of_one_s_own(copied: Home) -> None:
    found = forecast_of(copied, listed(copied, 60).assign(source="csv"))
    assert found["model"] == {"name": "random_walk_gauss", "version": "untrained"}


def test_a_stand_in_leaves_no_mark_on_the_champion_s_record(copied: Home) -> None:
    forecast_of(copied, walk("NEW", 60))
    made = forecast(copied.bars, copied.registry, NEW, AT)
    assert Ledger(copied.database).append([made], AT) == Written()


def _closes_only(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.assign(open=np.nan, high=np.nan, low=np.nan)


def _no_volume(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.assign(volume=np.nan)


def _gap(bars: pd.DataFrame) -> pd.DataFrame:
    moved = bars["session"] - pd.Timedelta(days=84)  # sixty sessions
    return bars.assign(session=bars["session"].where(bars.index > len(bars) // 2, moved))


def _still(bars: pd.DataFrame) -> pd.DataFrame:
    return frame("NEW", bars["session"], np.full(len(bars), 12.5))


def _unsorted(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.sample(frac=1, random_state=3)


@pytest.mark.parametrize("sessions", [60, 300])
@pytest.mark.parametrize("damage", [_closes_only, _no_volume, _gap, _still, _unsorted])
def test_bars_that_lack_something_are_forecast(
    copied: Home, sessions: int, damage: Callable[[pd.DataFrame], pd.DataFrame]
) -> None:
    whole = walk("NEW", sessions)
    found = forecast_of(copied, damage(whole))
    quantiles = np.array([list(one["quantiles"].values()) for one in found["predictions"]])
    assert quantiles.shape == (20, 7) and np.isfinite(quantiles).all() and (quantiles > 0).all()
    assert (np.diff(quantiles, axis=1) >= 0).all()
    if damage is _unsorted:
        copied.bars.remove(NEW)
        assert forecast_of(copied, whole) == found
