"""Every kind of forecaster, trained by name, proves itself and serves from its stored numbers."""

import numpy as np
import pytest

from core.lifecycle.train import TrainingRequest, train
from core.reference.tickers import Ticker
from tests.support.bars import walks
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home


@pytest.mark.parametrize("name", ["ewma", "drift", "random_forest", "gradient_boosting"])
def test_it_serves_what_it_was_trained_to_say(name: str, home: Home) -> None:
    home.bars.upsert(walks(2, 520, seed=4).assign(source="csv"))
    model = train(home.bars, home.registry, TrainingRequest("ann", "to compare", name=name), AT)
    assert home.registry.champion() == model and model.name == name
    scores = home.registry.scores(model.version)
    assert scores is not None and len(scores) > 100 and np.isfinite(scores["pinball"]).all()
    one, again = (
        forecast(opened.bars, opened.registry, Ticker.parse("T1"), AT).to_dict()
        for opened in (home, home.again())
    )
    assert one == again and one["model"] == {"name": name, "version": "1"}
