"""The homes that other tests use too."""

from tests.services.conftest import copied, home, trained

__all__ = ["copied", "home", "trained"]
