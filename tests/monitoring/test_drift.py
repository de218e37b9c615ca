"""Evidently measures what it is given, and its page opens without the network."""

import numpy as np
import pytest
from playwright.sync_api import Browser

from core.models.drift import distance
from core.services.monitor import INPUTS, OUTPUTS, Compared, prepare
from core.services.progress import silent
from core.services.train import Order, train
from core.settings import Settings
from flows import work
from monitoring.drift import Measured, measure
from tests.bars import walk
from tests.browser.chromium import open_page
from tests.homes import AT, Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def compared(trained: Home) -> Compared:
    return prepare(trained.bars, trained.registry)


@pytest.fixture(scope="module")
def measured(compared: Compared) -> Measured:
    return measure(compared)


def test_distances_are_those_the_thresholds_were_made_with(
    compared: Compared, measured: Measured
) -> None:
    assert set(measured.distances) == {*INPUTS, *OUTPUTS}
    for name, value in measured.distances.items():
        own = distance(
            compared.states.reference[name].to_numpy(), compared.states.current[name].to_numpy()
        )
        assert value == pytest.approx(own, rel=1e-9), name


def test_quality_is_that_of_the_errors(compared: Compared, measured: Measured) -> None:
    current, reference = compared.errors.current, compared.errors.reference
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


def test_tripled_volatility_asks_for_one_training_a_champion(home: Home) -> None:
    volatility = np.r_[np.full(700, 0.02), np.full(40, 0.06)]
    for number, ticker in enumerate(("AAPL", "MSFT", "TSM")):
        bars = walk(ticker, 740, number, volatility=volatility).assign(source="csv")
        home.bars.upsert(bars[bars["session"] <= bars["session"].iloc[699]])
    train(home.bars, home.registry, Order("ann", "first"), AT)
    told: list[str] = []
    settings = Settings(home=home.path)
    quiet = work.monitor(settings, silent, told.append)
    assert not quiet["confirmed"] and told == []
    for number, ticker in enumerate(("AAPL", "MSFT", "TSM")):
        home.bars.upsert(walk(ticker, 740, number, volatility=volatility).assign(source="csv"))
    for _ in range(2):
        assert work.monitor(settings, silent, told.append)["confirmed"]
    assert len(told) == 1 and told[0].startswith("Confirmed in report 2 on ")
