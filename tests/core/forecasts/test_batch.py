"""Many tickers in one go: each is forecast as it would be alone."""

from dataclasses import fields
from pathlib import Path

import pandas as pd
import pytest

from core.forecasts.batch import forecast_batch
from core.forecasts.forecast import Forecast
from core.foundation.errors import DamagedError, NotEnoughHistoryError, NotFoundError
from core.lifecycle.train import TrainingRequest, train
from core.market_data.lake.holds import HOLD
from core.reference.bar_holds import Hold
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.homes import AT, Home, open_home

SPECIAL, YOUNG, NEWBORN, CUT = (Ticker.parse(one) for one in ("IBM", "NEW", "BORN", "CUT"))


def own(counts: dict[str, int]) -> pd.DataFrame:
    """Bars of one's own, so many sessions of each ticker."""
    walks = [walk(name, count, seed=at) for at, (name, count) in enumerate(counts.items())]
    return pd.concat(walks, ignore_index=True).assign(source="csv")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Two exchanges, a specialist, two young tickers, and one whose past is cut off by a step."""
    found = open_home(tmp_path_factory.mktemp("home"))
    lengths = {"AAPL": 420, "IBM": 420, "KO": 420, "2330.TW": 420, "2317.TW": 400}
    bars = own({**lengths, "NEW": 60, "BORN": 5, "CUT": 420})
    step = (bars["ticker"] == "CUT").to_numpy().nonzero()[0][-200]
    holds = pd.Series(Hold.NONE, index=bars.index, dtype="str")
    holds.iloc[step] = Hold.STEP
    found.bars.upsert(bars.assign(**{HOLD: holds}))
    train(found.bars, found.registry, TrainingRequest("test", "first"), AT)
    special = train(found.bars, found.registry, TrainingRequest("test", "own", scope="IBM"), AT)
    found.registry.promote(special.version, "test", "own", AT, ticker="IBM")
    return found


def same(one: Forecast, other: Forecast) -> None:
    for field in fields(Forecast):
        first, second = (getattr(each, field.name) for each in (one, other))
        if isinstance(first, pd.DataFrame):
            pd.testing.assert_frame_equal(first, second, check_exact=True, obj=field.name)
        else:
            assert first == second, field.name


def test_each_is_as_it_is_alone(home: Home) -> None:
    tickers = home.bars.tickers()
    both = forecast_batch(home.forecast_stores, tickers, AT)
    assert list(both.failed) == [NEWBORN] and not both.already
    assert isinstance(both.failed[NEWBORN], NotEnoughHistoryError)
    assert [one.ticker for one in both.made] == [one for one in tickers if one != NEWBORN]
    for one in both.made:
        (alone,) = forecast_batch(home.forecast_stores, [one.ticker], AT).made
        same(one, alone)
    by_ticker = {one.ticker: one for one in both.made}
    assert by_ticker[SPECIAL].model.version == 2 and by_ticker[YOUNG].averaged
    assert by_ticker[CUT].since is not None and by_ticker[CUT].spans == 199
    assert {one.model.version for one in both.made if one.ticker != SPECIAL} == {1}
    backwards = forecast_batch(home.forecast_stores, tickers[::-1], AT)
    for one in backwards.made:
        same(one, by_ticker[one.ticker])


def test_what_was_made_before_is_not_made_again(home: Home) -> None:
    tickers = home.bars.tickers()
    made = forecast_batch(home.forecast_stores, tickers, AT).made
    done = {(one.ticker.symbol, one.model.version): one.as_of.date() for one in made[:3]}
    done[made[3].ticker.symbol, 1] = made[3].as_of.date().replace(year=2020)
    done[made[4].ticker.symbol, 7] = made[4].as_of.date()
    again = forecast_batch(home.forecast_stores, tickers, AT, done)
    assert set(again.already) == {one.ticker for one in made[:3]}
    assert [one.ticker for one in again.made] == [one.ticker for one in made[3:]]


def test_one_that_cannot_be_read_is_named_and_the_rest_stands(home: Home, tmp_path: Path) -> None:
    other = open_home(tmp_path)
    other.bars.upsert(own({"AAPL": 420, "KO": 420, "GE": 420}))
    train(other.bars, other.registry, TrainingRequest("test", "first"), AT)
    (other.path / "bars" / "KO.parquet").write_bytes(b"damaged")
    wanted = [Ticker.parse(one) for one in ("GE", "KO", "NONE", "AAPL")]
    found = forecast_batch(other.forecast_stores, wanted, AT)
    assert [one.ticker.symbol for one in found.made] == ["GE", "AAPL"]
    kinds = {one.symbol: type(error) for one, error in found.failed.items()}
    assert kinds == {"KO": DamagedError, "NONE": NotFoundError}


def test_without_a_model_each_is_told_so(tmp_path: Path) -> None:
    other = open_home(tmp_path)
    other.bars.upsert(own({"AAPL": 420}))
    found = forecast_batch(other.forecast_stores, [Ticker.parse("AAPL")], AT)
    (error,) = found.failed.values()
    assert str(error.sentence) == "No model was trained yet."
