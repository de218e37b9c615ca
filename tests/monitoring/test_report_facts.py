"""The latest report in figures: verdicts one-hot, numbers with their bounds."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from core.foundation.messages import Message
from core.lifecycle.report_store import DriftVerdict, Measure, Report, Reports, Signal, SignalName
from core.market_data.lake.bar_origins import sources
from core.models import create
from core.registry.registry import ModelVersion, Serving
from core.registry.served_tickers import ServedTickers, served_tickers
from monitoring.report_facts import report_facts
from tests.core.forecasts.ledger.test_ledger import CARD
from tests.support.homes import AT, Home
from tests.support.scrape import Figures, collected

INPUTS = Signal(
    *(SignalName.DATA, DriftVerdict.BEYOND, 222, 9000, 2, 1),
    (Measure("leverage_1", 0.9, 0.3), Measure("momentum_20", 0.2, 0.4)),
)
OUTPUTS = Signal(
    SignalName.PREDICTION, DriftVerdict.IN_BAND, 222, 9000, 0, 1, (Measure("median_20", 0.1, 0.5),)
)
ERRORS = Signal(
    *(SignalName.DECAY, DriftVerdict.BEYOND, 113, 800, 1, 0),
    (
        Measure("loss", 0.12, 0.11, 0.09),
        Measure("coverage_80", 0.7, None, 0.8),
        Measure("mae", 0.33, None, 0.31),
        Measure("rmse", float("nan"), None, 0.4),
    ),
)
NONE = Signal(
    SignalName.DECAY,
    DriftVerdict.TOO_LITTLE,
    7,
    0,
    reason=Message("a.b", "The current window holds 7 rows."),
)
WINDOWS = ("2010-01-04..2020-01-02", "2020-01-03..2020-03-02")
REPORT = Report(AT, 3, False, *WINDOWS, (INPUTS, OUTPUTS, ERRORS))


def facts(home: Home, *reports: Report, served: ServedTickers | None = None) -> Figures:
    stored = Reports(home.database, home.path / "reports")
    for one in reports:
        stored.add(one, {})
    read = partial(report_facts, stored, served or serving(3))
    return collected({"reports": read}, AT + timedelta(hours=2))


def serving(version: int, *unlearned: str) -> ServedTickers:
    """A version that serves."""
    model = ModelVersion(version, "random_walk", "", AT, CARD)
    now = Serving(model, create("random_walk"))
    return ServedTickers(now, model, ("AAPL",), unlearned)


def test_without_a_report_there_are_no_figures(home: Home) -> None:
    nobody = ServedTickers(None, None)
    known = {"tickerlens_up", "tickerlens_build_info", "tickerlens_facts_up"}
    assert facts(home, served=nobody).names == known
    assert facts(home).names == {*known, "tickerlens_unlearned_tickers"}


def test_a_report_of_another_version_is_none_of_what_serves(home: Home) -> None:
    found = facts(home, REPORT, served=serving(4))
    assert found.named("monitor_report_model_version") == {} == found.named("signal_verdict")
    assert found.named("drift_confirmed") == {(): 1.0}, "the episode outlives its version"
    found = facts(home, served=ServedTickers(None, None, fallback=("AAPL",)))
    assert found.named("monitor_report_model_version") == {}
    assert found.named("unlearned_tickers") == {}


def test_tickers_that_were_never_learned_are_counted(home: Home) -> None:
    found = facts(home, served=serving(4, "2317.TW", "2330.TW"))
    assert found.named("unlearned_tickers") == {(): 2.0}
    assert facts(home).named("unlearned_tickers") == {(): 0.0}


def test_the_report_itself(home: Home) -> None:
    found = facts(home, REPORT)
    assert found.named("monitor_report_age_seconds") == {(): 7200.0}
    assert found.named("monitor_report_sample") == {(): 0.0}
    assert found.named("monitor_report_model_version") == {(): 3.0}
    assert found.named("drift_confirmed") == {(): 1.0}, "inputs and errors are beyond chance"


def test_verdicts_are_one_of_three(home: Home) -> None:
    found = facts(home, replace(REPORT, signals=(INPUTS, OUTPUTS, NONE)))
    verdicts = found.named("signal_verdict")
    assert len(verdicts) == 9
    assert {key for key, value in verdicts.items() if value == 1.0} == {
        ("data_drift", "beyond_chance"),
        ("prediction_drift", "in_band"),
        ("performance_decay", "not_enough_data"),
    }
    assert sum(verdicts.values()) == 3.0


def test_what_was_not_judged_has_no_measures(home: Home) -> None:
    found = facts(home, replace(REPORT, signals=(INPUTS, OUTPUTS, NONE)))
    rows = {("data_drift",): 222.0, ("prediction_drift",): 222.0, ("performance_decay",): 7.0}
    assert found.named("signal_rows") == rows
    beyond = {("data_drift",): 2.0, ("prediction_drift",): 0.0}
    assert found.named("signal_beyond_measures") == beyond
    budget = {("data_drift",): 1.0, ("prediction_drift",): 1.0}
    assert found.named("signal_budget_measures") == budget
    assert found.named("forecast_error") == {} and found.named("coverage_80_ratio") == {}


def test_distances_stand_beside_their_bounds(home: Home) -> None:
    found = facts(home, REPORT)
    assert found.named("drift_distance") == {
        ("leverage_1", "data_drift"): 0.9,
        ("momentum_20", "data_drift"): 0.2,
        ("median_20", "prediction_drift"): 0.1,
    }
    assert found.named("drift_distance_bound") == {
        ("leverage_1", "data_drift"): 0.3,
        ("momentum_20", "data_drift"): 0.4,
        ("median_20", "prediction_drift"): 0.5,
    }


def test_errors_coverage_and_no_nan(home: Home) -> None:
    found = facts(home, REPORT)
    assert found.named("forecast_error") == {
        ("loss", "current"): 0.12,
        ("loss", "reference"): 0.09,
        ("mae", "current"): 0.33,
        ("mae", "reference"): 0.31,
        ("rmse", "reference"): 0.4,
    }
    assert found.named("forecast_error_bound") == {("loss",): 0.11}
    assert found.named("coverage_80_ratio") == {("current",): 0.7, ("reference",): 0.8}
    assert "nan" not in found.text.lower()


@pytest.mark.parametrize(
    ("source", "live"), [("live", {(): 1.0}), ("replayed", {(): 0.0}), ("", {})]
)
def test_whose_errors_they_are(source: str, live: dict[tuple[str, ...], float], home: Home) -> None:
    text = replace(REPORT, signals=(INPUTS, OUTPUTS, replace(ERRORS, source=source)))
    assert facts(home, text).named("forecast_error_live") == live


def test_only_the_latest_report_counts(home: Home) -> None:
    later = replace(REPORT, sample=True, signals=(OUTPUTS,))
    found = facts(home, REPORT, later)
    assert found.named("monitor_report_sample") == {(): 1.0}
    assert found.named("drift_confirmed") == {(): 0.0}
    assert {key[1] for key in found.named("drift_distance")} == {"prediction_drift"}


def test_confirmed_drift_lasts_until_its_episode_is_over(home: Home) -> None:
    """It resolves after ten calm sessions, whichever version they are of, and not before."""
    calm = replace(
        REPORT, model_version=4, signals=(replace(INPUTS, verdict=DriftVerdict.IN_BAND), OUTPUTS)
    )
    later = [replace(calm, current_window=f"2020-01-03..2020-03-{day:02}") for day in range(3, 13)]
    assert facts(home, REPORT, *later[:9]).named("drift_confirmed") == {(): 1.0}
    assert facts(home, later[9]).named("drift_confirmed") == {(): 0.0}


def test_the_figures_of_a_real_report_are_its_own(watched: Home, report: Report) -> None:
    found = facts(watched, served=served_tickers(watched.registry, sources(watched.bars)))
    distances = found.named("drift_distance")
    for name in (SignalName.DATA, SignalName.PREDICTION):
        signal = report.signal(name)
        assert signal.measures
        for one in signal.measures:
            key = (one.name, name.replace(" ", "_"))
            assert distances[key] == pytest.approx(one.value)
    loss = next(one for one in report.signal(SignalName.DECAY).measures if one.name == "loss")
    assert found.named("forecast_error_bound")[("loss",)] == pytest.approx(loss.bound)
    assert found.named("monitor_report_sample") == {(): 1.0}
