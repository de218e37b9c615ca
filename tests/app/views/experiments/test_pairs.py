"""Versions two by two on the Experiments page: with numbers, without scores, with none shared."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from app.state.stores import Stores
from app.views.experiments.pairs import table
from core.lifecycle.train import TrainingRequest, train
from tests.app.test_main import opened, texts

HEADING = "One against another"
WORDS = ["A", "B", "Horizons", "Loss difference", "90 % band", "Diebold-Mariano p", "n", "Window"]


def pair(**values: object) -> dict[str, object]:
    facts = {
        "forecaster": "version 2, har",
        "baseline": "random_walk",
        "horizons": "1..20",
        "n": 480,
    }
    numbers = {"difference": 0.00012, "difference_low": -0.00003, "difference_high": 0.00027}
    return {**facts, **numbers, "p": 0.18, "window": "2012-06-01..2013-03-01"} | values


def test_a_difference_stands_with_its_band_its_chance_and_what_it_was_measured_on() -> None:
    found = table(pd.DataFrame([pair()]))
    assert list(found) == WORDS
    assert found.iloc[0].tolist() == [
        *("version 2, har", "the random walk", "1..20", "+0.00012"),
        *("\u22120.00003 to +0.00027", "0.180", 480, "2012-06-01 to 2013-03-01"),
    ]


def test_what_cannot_be_said_is_unknown_and_a_small_chance_is_never_zero() -> None:
    unknown = dict.fromkeys(("difference", "difference_low", "difference_high", "p"), np.nan)
    found = table(pd.DataFrame([pair(**unknown), pair(p=1e-9)]))
    assert found.loc[0, WORDS[3:6]].tolist() == ["unknown"] * 3
    assert found.loc[1, "Diebold-Mariano p"] == "below 0.001"


def test_the_challenger_stands_against_the_champion(sample: Stores) -> None:
    request = TrainingRequest("bob", "another", name="ewma")
    train(sample.bars, sample.registry, request, datetime.now(UTC))
    test = opened("experiments")
    assert HEADING in [one.value for one in test.subheader]
    found = next(one.value for one in test.dataframe if "Diebold-Mariano p" in one.value)
    rows = found[(found["A"] == "version 1, har") & (found["B"] == "version 2, ewma")]
    assert rows["Horizons"].tolist() == ["1..20", "1", "5", "20"]
    assert rows["Window"].str.match(r"\d{4}-\d\d-\d\d to \d{4}").all() and (rows["n"] > 0).all()
    assert not (found["A"] == found["B"]).any() and len(found) == 4 * (1 + 2 * 2)


def test_without_scores_it_says_so(sample: Stores) -> None:
    sample.registry.artifact(1).with_name("1.scores.parquet").unlink()
    test = opened("experiments")
    assert HEADING in [one.value for one in test.subheader]
    assert "too little history to compare" in texts(test)


def test_versions_without_a_forecast_in_common_are_told(sample: Stores) -> None:
    champion = sample.registry.champion()
    scores = sample.registry.scores(1)
    assert champion is not None and scores is not None
    late = scores.assign(as_of=scores["as_of"] + pd.Timedelta(days=9000))
    forecaster = sample.registry.forecaster(champion)
    made = sample.registry.register(forecaster, champion.card, datetime.now(UTC), late)
    sample.registry.challenge(made.version, "bob", "other bars", datetime.now(UTC))
    test = opened("experiments")
    assert "no forecasts of the same bars in common" in texts(test)
