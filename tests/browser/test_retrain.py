"""A developer retrains, watches it, lets the result serve, and looks for drift."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from mlflow import MlflowClient
from playwright.sync_api import Browser, Page, expect

from core.foundation.access import Access
from core.foundation.outbox import Request
from tests.support.chromium import idle, open_page, served
from tests.support.homes import open_home
from tests.support.sample_homes import loaded
from tests.support.scheduler import Scheduler, scheduled

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(400)]

ACTIVE = "[class*=st-key-active-run]"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the sample loaded and trained on."""
    return loaded(tmp_path_factory)


@pytest.fixture(scope="module")
def scheduler(home: Path) -> Iterator[Scheduler]:
    with scheduled(home) as found:
        yield found


@pytest.fixture(scope="module")
def address(home: Path, scheduler: Scheduler) -> Iterator[str]:
    port = str(scheduler.settings.prefect_port)
    with served(home, TICKERLENS_PREFECT_PORT=port) as found:
        yield found


def developer(browser: Browser, address: str, home: Path, path: str) -> tuple[Page, list[str]]:
    page, outside = open_page(browser)
    page.goto(f"{address}/api/signin?key={Access(home).new_link('developer')}")
    expect(page.get_by_text("Signed in as developer")).to_be_visible(timeout=60_000)
    page.goto(address + path)
    idle(page)
    return page, outside


def requests_of(home: Path) -> list[Request]:
    """The trainings on record."""
    return open_home(home).outbox.latest("train", 100)


def ask(page: Page, reason: str) -> None:
    page.get_by_label("Reason", exact=True).fill(reason)
    page.get_by_label("Reason", exact=True).press("Tab")
    page.get_by_role("button", name="Retrain", exact=True).click()


def test_a_new_version_is_trained_recorded_promoted_and_served_without_a_restart(
    browser: Browser, address: str, home: Path, scheduler: Scheduler
) -> None:
    viewer, _ = open_page(browser)
    viewer.goto(f"{address}/?ticker=AAPL")
    expect(viewer.get_by_text("Model har version 1, trained on")).to_be_visible(timeout=60_000)

    page, outside = developer(browser, address, home, "/retrain")
    ask(page, "a browser asked")
    card = page.locator(ACTIVE)
    expect(card).to_contain_text("Training asked for by developer", timeout=30_000)
    expect(card).to_contain_text("Walk-forward", timeout=90_000)
    page.reload()  # what is under way survives it, and for other people too
    viewer.goto(f"{address}/retrain")
    expect(card.or_(page.get_by_text("Challenger: version 2")).first).to_be_visible(timeout=30_000)
    expect(page.get_by_text("Challenger: version 2, har")).to_be_visible(timeout=90_000)
    expect(viewer.get_by_text("Challenger: version 2, har")).to_be_visible(timeout=30_000)
    expect(viewer.get_by_role("button", name="Retrain", exact=True)).to_be_disabled(timeout=90_000)
    expect(viewer.get_by_role("button", name="Promote version 2 ...")).to_have_count(0)

    url = scheduler.settings.mlflow_address
    client = MlflowClient(tracking_uri=url, registry_uri=url)
    found = client.get_model_version_by_alias("forecaster", "challenger")
    assert found.tags["tickerlens.version"] == "2"

    page.get_by_role("button", name="Promote version 2 ...").click()
    page.get_by_role("button", name="Promote", exact=True).click()
    expect(page.get_by_text("A reason is needed")).to_be_visible()
    page.get_by_label("Reason", exact=True).last.fill("newer")
    page.get_by_label("Reason", exact=True).last.press("Tab")
    page.get_by_role("button", name="Promote", exact=True).click()
    expect(page.get_by_text("Champion: version 2, har")).to_be_visible(timeout=30_000)
    viewer.goto(f"{address}/?ticker=AAPL")
    expect(viewer.get_by_text("Model har version 2, trained on")).to_be_visible(timeout=30_000)
    assert outside == []
    for one in (page, viewer):
        one.context.close()


def test_rolling_back_serves_the_former_version(browser: Browser, address: str, home: Path) -> None:
    page, _ = developer(browser, address, home, "/retrain")
    page.get_by_role("button", name="Roll back to version 1 ...").click()
    page.get_by_label("Reason", exact=True).last.fill("to try it")
    page.get_by_label("Reason", exact=True).last.press("Tab")
    page.get_by_role("button", name="Roll back", exact=True).click()
    expect(page.get_by_text("Champion: version 1, har")).to_be_visible(timeout=30_000)
    page.context.close()


@pytest.mark.soak
def test_a_training_can_be_stopped_and_a_second_click_shows_the_same_one(
    browser: Browser, address: str, home: Path
) -> None:
    page, _ = developer(browser, address, home, "/retrain")
    other, _ = developer(browser, address, home, "/retrain")
    for one in (other, page):
        one.get_by_label("Reason", exact=True).fill("the first" if one is page else "the second")
        one.get_by_label("Reason", exact=True).press("Tab")
    started = len(requests_of(home))
    page.get_by_role("button", name="Retrain", exact=True).dblclick()
    expect(page.locator(ACTIVE)).to_be_visible(timeout=30_000)
    page.reload()
    expect(page.locator(ACTIVE)).to_contain_text("the first", timeout=30_000)
    other.get_by_role("button", name="Retrain", exact=True).click()
    expect(other.locator(ACTIVE)).to_contain_text("the first", timeout=30_000)
    assert len(requests_of(home)) == started + 1
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("Training cancelled")).to_be_visible(timeout=90_000)
    for one in (page, other):
        one.context.close()


@pytest.mark.soak
def test_drift_is_measured_on_demand_with_evidently_s_page(
    browser: Browser, address: str, home: Path
) -> None:
    page, outside = developer(browser, address, home, "/drift")
    expect(page.get_by_text("Nothing was measured yet")).to_be_visible()
    page.get_by_role("button", name="Measure now").click()
    expect(page.get_by_text(re.compile("^Inputs: data drift not beyond chance"))).to_be_visible(
        timeout=120_000
    )
    errors = re.compile(r"^Errors: loss .*coverage of the 80 % band \d+ %, n \d+ against \d+")
    expect(page.get_by_text(errors)).to_be_visible()
    expect(page.get_by_text("SAMPLE").first).to_be_visible()
    page.get_by_text("errors", exact=True).last.click()
    frame = page.frame_locator("iframe").first
    expect(frame.get_by_text("Mean Absolute Error: Current")).to_be_visible(timeout=60_000)
    assert outside == []
    page.context.close()
