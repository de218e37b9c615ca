"""What is compared with what, and what the three signals make of it."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import NotFoundError
from core.lifecycle.monitor import (
    INPUTS,
    OUTPUTS,
    MonitoringInput,
    build_report,
    monitoring_input,
)
from core.lifecycle.monitoring_windows import MIN_ROWS, WINDOW, shortfall
from core.lifecycle.report_store import DriftVerdict, SignalName
from core.lifecycle.train import TrainingRequest, train
from tests.support.bars import walk
from tests.support.homes import AT, Home

QUALITY = {"mae": 0.3, "reference mae": 0.28}


@pytest.fixture(scope="module")
def sample(trained: Home) -> MonitoringInput:
    return monitoring_input(trained.bars, trained.registry)


def test_the_current_window_is_the_latest_and_the_reference_all_that_was_learned(
    sample: MonitoringInput,
) -> None:
    current, reference = sample.states.current, sample.states.reference
    assert current["session"].nunique() == WINDOW
    assert current["session"].max() == pd.Timestamp("2013-03-01")
    assert reference["session"].max() == current["session"].max()
    assert set(sample.newest.values()) == {0.0}, "what was learned last is as near as can be"
    assert sample.sample and sample.model.version == 1
    assert set(sample.thresholds) == {*INPUTS, *OUTPUTS}


def test_errors_are_out_of_sample_and_in_units_of_the_width(
    sample: MonitoringInput, trained: Home
) -> None:
    scores = trained.registry.scores(1)
    assert scores is not None
    one = sample.errors.pair.reference.iloc[0]
    same = scores[
        (scores["ticker"] == one["ticker"])
        & (scores["as_of"] == one["session"])
        & (scores["horizon"] == one["horizon"])
    ].iloc[0]
    assert one["error"] == pytest.approx(abs(same["actual"] - same["median"]) / same["width_80"])
    assert one["outside"] == 1.0 - same["inside_80"]
    both = pd.concat([sample.errors.pair.reference, sample.errors.pair.current])
    assert set(both["horizon"]) == {1, 2, 3, 4, 5}
    assert both["session"].max() < pd.Timestamp("2013-03-01"), "its target has to be known"


def measured(windows: MonitoringInput, factor: float) -> dict[str, float]:
    return {name: bound * factor for name, bound in windows.thresholds.items()}


@pytest.mark.parametrize(
    ("factor", "verdict"), [(0.9, DriftVerdict.IN_BAND), (1.1, DriftVerdict.BEYOND)]
)
def test_distances_beyond_every_threshold_are_beyond_chance(
    sample: MonitoringInput, factor: float, verdict: str
) -> None:
    far = replace(sample, newest={})
    report = build_report(far, measured(sample, factor), QUALITY, AT)
    for name in (SignalName.DATA, SignalName.PREDICTION):
        assert report.signal(name).verdict == verdict
    assert report.confirmed == (verdict == DriftVerdict.BEYOND)
    assert report.signal(SignalName.DATA).n == len(sample.states.current)


def test_what_the_champion_learned_last_has_not_moved(sample: MonitoringInput) -> None:
    report = build_report(sample, measured(sample, 9.0), QUALITY, AT)
    for name in (SignalName.DATA, SignalName.PREDICTION):
        assert report.signal(name).verdict == DriftVerdict.IN_BAND
        assert {one.value for one in report.signal(name).measures} == {0.0}
    near = replace(sample, newest=measured(sample, 1.1))
    assert build_report(near, measured(sample, 9.0), QUALITY, AT).confirmed


def test_coverage_and_quality_stand_beside_their_reference(sample: MonitoringInput) -> None:
    signal = build_report(sample, measured(sample, 0.5), QUALITY, AT).signal(SignalName.DECAY)
    by_name = {one.name: one for one in signal.measures}
    assert (by_name["mae"].value, by_name["mae"].reference) == (0.3, 0.28)
    inside = 1.0 - sample.errors.pair.current["outside"].mean()
    assert by_name["coverage_80"].value == pytest.approx(inside)
    assert signal.verdict in (DriftVerdict.IN_BAND, DriftVerdict.BEYOND) and signal.n >= MIN_ROWS


def test_doubled_errors_are_performance_decay(sample: MonitoringInput) -> None:
    current = sample.errors.pair.current.assign(loss=lambda rows: rows["loss"] * 2.0)
    pair = replace(sample.errors.pair, current=current)
    worse = replace(sample, errors=replace(sample.errors, pair=pair))
    report = build_report(worse, measured(sample, 0.5), QUALITY, AT)
    assert report.signal(SignalName.DECAY).verdict == DriftVerdict.BEYOND and not report.confirmed


def test_what_was_not_measured_is_not_enough_data(sample: MonitoringInput) -> None:
    report = build_report(sample, {}, {}, AT)
    assert {one.verdict for one in report.signals} == {DriftVerdict.TOO_LITTLE}
    assert not report.confirmed


def test_a_young_ticker_is_not_enough_data_and_never_a_number(home: Home) -> None:
    home.bars.upsert(walk(sessions=350))
    train(home.bars, home.registry, TrainingRequest("ann", "first"), AT)
    windows = monitoring_input(home.bars, home.registry)
    assert str(shortfall(windows.states)).startswith("The reference holds ")
    report = build_report(windows, {}, {}, AT)
    assert {one.verdict for one in report.signals} == {DriftVerdict.TOO_LITTLE}
    assert all(one.reason and one.measures == () for one in report.signals)


def test_without_a_champion_or_its_tickers_there_is_nothing_to_compare(copied: Home) -> None:
    for ticker in copied.bars.tickers():
        copied.bars.remove(ticker)
    with pytest.raises(NotFoundError, match="^None of the champion's tickers is stored"):
        monitoring_input(copied.bars, copied.registry)


def test_an_empty_registry_says_train_first(home: Home) -> None:
    with pytest.raises(NotFoundError, match="^There is no champion to monitor; train first.$"):
        monitoring_input(home.bars, home.registry)


def test_sessions_after_the_training_count_as_current(home: Home) -> None:
    long = walk(sessions=900)
    home.bars.upsert(long.head(800))
    train(home.bars, home.registry, TrainingRequest("ann", "first"), AT)
    home.bars.upsert(long.assign(ingested_at=pd.Timestamp(AT + timedelta(days=1))))
    windows = monitoring_input(home.bars, home.registry)
    assert windows.states.current["session"].max() == long["session"].iloc[-1]
    assert windows.states.reference["session"].max() <= long["session"].iloc[799]
    assert windows.errors.pair.current["session"].max() == long["session"].iloc[-6]
    assert np.isfinite(windows.errors.pair.current["loss"]).all()
