"""What holds for every test."""

import os

import pytest


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what needs the evaluation data where there is none."""
    if os.environ.get("TICKERLENS_EVALUATION_DATA"):
        return
    out = [item for item in items if item.get_closest_marker("evaluation")]
    if out:
        config.hook.pytest_deselected(items=out)
        items[:] = [item for item in items if item not in out]
