"""`make screenshots`: every page, light and dark, wide and narrow, from a home of their own."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from playwright.sync_api import sync_playwright

from core.foundation.settings import Settings
from core.lifecycle.train import TrainingRequest
from core.wiring import Workspace
from core.workflows.bars.load_sample import load_sample
from core.workflows.monitor import monitor
from core.workflows.training.train import train
from monitoring.evidently_report import measure
from tests.support.chromium import ROOT, chromium_path, idle, launch, open_page, served

FOLDER = ROOT / "var" / "screenshots"
IMAGES = ROOT / ".github" / "images"
README_PAGES = ("forecast", "history")
CHART, CARD = ".js-plotly-plot .main-svg", ".st-key-champion"
RUNS = "[data-testid=stDataFrame]"
DEPENDENCIES = ".st-key-dependencies"  # which come last
PAGES = {
    "forecast": ("/?ticker=AAPL", CHART),
    "history": ("/history?ticker=AAPL&range=1Y", CHART),
    "experiments": ("/experiments?ticker=AAPL", RUNS),
    "drift": ("/drift?ticker=AAPL", CHART),
    "retrain": ("/retrain?ticker=AAPL", CARD),
    "status": ("/status?ticker=AAPL", DEPENDENCIES),
}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
SIZES = {"wide": (1280, 1000), "narrow": (390, 844)}
_SETTLE_MILLISECONDS = 1_200  # Plotly draws after the script has ended


def main() -> None:
    """Write the screenshots and the README's pictures."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder))
        load_sample(
            Workspace(settings),
            "screenshots",
            datetime.now(UTC),
        )
        for _ in range(2):  # a trend has two points
            monitor(Workspace(settings), measure)
        train(Workspace(settings), TrainingRequest("screenshots", "to challenge"))
        with served(settings.home) as address, sync_playwright() as playwright:
            browser = launch(playwright, chromium_path())
            for scheme in SCHEMES:
                for size, (width, height) in SIZES.items():
                    page, _ = open_page(browser, width, height, scheme)
                    for name, (path, drawn) in PAGES.items():
                        page.goto(address + path)
                        page.wait_for_selector(drawn, timeout=60_000)
                        idle(page)
                        page.wait_for_timeout(_SETTLE_MILLISECONDS)
                        target = FOLDER / f"{name}-{scheme}-{size}.png"
                        page.screenshot(path=target, full_page=True)
                        print(target.relative_to(ROOT))
                    page.context.close()
            browser.close()
    IMAGES.mkdir(parents=True, exist_ok=True)
    for name in README_PAGES:
        shutil.copy(FOLDER / f"{name}-light-wide.png", IMAGES / f"{name}.png")
        print((IMAGES / f"{name}.png").relative_to(ROOT))


if __name__ == "__main__":
    main()
