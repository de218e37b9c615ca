"""Evidently measures what it is given, and its page opens without the network."""

import numpy as np
import pytest
from playwright.sync_api import Browser

from core.evaluation.drift_thresholds import distance
from core.foundation.messages import Message
from core.foundation.settings import Settings
from core.lifecycle.monitor import INPUTS, OUTPUTS, MonitoringInput, monitoring_input
from core.lifecycle.train import TrainingRequest, train
from core.wiring import Workspace
from core.workflows.monitor import monitor
from core.workflows.training.train import train as run_train
from monitoring.evidently_report import Measured, measure
from tests.support.bars import walk
from tests.support.chromium import open_page
from tests.support.homes import AT, Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def windows(trained: Home) -> MonitoringInput:
    return monitoring_input(trained.bars, trained.registry)


@pytest.fixture(scope="module")
def measured(windows: MonitoringInput) -> Measured:
    return measure(windows)


@pytest.mark.soak
def test_distances_are_those_the_thresholds_were_made_with(
    windows: MonitoringInput, measured: Measured
) -> None:
    assert set(measured.distances) == {*INPUTS, *OUTPUTS}
    for name, value in measured.distances.items():
        own = distance(
            windows.states.reference[name].to_numpy(), windows.states.current[name].to_numpy()
        )
        assert value == pytest.approx(own, rel=1e-9), name


def test_quality_is_that_of_the_errors(windows: MonitoringInput, measured: Measured) -> None:
    current, reference = windows.errors.pair.current, windows.errors.pair.reference
    assert measured.quality["mae"] == pytest.approx(current["error"].mean())
    assert measured.quality["reference mae"] == pytest.approx(reference["error"].mean())
    squared = ((current["actual"] - current["median"]) ** 2).mean()
    assert measured.quality["rmse"] == pytest.approx(squared**0.5)


@pytest.mark.browser
def test_the_full_page_draws_itself_without_the_network(
    measured: Measured, browser: Browser
) -> None:
    assert set(measured.pages) == {"inputs", "errors"}
    for html in measured.pages.values():
        page, outside = open_page(browser)
        page.set_content(html)
        page.wait_for_selector(".js-plotly-plot", timeout=60_000)
        assert outside == []
        page.context.close()


def test_tripled_volatility_asks_for_one_training_an_episode(home: Home) -> None:
    """Three sessions running, each with a champion that learned all of the session before."""
    volatility = np.r_[np.full(700, 0.02), np.full(43, 0.06)]
    tickers = ("AAPL", "MSFT", "TSM")
    every = [walk(one, 743, k, volatility=volatility) for k, one in enumerate(tickers)]
    settings, calls = Settings(home=home.path), list[Message]()

    def until(session: int) -> None:
        for bars in every:
            home.bars.upsert(bars.head(session).assign(source="csv"))

    def train_at_once(reason: Message) -> None:
        calls.append(reason)
        run_train(Workspace(settings), TrainingRequest("monitor", str(reason), gate=True))

    until(700)
    train(home.bars, home.registry, TrainingRequest("ann", "first"), AT)
    quiet = monitor(Workspace(settings), measure, announce=train_at_once)
    assert not quiet["confirmed"] and quiet["episode"] is None and calls == []
    until(740)
    first = monitor(Workspace(settings), measure, announce=train_at_once)
    assert first["confirmed"] and first["told"] and first["model_version"] == 1
    for session in (740, 741, 742, 743):
        until(session)
        later = monitor(Workspace(settings), measure, announce=train_at_once)
        assert later["model_version"] == 2
        assert not later["confirmed"], "it learned what moved"
        assert later["episode"]["trained"] == [first["episode"]["opened"]]
    assert len(calls) == 1 and str(calls[0]).startswith("Confirmed in report 2 on ")
    assert later["episode"]["calm"] == 3
