"""The files of a forecast hold what the page shows, the random walk's range included."""

import csv
import io
import json

import pytest

from app.components import exports
from core.forecasts.forecast import Forecast, prices_by_horizon
from core.reference.tickers import Ticker
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home


@pytest.fixture
def made(trained: Home) -> Forecast:
    return forecast(trained.bars, trained.registry, Ticker.parse("AAPL"), AT)


def test_the_random_walk_s_range_is_in_the_table_and_the_file(made: Forecast) -> None:
    prices = prices_by_horizon(made.frame).loc[:5]
    table = exports.table(made, prices, ["2013-03-04"] * 5)
    walk = prices_by_horizon(made.baseline).loc[:5]
    for level, name in ((0.10, "Random walk 10 %"), (0.90, "Random walk 90 %")):
        assert table[name].tolist() == walk[level].tolist()
        assert name in exports.columns("USD", made.last_close)
    rows = list(csv.DictReader(io.StringIO(exports.forecast_csv(made, table, {}))))
    assert [float(row["Random walk 10 %"]) for row in rows] == pytest.approx(walk[0.10].tolist())


def test_the_object_of_the_api_holds_the_random_walk_at_every_level(made: Forecast) -> None:
    result = json.loads(json.dumps(made.to_dict()))["predictions"]
    assert len(result) == 20
    for one, (_, walk) in zip(result, prices_by_horizon(made.baseline).iterrows(), strict=True):
        assert list(one["baseline_quantiles"]) == list(one["quantiles"])
        assert list(one["baseline_quantiles"].values()) == pytest.approx(walk.tolist())
