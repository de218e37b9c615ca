"""Retrain and Drift in their states, with the scheduler silent: nothing waits for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app.state import actions, queries
from app.state.prefect_client import Schedule
from app.state.stores import Stores
from app.views.retrain import schedules
from core.foundation.errors import (
    AccessError,
    InvalidInputError,
    NotEnoughHistoryError,
    NotFoundError,
)
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.foundation.messages import Message
from core.foundation.outbox import RunState
from core.lifecycle.report_store import DriftVerdict, Measure, Report, Signal, SignalName
from core.lifecycle.train import TrainingRequest, train
from core.workflows.schedules.states import ScheduleState
from tests.app.test_main import opened, texts
from tests.support.bars import walk
from tests.support.homes import AT

DEVELOPER = Person("ann", PersonRole.DEVELOPER)
SIGNALS = (
    Signal(
        SignalName.DATA,
        DriftVerdict.BEYOND,
        200,
        5000,
        1,
        0,
        (Measure("log_variance_3", 2.0, 1.0),),
    ),
    Signal(
        SignalName.PREDICTION,
        DriftVerdict.IN_BAND,
        200,
        5000,
        0,
        1,
        (Measure("log_width_5", 0.1, 1.0),),
    ),
    Signal(
        SignalName.DECAY,
        DriftVerdict.TOO_LITTLE,
        3,
        0,
        reason=Message("a.b", "The current window holds 3 rows."),
    ),
)
REPORT = Report(AT, 1, True, "2000-01-03..2012-12-31", "2013-01-02..2013-03-01", SIGNALS)


def test_a_viewer_sees_retrain_and_cannot_act(sample: Stores) -> None:
    test = opened("retrain")
    shown = texts(test)
    assert "Champion: version 1" in shown and "sign in as a developer" in shown
    assert all(button.disabled for button in test.button if button.label == "Retrain")


@pytest.mark.parametrize(("minutes", "expected"), [(0, "starting"), (2, "unreachable")])
def test_a_silent_scheduler_is_only_slow_at_first(
    sample: Stores, minutes: int, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = datetime.now(UTC) - timedelta(minutes=minutes)
    monkeypatch.setattr("app.components.requests._BEGAN", began)
    assert opened("retrain").info[0].value.startswith(f"Scheduler {expected}")


def test_what_is_asked_for_waits_for_a_silent_scheduler_and_is_shown(sample: Stores) -> None:
    request, new = actions.ask_for_training(DEVELOPER, "us", "har", "  a   new week ")
    assert new and request.parameters["reason"] == "a new week"
    assert actions.ask_for_training(DEVELOPER, "us", "har", "again") == (request, False)
    shown = texts(opened("retrain"))
    assert "Training asked for by ann" in shown
    assert sample.audit.latest(1)[0].action == "ask for train"
    actions.cancel(DEVELOPER, request)
    assert sample.outbox.open() == []
    assert "Training cancelled. Nothing was stored." in texts(opened("retrain"))


@pytest.mark.parametrize(
    ("scope", "reason", "kind", "expected"),
    [
        ("ZZZZ", "x", NotFoundError, "No bars are stored for the scope ZZZZ."),
        ("FB", "x", NotEnoughHistoryError, "FB needs at least 280 sessions, has 196."),
        ("../x", "x", InvalidInputError, "is not a ticker"),
        ("all", "  ", InvalidInputError, "A reason is needed"),
        ("all", "x" * 501, InvalidInputError, "at most 500 characters"),
    ],
)
def test_a_training_that_cannot_be_is_refused_before_it_is_asked_for(
    sample: Stores, scope: str, reason: str, kind: type[Exception], expected: str
) -> None:
    with pytest.raises(kind, match=expected):
        actions.ask_for_training(DEVELOPER, scope, "har", reason)
    assert sample.outbox.open() == []


def test_a_viewer_may_do_none_of_it(sample: Stores) -> None:
    request, _ = actions.ask_for_monitoring(DEVELOPER)
    for act in (
        lambda: actions.ask_for_training(VIEWER, "all", "har", "x"),
        lambda: actions.ask_for_monitoring(VIEWER),
        lambda: actions.promote(VIEWER, 1, "x", 1),
        lambda: actions.roll_back(VIEWER, "x", 1),
        lambda: actions.cancel(VIEWER, request),
    ):
        with pytest.raises(AccessError):
            act()
    assert sample.outbox.get(request.id).ended_at is None


def test_a_promotion_shows_on_the_forecast_page_and_asks_for_a_record(sample: Stores) -> None:
    model = train(sample.bars, sample.registry, TrainingRequest("ann", "newer"), datetime.now(UTC))
    assert "version 1" in texts(opened())
    actions.promote(DEVELOPER, model.version, "newer", 1)
    assert "version 2" in texts(opened())
    assert [one.flow for one in sample.outbox.open()] == ["publish"]
    assert "Champion: version 2" in texts(opened("retrain"))


def test_a_version_card_says_over_which_forecasts_its_skill_is(sample: Stores) -> None:
    alone = texts(opened("retrain"))
    assert alone.count("Over its own past forecasts, as measured when it was trained: All") == 1
    order = TrainingRequest("ann", "newer", name="random_walk_gauss")
    train(sample.bars, sample.registry, order, datetime.now(UTC))
    both = texts(opened("retrain"))
    assert both.count("Over the past forecasts that both versions were scored on: All") == 2
    assert "as measured when it was trained" not in both


def test_without_a_report_drift_says_so(sample: Stores) -> None:
    shown = texts(opened("drift"))
    assert "Nothing was measured yet" in shown


def test_drift_is_three_sentences_with_counts(sample: Stores) -> None:
    sample.reports.add(REPORT, {"inputs": "<p>report</p>"})
    test = opened("drift")
    shown = [block.value.replace("\\", "") for block in (*test.warning, *test.info)]
    assert (
        "Inputs: data drift beyond what chance gives (1 of 1 measures moved, budget 0; n 200, "
        "reference 5000)." in shown
    )
    assert any(line.startswith("Outputs: prediction drift not beyond chance") for line in shown)
    assert (
        "Errors: not enough data for performance decay. The current window holds 3 rows." in shown
    )
    assert test.dataframe[0].value["Measure"].tolist() == ["Log variance over 3 sessions"]


def test_whose_errors_they_are_is_said(sample: Stores) -> None:
    live = Signal(
        *(SignalName.DECAY, DriftVerdict.IN_BAND, 120, 800, 0, 0, (Measure("loss", 0.1, 0.2),)),
        source="live",
        reference_source="replayed",
        window="2024-05-01..2024-06-28",
        versions=(1, 2),
    )
    sample.reports.add(replace(REPORT, signals=(*SIGNALS[:2], live)), {})
    test = opened("drift")
    shown = [block.value.replace("\\", "") for block in (*test.warning, *test.info)]
    assert (
        "Errors: loss not beyond chance (n 120 against 800 before). These are the 120 live "
        "forecasts by versions 1 and 2 of 2024-05-01 to 2024-06-28, as shown, against replayed "
        "ones before." in shown
    )
    replayed = replace(live, source="replayed", versions=())
    sample.reports.add(replace(REPORT, signals=(*SIGNALS[:2], replayed)), {})
    assert "These are replayed forecasts of 2024-05-01 to" in texts(opened("drift"))


def test_what_is_not_known_is_never_green_or_zero(sample: Stores) -> None:
    sample.reports.add(
        replace(
            REPORT,
            signals=tuple(
                replace(one, verdict=DriftVerdict.TOO_LITTLE, measures=()) for one in SIGNALS
            ),
        ),
        {},
    )
    test = opened("drift")
    assert not test.success and not test.dataframe
    assert len(test.info) >= 3


def test_a_report_of_another_version_is_shown_as_its_own_alone(sample: Stores) -> None:
    sample.reports.add(replace(REPORT, model_version=7), {})
    test = opened("drift")
    shown = texts(test)
    assert "Nothing was measured yet of version 1" in shown
    assert "Inputs:" not in shown and "Trend" not in shown
    assert test.expander[0].label == "Reports of other versions"
    assert test.expander[0].dataframe[0].value["Version"].tolist() == [7]


def test_tickers_that_were_never_learned_come_first(sample: Stores) -> None:
    sample.reports.add(REPORT, {})
    sample.bars.upsert(walk("2330.TW", 60).assign(source="csv"))
    shown = texts(opened("drift"))
    assert "No version can serve 2330.TW: the fallback forecaster makes their forecasts" in shown
    assert "Inputs:" not in shown, "the unused champion is not measured in its place"
    card = replace(sample.registry.get(1).card, sample=False)
    model = sample.registry.register(sample.registry.read(sample.registry.get(1)), card, AT)
    sample.registry.promote(model.version, "ann", "own", AT)
    shown = texts(opened("drift"))
    assert "Version 2 serves tickers it never learned: 2330.TW." in shown


def test_a_trend_needs_two_reports(sample: Stores) -> None:
    sample.reports.add(REPORT, {})
    assert "Trend" not in texts(opened("drift"))
    sample.reports.add(REPORT, {})
    test = opened("drift")
    assert "Trend" in texts(test)


def banner(stores: Stores) -> str:
    """What the Retrain page says of the latest training."""
    test = opened("retrain")
    shown = [one.value.replace("\\", "") for one in (*test.info, *test.warning)]
    (found,) = [one for one in shown if "Version " in one or one.startswith("Training ")]
    return found


def test_the_latest_training_is_told_whoever_asked_with_its_role_now(sample: Stores) -> None:
    run = "run-1"
    request, _ = sample.outbox.ask("train", {"reason": "a button"}, "bob", datetime.now(UTC))
    order = TrainingRequest("bob", "a button", run=run)
    second = train(sample.bars, sample.registry, order, datetime.now(UTC))
    sample.outbox.sent(request.id, run)
    sample.outbox.ended(request.id, RunState.COMPLETED, datetime.now(UTC))
    started = "Training completed. Version 2 is stored; it "
    assert banner(sample).startswith(f"{started}challenges the champion.")
    actions.promote(DEVELOPER, second.version, "newer", 1)
    assert banner(sample).startswith(f"{started}serves.")
    actions.roll_back(DEVELOPER, "too narrow", 2)
    sample.registry.challenge(1, "ann", "an older program", AT)
    assert banner(sample) == f"{started}served before."
    ann = TrainingRequest("command line (ann)", "by hand", name="ewma")
    train(sample.bars, sample.registry, ann, datetime.now(UTC))
    found = banner(sample)
    assert found.startswith("Version 3 was trained ") and "Training completed" not in found
    assert "by command line (ann); it challenges the champion." in found
    sample.registry.challenge(2, "ann", "another", AT)
    assert "by command line (ann); it was not promoted." in banner(sample)


def test_a_failed_request_is_told_where_it_is_the_latest(sample: Stores) -> None:
    assert banner(sample) == "Training completed. Version 1 is stored; it serves."
    request, _ = sample.outbox.ask("train", {"reason": "a button"}, "bob", datetime.now(UTC))
    sample.outbox.ended(request.id, RunState.FAILED, datetime.now(UTC))
    assert banner(sample).startswith("Training failed.")


def test_schedules_are_called_off_only_while_all_are(
    sample: Stores, monkeypatch: pytest.MonkeyPatch
) -> None:
    weekly = Schedule("1", "one", "train", "", "0 6 * * 6", "America/New_York", active=False)
    for active in (False, True):
        state = ScheduleState("train", "", weekly.when, weekly.timezone, active)
        known = [replace(weekly, active=active)]
        monkeypatch.setattr(queries, "schedules", lambda known=known: known)
        monkeypatch.setattr(schedules, "schedule_states", lambda state=state: [state])
        test = opened("retrain")
        assert ("All schedules are off until" in texts(test)) != active
        assert (
            test.toggle[0].label.replace("\\", "") == "Training, on Saturdays at 06:00 in New York"
        )


def test_the_history_names_every_training_with_who_and_why(sample: Stores) -> None:
    orders = {
        "command line (ann)": TrainingRequest("command line (ann)", "by hand"),
        "schedule": TrainingRequest("schedule", "scheduled", run="run-1"),
        "monitor": TrainingRequest("monitor", "Confirmed in report 1", run="run-2"),
    }
    for order in orders.values():
        train(sample.bars, sample.registry, order, datetime.now(UTC))
    request, _ = sample.outbox.ask("train", {"scope": "us", "reason": "a button"}, "bob", AT)
    sample.outbox.sent(request.id, "run-2")  # what drift asked for is not listed twice
    table = opened("retrain").dataframe[-1].value
    assert table["By"].tolist()[:2] == ["schedule", "command line (ann)"]
    found = dict(zip(table["By"], table["Reason"]))
    assert found["schedule"] == "scheduled" and found["command line (ann)"] == "by hand"
    assert (
        found["bob"] == "a button"
        and found["ann"] == "sample data loaded"
        and "monitor" not in found
    )
    stored = " ".join(table["What became of it"])
    assert all(f"version {one} is stored" in stored for one in (1, 2, 3))
