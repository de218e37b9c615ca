"""What is compared with what, and what the three signals make of it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from core.errors import NotFoundError
from core.services.monitor import (
    INPUTS,
    LEAST_ROWS,
    OUTPUTS,
    WINDOW,
    Compared,
    conclude,
    enough,
    prepare,
)
from core.services.train import Order, train
from core.storage.reports import BEYOND, IN_BAND, TOO_LITTLE
from tests.bars import walk
from tests.homes import AT, Home

QUALITY = {"mae": 0.3, "reference mae": 0.28}


@pytest.fixture(scope="module")
def sample(trained: Home) -> Compared:
    return prepare(trained.bars, trained.registry)


def test_the_current_window_is_the_latest_and_lies_outside_the_reference(sample: Compared) -> None:
    current, reference = sample.states.current, sample.states.reference
    assert current["session"].nunique() == WINDOW
    assert current["session"].max() == pd.Timestamp("2013-03-01")
    assert reference["session"].max() < current["session"].min()
    assert sample.sample and sample.model.version == 1
    assert set(sample.thresholds) == {*INPUTS, *OUTPUTS}


def test_errors_are_out_of_sample_and_in_units_of_the_width(
    sample: Compared, trained: Home
) -> None:
    scores = trained.registry.scores(1)
    assert scores is not None
    one = sample.errors.reference.iloc[0]
    same = scores[
        (scores["ticker"] == one["ticker"])
        & (scores["as_of"] == one["session"])
        & (scores["horizon"] == one["horizon"])
    ].iloc[0]
    assert one["error"] == pytest.approx(abs(same["actual"] - same["median"]) / same["width_80"])
    assert one["outside"] == 1.0 - same["inside_80"]
    both = pd.concat([sample.errors.reference, sample.errors.current])
    assert set(both["horizon"]) == {1, 2, 3, 4, 5}
    assert both["session"].max() < pd.Timestamp("2013-03-01"), "its target has to be known"


def measured(compared: Compared, factor: float) -> dict[str, float]:
    return {name: bound * factor for name, bound in compared.thresholds.items()}


@pytest.mark.parametrize(("factor", "verdict"), [(0.9, IN_BAND), (1.1, BEYOND)])
def test_distances_beyond_every_threshold_are_beyond_chance(
    sample: Compared, factor: float, verdict: str
) -> None:
    report = conclude(sample, measured(sample, factor), QUALITY, AT)
    for name in ("data drift", "prediction drift"):
        assert report.signal(name).verdict == verdict
    assert report.confirmed == (verdict == BEYOND)
    assert report.signal("data drift").n == len(sample.states.current)


def test_coverage_and_quality_stand_beside_their_reference(sample: Compared) -> None:
    signal = conclude(sample, measured(sample, 0.5), QUALITY, AT).signal("performance decay")
    by_name = {one.name: one for one in signal.measures}
    assert (by_name["mae"].value, by_name["mae"].reference) == (0.3, 0.28)
    inside = 1.0 - sample.errors.current["outside"].mean()
    assert by_name["coverage_80"].value == pytest.approx(inside)
    assert signal.verdict in (IN_BAND, BEYOND) and signal.n >= LEAST_ROWS


def test_doubled_errors_are_performance_decay(sample: Compared) -> None:
    current = sample.errors.current.assign(loss=lambda rows: rows["loss"] * 2.0)
    worse = replace(sample, errors=replace(sample.errors, current=current))
    report = conclude(worse, measured(sample, 0.5), QUALITY, AT)
    assert report.signal("performance decay").verdict == BEYOND and not report.confirmed


def test_what_was_not_measured_is_not_enough_data(sample: Compared) -> None:
    report = conclude(sample, {}, {}, AT)
    assert {one.verdict for one in report.signals} == {TOO_LITTLE}
    assert not report.confirmed


def test_a_young_ticker_is_not_enough_data_and_never_a_number(home: Home) -> None:
    home.bars.upsert(walk(sessions=350))
    train(home.bars, home.registry, Order("ann", "first"), AT)
    compared = prepare(home.bars, home.registry)
    assert enough(compared.states).startswith("The reference holds ")
    report = conclude(compared, {}, {}, AT)
    assert {one.verdict for one in report.signals} == {TOO_LITTLE}
    assert all(one.why and one.measures == () for one in report.signals)


def test_without_a_champion_or_its_tickers_there_is_nothing_to_compare(copied: Home) -> None:
    for ticker in copied.bars.tickers():
        copied.bars.remove(ticker)
    with pytest.raises(NotFoundError, match="^None of the champion's tickers is stored"):
        prepare(copied.bars, copied.registry)


def test_an_empty_registry_says_train_first(home: Home) -> None:
    with pytest.raises(NotFoundError, match="^There is no champion to monitor; train first.$"):
        prepare(home.bars, home.registry)


def test_sessions_after_the_training_count_as_current(home: Home) -> None:
    long = walk(sessions=900)
    home.bars.upsert(long.head(800))
    train(home.bars, home.registry, Order("ann", "first"), AT)
    home.bars.upsert(long.assign(ingested_at=pd.Timestamp(AT + timedelta(days=1))))
    compared = prepare(home.bars, home.registry)
    assert compared.states.current["session"].max() == long["session"].iloc[-1]
    assert compared.states.reference["session"].max() <= long["session"].iloc[799]
    assert compared.errors.current["session"].max() == long["session"].iloc[-6]
    assert np.isfinite(compared.errors.current["loss"]).all()
