"""A forecast put together from a forecaster, its card and the bars."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics.skill import Skill
from core.forecasts.forecast import Forecast, prices_by_horizon, skill_to_dict
from core.forecasts.make import make
from core.forecasts.serialize import pack, unpack
from core.foundation.errors import NotFoundError
from core.models import create
from core.reference.schema import FORECAST_COLUMNS, HORIZONS, LEVELS
from core.reference.tickers import Ticker
from core.registry.model_card import ModelCard
from core.registry.registry import ModelVersion
from tests.support.bars import walk, walks
from tests.support.homes import AT

ALL = Skill(0.03, -0.02, 0.08, 360, "random_walk", "2022-01-03..2024-05-31", 0.81)
OWN = Skill(-0.01, -0.06, 0.04, 120, "random_walk", "2022-01-03..2024-05-31", 0.78)
T0, T1 = Ticker.parse("T0"), Ticker.parse("T1")


def version(skill: Skill | None = ALL) -> ModelVersion:
    by_ticker = {"T0": OWN} if skill else {}
    card = ModelCard({}, ("T0", "T1"), "", 0, "", "", skill, by_ticker, 1.0)
    return ModelVersion(3, "har", "", AT, card)


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    return walks(2, 400)


def made(bars: pd.DataFrame, ticker: Ticker = T0, skill: Skill | None = ALL) -> Forecast:
    fitted = create("har").fit(bars[bars["ticker"].isin(["T0", "T1"])])
    return make(fitted, version(skill), bars, ticker, AT)


def test_both_frames_keep_the_contract(bars: pd.DataFrame) -> None:
    found = made(bars)
    for frame, model in ((found.frame, "3"), (found.baseline, "random_walk")):
        assert list(frame.columns) == list(FORECAST_COLUMNS) and len(frame) == 20 * 7
        assert set(frame["ticker"]) == {"T0"} and set(frame["model_version"]) == {model}
        assert (frame["as_of"] == pd.Timestamp("2024-06-28")).all()


def test_prices_are_in_units_of_the_raw_last_close(bars: pd.DataFrame) -> None:
    split = bars.copy()
    own = (split["ticker"] == "T0").to_numpy()
    split.loc[own & (split["session"] == "2024-06-03").to_numpy(), "split_ratio"] = 2.0
    after = own & (split["session"] >= "2024-06-03").to_numpy()
    split.loc[after, ["open", "high", "low", "close"]] /= 2.0
    whole, halved = made(bars), made(split)
    assert halved.last_close == pytest.approx(whole.last_close / 2.0)
    np.testing.assert_allclose(halved.frame["price"], whole.frame["price"] / 2.0, rtol=1e-9)


def test_skill_is_the_ticker_s_own_or_else_of_all(bars: pd.DataFrame) -> None:
    assert (made(bars).skill, made(bars).skill_scope) == (OWN, "T0")
    assert (made(bars, T1).skill, made(bars, T1).skill_scope) == (ALL, "all")
    unknown = made(bars, T1, skill=None).to_dict()
    assert unknown["skill"] is None
    expected = {"verdict": "not shown", "worse_than": [], "scope": "T0", "horizons": None}
    assert skill_to_dict(OWN, "T0") == vars(OWN) | expected


def test_the_distribution_gives_the_prices_back(bars: pd.DataFrame) -> None:
    found = made(bars)
    prices = prices_by_horizon(found.frame)
    assert list(prices.index) == list(HORIZONS) and list(prices.columns) == list(LEVELS)
    predicted = found.last_close * np.exp(found.distribution().quantile(LEVELS))
    np.testing.assert_allclose(predicted, prices, rtol=1e-12)


def test_p_up_is_on_the_side_of_the_median(bars: pd.DataFrame) -> None:
    found = made(bars).to_dict()
    assert len(found["predictions"]) == 20
    for one in found["predictions"][:5]:
        above = one["quantiles"]["0.50"] > found["last_close"]
        assert (one["p_up"] > 0.5) == above and 0.3 < one["p_up"] < 0.7


def test_chances_are_of_the_same_law_and_the_base_rate_of_the_past(bars: pd.DataFrame) -> None:
    found, own = made(bars), bars[bars["ticker"] == "T0"]["close"].to_numpy()
    distribution, close = found.distribution(), found.last_close
    above, below = distribution.probability_above(1.05 * close), 1 - distribution.probability_above(
        0.95 * close
    )
    for at, one in enumerate(found.to_dict()["predictions"]):
        rose = (own[at + 1 :] > own[: -at - 1]).mean()
        assert one["base_rate_up"] == pytest.approx(rose, abs=1e-4)
        assert one["p_beyond_5_percent"] == pytest.approx(above[at] + below[at], abs=1e-4)
    assert found.spans == len(own) - 1
    assert found.to_dict()["location"] == "the same long-run premium for all tickers"
    assert unpack(pack(found), found.model).to_dict() == found.to_dict()


def test_the_ticker_s_own_last_session_is_as_of_though_others_go_on(bars: pd.DataFrame) -> None:
    early = bars[(bars["ticker"] != "T0") | (bars["session"] <= "2024-06-20")]
    assert made(early).as_of == pd.Timestamp("2024-06-20")
    assert made(early).frame["target_session"].iloc[0] == pd.Timestamp("2024-06-21")


def test_source_and_currency_are_the_ticker_s(bars: pd.DataFrame) -> None:
    taiwan = walk("2330.TW", 400).assign(source="csv")
    both = pd.concat([bars, taiwan], ignore_index=True)
    result = make(create("har").fit(both), version(), both, Ticker.parse("2330.TW"), AT).to_dict()
    assert (result["source"], result["currency"]) == ("csv", "TWD")
    assert (made(bars).to_dict()["source"], made(bars).to_dict()["currency"]) == ("sample", "USD")


def test_a_ticker_without_bars_is_refused(bars: pd.DataFrame) -> None:
    fitted = create("har").fit(bars)
    with pytest.raises(NotFoundError, match="^NEW has no stored bars yet.$"):
        make(fitted, version(), bars, Ticker.parse("NEW"), AT)


def test_the_bars_are_not_changed(bars: pd.DataFrame) -> None:
    before = bars.copy(deep=True)
    made(bars)
    pd.testing.assert_frame_equal(bars, before)
