"""Reports of monitoring: kept whole, their pages only while they are among the newest."""

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.foundation.messages import Message
from core.foundation.sql.database import Database, metadata
from core.lifecycle.report_store import (
    MAX_FILES,
    DriftVerdict,
    Measure,
    Report,
    Reports,
    Signal,
    SignalName,
    reason_of,
    report_to_dict,
)
from tests.support.homes import AT

MOVED = Signal(
    SignalName.DATA,
    DriftVerdict.BEYOND,
    200,
    5000,
    2,
    1,
    (Measure("a", 2.0, 1.0), Measure("b", 0.5, 1.0)),
)
STILL = Signal(
    SignalName.PREDICTION, DriftVerdict.IN_BAND, 200, 5000, 0, 1, (Measure("c", 0.1, 1.0),)
)
FEW = Message("monitor.too-few", "The current window holds {rows} rows.", {"rows": 3})
UNKNOWN = Signal(SignalName.DECAY, DriftVerdict.TOO_LITTLE, 3, 0, reason=FEW)
REPORT = Report(
    AT, 4, False, "2010-01-04..2020-01-02", "2020-01-03..2020-03-02", (MOVED, STILL, UNKNOWN)
)


@pytest.fixture
def reports(records_url: str, tmp_path: Path) -> Reports:
    return Reports(Database(records_url), tmp_path / "reports")


def test_a_report_comes_back_as_it_was_made(reports: Reports) -> None:
    stored = reports.add(REPORT, {"inputs": "<p>風</p>"})
    assert stored == replace(REPORT, id=1) and reports.latest() == [stored]
    assert reports.pages(1)["inputs"].read_text(encoding="utf-8") == "<p>風</p>"
    assert (
        stored.signal(SignalName.DATA).measures[0].beyond
        and not stored.signal(SignalName.DATA).measures[1].beyond
    )


def test_what_was_stored_as_text_before_there_were_codes_is_read_as_it_is(
    reports: Reports, records_url: str
) -> None:
    reports.add(REPORT, {})
    stored = [{**one, "why": str(one["why"])} for one in report_to_dict(REPORT)["signals"]]
    with Database(records_url).write() as connection:
        table = metadata.tables["monitor_reports"]
        connection.execute(sa.update(table).values(signals=stored))
    (older,) = reports.latest()
    assert [one.reason for one in older.signals] == [None, None, Message("", str(FEW))]
    assert report_to_dict(older)["signals"] == stored


def test_inputs_alone_confirm_nothing() -> None:
    assert not REPORT.confirmed
    outputs = replace(STILL, verdict=DriftVerdict.BEYOND, beyond=1, budget=0)
    assert replace(REPORT, signals=(MOVED, outputs, UNKNOWN)).confirmed
    assert not replace(
        REPORT, signals=(replace(MOVED, verdict=DriftVerdict.IN_BAND), outputs, UNKNOWN)
    ).confirmed


def test_the_reason_names_signals_counts_and_window() -> None:
    sentence = reason_of(replace(REPORT, id=7))
    assert str(sentence) == (
        "Confirmed in report 7 on 2020-01-03..2020-03-02. "
        "Data drift: 2 of 2 inputs moved beyond chance, which allows 1."
    )
    outputs = replace(STILL, verdict=DriftVerdict.BEYOND, beyond=1)
    errors = replace(UNKNOWN, verdict=DriftVerdict.BEYOND)
    every = reason_of(replace(REPORT, signals=(MOVED, outputs, errors)))
    assert [one.code for one in every.parameters["signals"]] == [
        *("monitor.inputs-moved", "monitor.outputs-moved", "monitor.errors-grew")
    ]


def test_that_a_training_was_asked_for_is_kept(reports: Reports) -> None:
    first, second = reports.add(REPORT, {}), reports.add(REPORT, {})
    assert reports.tell(first) == replace(first, training_asked=True)
    assert reports.latest() == [second, replace(first, training_asked=True)]


def test_its_session_is_the_last_of_its_window() -> None:
    assert REPORT.session == date(2020, 3, 2)
    assert replace(REPORT, current_window="").session is None


def test_old_pages_go_and_their_numbers_stay(reports: Reports) -> None:
    for _ in range(MAX_FILES + 2):
        reports.add(REPORT, {"inputs": "<p>"})
    assert reports.pages(1) == reports.pages(2) == {} and len(reports.pages(3)) == 1
    assert len(reports.latest(MAX_FILES + 9)) == MAX_FILES + 2


def test_as_json_it_says_when_and_whether_confirmed() -> None:
    found = report_to_dict(REPORT)
    assert found["at"] == "2024-07-01T09:00:00+00:00" and found["confirmed"] is False
    assert found["signals"][2]["why"] == "The current window holds 3 rows."


def test_a_page_of_reports_holds_its_part(reports: Reports) -> None:
    for version in (4, 5, 4):
        reports.add(replace(REPORT, model_version=version), {})
    assert [one.id for one in reports.latest(2, offset=1)] == [2, 1]
    assert [one.id for one in reports.latest(9, 4, 1)] == [1]
    assert (reports.count(), reports.count(4), reports.count(9)) == (3, 2, 0)
