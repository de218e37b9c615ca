"""The dashboards as data: their panels and what these ask."""

import json
import re
from collections.abc import Iterator
from typing import Any

import yaml

from tests.house.tree import ROOT
from tests.support.prometheus import RULES

GRAFANA = ROOT / "monitoring" / "grafana"
FILES = sorted((GRAFANA / "dashboards").glob("*.json"))


def dashboards() -> list[dict[str, Any]]:
    """Every dashboard that is provisioned."""
    found = [json.loads(path.read_text()) for path in FILES]
    assert found
    return found


def panels(dashboard: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Every panel but the rows that group them, those inside collapsed rows too."""
    for panel in dashboard["panels"]:
        if panel["type"] == "row":
            yield from panel.get("panels", [])
        else:
            yield panel


def expressions() -> list[tuple[str, str]]:
    """Title of the panel and expression, over all dashboards."""
    found = [
        (panel["title"], target["expr"])
        for dashboard in dashboards()
        for panel in panels(dashboard)
        for target in panel["targets"]
    ]
    assert len(found) > 20
    return found


def rules() -> list[dict[str, Any]]:
    """Every alert rule."""
    groups = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
    found = [rule for group in groups for rule in group["rules"]]
    assert found
    return found


def metric_names(expression: str) -> set[str]:
    """The names of our own metrics in an expression."""
    return set(re.findall(r"\btickerlens_[a-z0-9_]+", expression))
