"""Reports of monitoring: kept whole, their pages only while they are among the newest."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.storage.database import Database
from core.storage.reports import (
    BEYOND,
    IN_BAND,
    KEPT_FILES,
    TOO_LITTLE,
    Measure,
    Report,
    Reports,
    Signal,
    reason_of,
    report_to_dict,
)
from tests.homes import AT

MOVED = Signal(
    "data drift", BEYOND, 200, 5000, 2, 1, (Measure("a", 2.0, 1.0), Measure("b", 0.5, 1.0))
)
STILL = Signal("prediction drift", IN_BAND, 200, 5000, 0, 1, (Measure("c", 0.1, 1.0),))
UNKNOWN = Signal("performance decay", TOO_LITTLE, 3, 0, why="The current window holds 3 rows.")
REPORT = Report(
    AT, 4, False, "2010-01-04..2020-01-02", "2020-01-03..2020-03-02", (MOVED, STILL, UNKNOWN)
)


@pytest.fixture
def reports(records_url: str, tmp_path: Path) -> Reports:
    return Reports(Database(records_url), tmp_path / "reports")


def test_a_report_comes_back_as_it_was_made(reports: Reports) -> None:
    kept = reports.add(REPORT, {"inputs": "<p>風</p>"})
    assert kept == replace(REPORT, id=1) and reports.latest() == [kept]
    assert reports.pages(1)["inputs"].read_text(encoding="utf-8") == "<p>風</p>"
    assert (
        kept.signal("data drift").measures[0].beyond
        and not kept.signal("data drift").measures[1].beyond
    )


def test_inputs_alone_confirm_nothing() -> None:
    assert not REPORT.confirmed
    outputs = replace(STILL, verdict=BEYOND, beyond=1, budget=0)
    assert replace(REPORT, signals=(MOVED, outputs, UNKNOWN)).confirmed
    assert not replace(
        REPORT, signals=(replace(MOVED, verdict=IN_BAND), outputs, UNKNOWN)
    ).confirmed


def test_the_reason_names_signals_counts_and_window() -> None:
    said = reason_of(replace(REPORT, id=7))
    assert said == (
        "Confirmed in report 7 on 2020-01-03..2020-03-02: "
        "data drift (2 of 2 beyond chance, budget 1)."
    )


def test_a_training_is_asked_for_once_a_version(reports: Reports) -> None:
    first = reports.add(REPORT, {})
    assert not reports.told_for(4)
    reports.tell(first.id)
    assert reports.told_for(4) and not reports.told_for(5)
    assert reports.latest()[0].told


def test_old_pages_go_and_their_numbers_stay(reports: Reports) -> None:
    for _ in range(KEPT_FILES + 2):
        reports.add(REPORT, {"inputs": "<p>"})
    assert reports.pages(1) == reports.pages(2) == {} and len(reports.pages(3)) == 1
    assert len(reports.latest(KEPT_FILES + 9)) == KEPT_FILES + 2


def test_as_json_it_says_when_and_whether_confirmed() -> None:
    told = report_to_dict(REPORT)
    assert told["at"] == "2024-07-01T09:00:00+00:00" and told["confirmed"] is False
    assert told["signals"][2]["why"] == "The current window holds 3 rows."
