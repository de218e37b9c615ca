"""A forecast as a person and a client receive it."""

import json
from datetime import datetime, timedelta
from itertools import pairwise

import exchange_calendars
import pandas as pd
import pytest

from core.forecasts.make import make
from core.foundation.errors import NotEnoughHistoryError, NotFoundError
from core.market_data.lake.bar_store import ParquetBars
from core.reference.schema import LEVELS
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home

AAPL, TAIWAN = Ticker.parse("AAPL"), Ticker.parse("9999.TW")


def made(home: Home, ticker: Ticker = AAPL, horizon: int = 20) -> dict:  # type: ignore[type-arg]
    result = forecast(home.bars, home.registry, ticker, AT).to_dict(horizon)
    return dict(json.loads(json.dumps(result, allow_nan=False)))


def test_it_says_from_where_and_by_whom(trained: Home) -> None:
    found = made(trained)
    assert (found["ticker"], found["as_of"], found["last_close"]) == ("AAPL", "2013-03-01", 430.47)
    assert (found["currency"], found["source"]) == ("USD", "sample")
    assert found["model"] == {"name": "har", "version": "1"}


def test_twenty_horizons_of_seven_quantiles_that_never_cross(trained: Home) -> None:
    predictions = made(trained)["predictions"]
    assert [one["horizon"] for one in predictions] == list(range(1, 21))
    for one in predictions:
        assert list(one["quantiles"]) == ["0.05", "0.10", "0.25", "0.50", "0.75", "0.90", "0.95"]
        prices = list(one["quantiles"].values())
        assert all(low < high for low, high in pairwise(prices)) and prices[0] > 0
        assert 0.0 < one["p_up"] < 1.0
        assert 0.6 * 430.47 < prices[0] and prices[-1] < 1.6 * 430.47


def test_the_range_widens_with_the_horizon(trained: Home) -> None:
    widths = [
        one["quantiles"]["0.95"] - one["quantiles"]["0.05"] for one in made(trained)["predictions"]
    ]
    assert len(widths) == 20 and all(near < far for near, far in pairwise(widths))


@pytest.mark.parametrize(("ticker", "code"), [(AAPL, "XNYS"), (TAIWAN, "XTAI")])
def test_targets_are_the_exchange_s_next_sessions(ticker: Ticker, code: str, trained: Home) -> None:
    found = made(trained, ticker)
    calendar = exchange_calendars.get_calendar(code, start="2013-01-01", end="2013-12-31")
    expected = calendar.sessions_window(found["as_of"], 21)[1:]
    assert [one["target_session"] for one in found["predictions"]] == [
        f"{session:%Y-%m-%d}" for session in expected
    ]
    closed = {"XNYS": "2013-03-29", "XTAI": "2013-02-28"}[code]
    assert closed not in [one["target_session"] for one in found["predictions"]]


def test_skill_is_told_with_what_it_was_measured_on(trained: Home) -> None:
    skill = made(trained)["skill"]
    assert skill["low"] <= skill["value"] <= skill["high"]
    assert skill["n"] > 40 and skill["baseline"] == "random_walk" and ".." in skill["window"]
    assert skill["scope"] == "AAPL"


def test_a_ticker_too_young_for_a_skill_of_its_own_is_told_the_whole_set_s(trained: Home) -> None:
    model = trained.registry.champion()
    assert model is not None and "FB" not in model.card.skill_by_ticker
    found = made(trained, Ticker.parse("FB"))["skill"]
    assert found["scope"] == "all" and found["n"] == model.card.skill.n  # type: ignore[union-attr]


@pytest.mark.parametrize("horizon", [1, 7, 19])
def test_a_shorter_horizon_is_the_beginning_of_the_longest(horizon: int, trained: Home) -> None:
    whole, part = made(trained), made(trained, horizon=horizon)
    assert part["predictions"] == whole["predictions"][:horizon]
    assert part["skill"].pop("sentence") != whole["skill"].pop("sentence")  # type: ignore
    assert (part["skill"].pop("horizon"), whole["skill"].pop("horizon")) == (horizon, 20)
    assert {**part, "predictions": 0} == {**whole, "predictions": 0}


def test_what_others_did_later_changes_nothing(trained: Home) -> None:
    model = trained.registry.champion()
    assert model is not None
    bars = trained.bars.load(adjusted=False)
    own = (bars["ticker"] == "AAPL") & (bars["session"] <= "2012-06-29")
    late = bars[own | (bars["ticker"] != "AAPL")]
    cut = bars[bars["session"] <= "2012-06-29"]
    assert len(late) > len(cut) + 500
    frames = []
    for panel in (late, cut, late.sample(frac=1.0, random_state=4).sort_values("session")):
        found = make(trained.registry.forecaster(model), model, panel, AAPL, AT)
        assert found.as_of == pd.Timestamp("2012-06-29")
        frames.append(found.frame)
    # Others' later dividends rescale their past prices, which may round the last bit otherwise.
    pd.testing.assert_frame_equal(frames[0], frames[1], rtol=1e-12, atol=0.0)
    pd.testing.assert_frame_equal(frames[0], frames[2], check_exact=True)


def test_the_frame_carries_version_and_instant_and_the_baseline_its_name(trained: Home) -> None:
    found = forecast(trained.bars, trained.registry, AAPL, AT)
    assert len(found.frame) == len(found.baseline) == 20 * len(LEVELS)
    assert set(found.frame["model_version"]) == {"1"} and (found.frame["created_at"] == AT).all()
    assert set(found.baseline["model_version"]) == {"random_walk"}
    assert found.baseline["target_session"].equals(found.frame["target_session"])


def test_an_unknown_ticker_is_one_sentence(trained: Home) -> None:
    with pytest.raises(NotFoundError, match="^TSLA is not tracked here.$") as refused:
        made(trained, Ticker.parse("TSLA"))
    assert refused.value.parameter == "ticker"


def test_without_a_model_it_says_so(home: Home) -> None:
    home.bars.upsert(walk(sessions=200))
    with pytest.raises(NotFoundError, match="^No model was trained yet.$"):
        made(home)


def test_too_little_history_says_how_much_is_needed(trained: Home, home: Home) -> None:
    home.bars.upsert(walk("NEW", sessions=20))
    with pytest.raises(NotEnoughHistoryError, match="^NEW needs at least 21 sessions, has 20.$"):
        forecast(home.bars, trained.registry, Ticker.parse("NEW"), AT)


def test_a_damaged_champion_does_not_serve(copied: Home) -> None:
    path = copied.path / "models" / "1.npz"
    path.write_bytes(path.read_bytes() + b"\x00")
    found = made(copied)
    assert found["model"] == {"name": "random_walk", "version": "untrained"}
    assert found["skill"] is None and "The stored model 1.npz was altered" in found["note"]


def test_the_instant_of_asking_changes_no_number(trained: Home) -> None:
    later: datetime = AT + timedelta(days=400)
    lake = ParquetBars(trained.path / "bars")
    result = forecast(lake, trained.registry, AAPL, later).to_dict()
    assert result == forecast(trained.bars, trained.registry, AAPL, AT).to_dict()
