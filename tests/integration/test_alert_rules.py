"""The alerts: what promtool says of the files, and when each one fires."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.dashboards import rules
from tests.support.prometheus import CONFIG, RULES, promtool

OWN = 'job="exporter", instance="e:1"'
AGE = f"tickerlens_forecast_age_seconds{{{OWN}}}"
CLOSED = f'tickerlens_last_session_age_seconds{{{OWN}, kind="own", market="us"}}'
DECAYED = f'tickerlens_signal_verdict{{{OWN}, signal="performance_decay", verdict="beyond_chance"}}'
ON_SAMPLE = f"tickerlens_monitor_report_sample{{{OWN}}}"
CONFIRMED = f"tickerlens_drift_confirmed{{{OWN}}}"
BEHIND = f'tickerlens_freshness_sessions{{{OWN}, market="tw"}}'
READABLE = f'tickerlens_facts_up{{{OWN}, facts="models"}}'
CORRUPT = f'tickerlens_model_champion_broken{{{OWN}, alias="champion"}}'
UNSERVED = f"tickerlens_fallback_tickers{{{OWN}}}"
INTACT = f"tickerlens_ledger_intact{{{OWN}}}"
UNLEARNED = f"tickerlens_unlearned_tickers{{{OWN}}}"
DAY = 86400

CASES = [
    ("TickerLensTargetDown", {f"up{{{OWN}}}": 0}, True),
    ("TickerLensTargetDown", {f"up{{{OWN}}}": 1}, False),
    ("TickerLensFactsUnreadable", {READABLE: 0}, True),
    ("TickerLensFactsUnreadable", {READABLE: 1}, False),
    ("TickerLensChampionBroken", {CORRUPT: 1}, True),
    ("TickerLensChampionBroken", {CORRUPT: 0}, False),
    ("TickerLensFallbackServes", {UNSERVED: 3}, True),
    ("TickerLensFallbackServes", {UNSERVED: 0}, False),
    ("TickerLensLedgerChanged", {INTACT: 0}, True),
    ("TickerLensLedgerChanged", {INTACT: 1}, False),
    ("TickerLensDataStale", {BEHIND: 3}, True),
    ("TickerLensDataStale", {BEHIND: 2}, False),
    ("TickerLensDriftConfirmed", {CONFIRMED: 1, ON_SAMPLE: 0}, True),
    ("TickerLensDriftConfirmed", {CONFIRMED: 1, ON_SAMPLE: 1}, False),
    # what serves since an hour was not measured yet: the episode goes on
    ("TickerLensDriftConfirmed", {CONFIRMED: 1}, True),
    ("TickerLensDriftConfirmed", {CONFIRMED: 0, ON_SAMPLE: 0}, False),
    ("TickerLensServesUnlearnedTickers", {UNLEARNED: 15}, True),
    ("TickerLensServesUnlearnedTickers", {UNLEARNED: 0}, False),
    ("TickerLensPerformanceDecay", {DECAYED: 1, ON_SAMPLE: 0}, True),
    ("TickerLensPerformanceDecay", {DECAYED: 1, ON_SAMPLE: 1}, False),
    ("TickerLensPerformanceDecay", {DECAYED: 0, ON_SAMPLE: 0}, False),
    ("TickerLensForecastOld", {AGE: 3 * DAY + 1, CLOSED: DAY}, True),
    ("TickerLensForecastOld", {AGE: 3 * DAY - 1, CLOSED: DAY}, False),
    # a long weekend: nothing has closed since
    ("TickerLensForecastOld", {AGE: 4 * DAY, CLOSED: 4 * DAY + 3600}, False),
    # nothing but the sample
    ("TickerLensForecastOld", {AGE: 400 * DAY, CLOSED.replace("own", "sample"): DAY}, False),
]


def test_the_configuration_is_valid() -> None:
    done = promtool("check", "config", CONFIG)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS: 1 rule files found" in done.stdout


def test_the_rules_are_valid() -> None:
    assert RULES
    done = promtool("check", "rules", *RULES)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_is_tried_both_ways_and_says_what_to_do() -> None:
    names = {rule["alert"] for rule in rules()}
    assert {(name, fires) for name, _, fires in CASES} == {
        (name, fires) for name in names for fires in (True, False)
    }
    for rule in rules():
        assert rule["labels"]["severity"] in ("critical", "warning")
        assert rule["annotations"]["summary"] and rule["annotations"]["action"]


@pytest.mark.parametrize(("alert", "figures", "fires"), CASES)
def test_an_alert_fires_when_it_should(
    alert: str, figures: Mapping[str, int], fires: bool, tmp_path: Path
) -> None:
    """promtool is told that the alert fires, and must deny exactly where it does not."""
    case = tmp_path / "case.yml"
    case.write_text(json.dumps(_case(figures, alert, [])))  # JSON is YAML
    silent = promtool("test", "rules", case)
    assert (silent.returncode != 0) is fires, silent.stdout + silent.stderr
    if fires:
        assert f'alertname="{alert}"' in silent.stdout + silent.stderr


def _case(figures: Mapping[str, int], alert: str, expected: list[dict[str, Any]]) -> dict[str, Any]:
    series = [{"series": name, "values": f"{value}x150"} for name, value in figures.items()]
    case = {"eval_time": "2h", "alertname": alert, "exp_alerts": expected}
    return {
        "rule_files": [str(path) for path in RULES],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": series, "alert_rule_test": [case]}],
    }
