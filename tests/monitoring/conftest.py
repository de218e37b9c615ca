"""The homes and the browser that other tests use too."""

from tests.browser.conftest import browser
from tests.services.conftest import copied, home, trained

__all__ = ["browser", "copied", "home", "trained"]
