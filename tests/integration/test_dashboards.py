"""What Grafana is given: complete, unambiguous, and about metrics that exist."""

import re
from functools import partial

import pytest
import yaml
from starlette.requests import Request

from app.web.metrics import metrics
from core.forecasts.ledger.ledger import Ledger
from core.foundation.outbox import Outbox
from core.lifecycle.report_store import Reports
from core.market_data.lake.bar_origins import sources
from core.market_data.records.ingest_log import IngestLog
from core.registry.served_tickers import served_tickers
from monitoring.bar_facts import BarFacts
from monitoring.ledger_facts import LedgerFacts
from monitoring.record_facts import forecast_facts, ingest_facts, model_facts, request_facts
from monitoring.report_facts import report_facts
from tests.house.documents import everything
from tests.support.dashboards import (
    GRAFANA,
    dashboards,
    expressions,
    metric_names,
    panels,
    rules,
)
from tests.support.homes import AT, Home, closes
from tests.support.scrape import Figures, collected


@pytest.fixture(scope="module")
def existing(watched: Home, tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every name that the exporter or the app can give, own tickers included."""
    from core.market_data.lake.bar_store import ParquetBars

    bars = ParquetBars(tmp_path_factory.mktemp("own"))
    bars.upsert(closes("AAPL", [1.0], source="csv"))
    database = watched.database
    found = collected(
        {
            "bars": BarFacts(lambda: bars),
            "models": partial(model_facts, watched.registry, bars=watched.bars),
            "forecasts": partial(forecast_facts, Ledger(database)),
            "ledger": LedgerFacts(lambda: Ledger(database)),
            "ingests": partial(ingest_facts, IngestLog(database)),
            "reports": partial(
                report_facts,
                Reports(database, watched.path / "reports"),
                served_tickers(watched.registry, sources(watched.bars)),
            ),
            "requests": partial(request_facts, Outbox(database)),
        },
        AT,
    )
    own = Figures(bytes(metrics(Request({"type": "http"})).body).decode())
    return found.names | own.names


def test_every_metric_in_a_panel_exists(existing: set[str]) -> None:
    named = {name for _, expression in expressions() for name in metric_names(expression)}
    assert len(named) > 15
    assert named - existing == set()


def test_every_metric_in_an_alert_exists(existing: set[str]) -> None:
    named = {name for rule in rules() for name in metric_names(rule["expr"])}
    assert len(named) >= 5
    assert named - existing == set()


def test_every_metric_in_the_documents_exists(existing: set[str]) -> None:
    named = metric_names(everything())
    own_example = {"tickerlens_example_tickers"}
    assert {name for name in named if not name.endswith("_")} - existing == own_example


def test_every_name_keeps_the_rules_of_names(existing: set[str]) -> None:
    assert len(existing) > 30
    units = ("_seconds", "_ratio", "_total", "_info", "_bucket", "_count", "_sum")
    wrong = [name for name in existing if re.search(r"_(ms|minutes|hours|days|percent)\b", name)]
    assert wrong == [] and all(name.startswith("tickerlens_") for name in existing)
    assert [
        name for name in existing if "age" in name.split("_") and not name.endswith(units)
    ] == []


def test_dashboards_and_panels_can_be_told_apart() -> None:
    uids = [dashboard["uid"] for dashboard in dashboards()]
    assert len(set(uids)) == len(uids) and all(uids)
    for dashboard in dashboards():
        ids = [panel["id"] for panel in dashboard["panels"]]
        assert len(set(ids)) == len(ids)
        titles = [panel["title"] for panel in panels(dashboard)]
        assert len(set(titles)) == len(titles)


def test_every_panel_explains_itself_and_has_a_unit() -> None:
    for dashboard in dashboards():
        for panel in panels(dashboard):
            assert len(panel["description"]) > 20, panel["title"]
            assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
            assert all(target["legendFormat"] for target in panel["targets"]), panel["title"]


def test_no_two_panels_overlap() -> None:
    for dashboard in dashboards():
        taken: dict[tuple[int, int], str] = {}
        for panel in dashboard["panels"]:
            place = panel["gridPos"]
            assert place["x"] + place["w"] <= 24
            for x in range(place["x"], place["x"] + place["w"]):
                for y in range(place["y"], place["y"] + place["h"]):
                    assert taken.setdefault((x, y), panel["title"]) == panel["title"]


def test_nothing_is_told_by_red_and_green() -> None:
    for path in (GRAFANA / "dashboards").glob("*.json"):
        assert not re.search(
            r'"(dark-|light-|semi-dark-|super-light-)?(red|green)"', path.read_text()
        )


def test_every_panel_asks_the_source_that_is_provisioned() -> None:
    (source,) = yaml.safe_load(
        (GRAFANA / "provisioning" / "datasources" / "prometheus.yml").read_text()
    )["datasources"]
    assert (source["type"], source["url"]) == ("prometheus", "${PROMETHEUS_URL}")
    sources = {
        where["datasource"]["uid"]
        for dashboard in dashboards()
        for panel in panels(dashboard)
        for where in (panel, *panel["targets"])
    }
    assert sources == {source["uid"]}


def test_the_provider_reads_json_from_where_the_stack_puts_it() -> None:
    (provider,) = yaml.safe_load(
        (GRAFANA / "provisioning" / "dashboards" / "tickerlens.yml").read_text()
    )["providers"]
    assert provider["type"] == "file"
    assert provider["options"]["path"] == "/var/lib/grafana/dashboards"
