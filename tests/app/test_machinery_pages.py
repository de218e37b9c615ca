"""Retrain and Drift in their states, with the scheduler silent: nothing waits for it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from app import actions
from app.stores import Stores
from core.errors import AccessError, InvalidInputError, NotFoundError
from core.services.train import Order, train
from core.storage.access import VIEWER, Person
from core.storage.reports import BEYOND, IN_BAND, TOO_LITTLE, Measure, Report, Signal
from tests.app.test_pages import opened, texts
from tests.homes import AT

DEVELOPER = Person("ann", "developer")
SIGNALS = (
    Signal("data drift", BEYOND, 200, 5000, 1, 0, (Measure("log_variance_3", 2.0, 1.0),)),
    Signal("prediction drift", IN_BAND, 200, 5000, 0, 1, (Measure("log_width_5", 0.1, 1.0),)),
    Signal("performance decay", TOO_LITTLE, 3, 0, why="The current window holds 3 rows."),
)
REPORT = Report(AT, 1, True, "2000-01-03..2012-12-31", "2013-01-02..2013-03-01", SIGNALS)


def test_a_viewer_sees_retrain_and_cannot_act(sample: Stores) -> None:
    test = opened("retrain")
    shown = texts(test)
    assert "Champion: version 1" in shown and "sign in as a developer" in shown
    assert all(button.disabled for button in test.button if button.label == "Retrain ...")


@pytest.mark.parametrize(("minutes", "said"), [(0, "starting"), (2, "unreachable")])
def test_a_silent_scheduler_is_only_slow_at_first(
    sample: Stores, minutes: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    began = datetime.now(UTC) - timedelta(minutes=minutes)
    monkeypatch.setattr("app.components.requests._BEGAN", began)
    assert opened("retrain").info[0].value.startswith(f"Scheduler {said}")


def test_what_is_asked_for_waits_for_a_silent_scheduler_and_is_shown(sample: Stores) -> None:
    asked, new = actions.ask_for_training(DEVELOPER, "us", "har", "  a   new week ")
    assert new and asked.parameters["reason"] == "a new week"
    assert actions.ask_for_training(DEVELOPER, "all", "har", "again") == (asked, False)
    shown = texts(opened("retrain"))
    assert "Training asked for by ann" in shown.replace("\\", "")
    assert sample.audit.latest(1)[0].action == "ask for train"
    actions.cancel(DEVELOPER, asked)
    assert sample.outbox.open() == []
    assert "Training cancelled. Nothing was stored." in texts(opened("retrain")).replace("\\", "")


@pytest.mark.parametrize(
    ("scope", "reason", "kind", "said"),
    [
        ("ZZZZ", "x", NotFoundError, "No bars are stored for the scope ZZZZ."),
        ("../x", "x", InvalidInputError, "is not a ticker"),
        ("all", "  ", InvalidInputError, "A reason is needed"),
    ],
)
def test_a_training_that_cannot_be_is_refused_before_it_is_asked_for(
    sample: Stores, scope: str, reason: str, kind: type[Exception], said: str
) -> None:
    with pytest.raises(kind, match=said):
        actions.ask_for_training(DEVELOPER, scope, "har", reason)
    assert sample.outbox.open() == []


def test_a_viewer_may_do_none_of_it(sample: Stores) -> None:
    asked, _ = actions.ask_for_monitoring(DEVELOPER)
    for act in (
        lambda: actions.ask_for_training(VIEWER, "all", "har", "x"),
        lambda: actions.ask_for_monitoring(VIEWER),
        lambda: actions.promote(VIEWER, 1, "x", 1),
        lambda: actions.roll_back(VIEWER, "x", 1),
        lambda: actions.cancel(VIEWER, asked),
    ):
        with pytest.raises(AccessError):
            act()
    assert sample.outbox.get(asked.id).ended_at is None


def test_a_promotion_shows_on_the_forecast_page_and_asks_for_a_record(sample: Stores) -> None:
    model = train(sample.bars, sample.registry, Order("ann", "newer"), datetime.now(UTC))
    assert "version 1" in texts(opened())
    actions.promote(DEVELOPER, model.version, "newer", 1)
    assert "version 2" in texts(opened())
    assert [one.flow for one in sample.outbox.open()] == ["publish"]
    assert "Champion: version 2" in texts(opened("retrain"))


def test_without_a_report_drift_says_so(sample: Stores) -> None:
    shown = texts(opened("drift"))
    assert "Nothing was measured yet" in shown


def test_drift_is_three_sentences_with_counts(sample: Stores) -> None:
    sample.reports.add(REPORT, {"inputs": "<p>report</p>"})
    test = opened("drift")
    told = [block.value.replace("\\", "") for block in (*test.warning, *test.info)]
    assert (
        "Inputs: data drift beyond what chance gives (1 of 1 measures moved, budget 0; n 200, "
        "reference 5000)." in told
    )
    assert any(line.startswith("Outputs: prediction drift not beyond chance") for line in told)
    assert "Errors: not enough data for performance decay. The current window holds 3 rows." in told
    assert test.dataframe[0].value["Measure"].tolist() == ["Log variance over 3 sessions"]


def test_what_is_not_known_is_never_green_or_zero(sample: Stores) -> None:
    sample.reports.add(
        replace(
            REPORT, signals=tuple(replace(one, verdict=TOO_LITTLE, measures=()) for one in SIGNALS)
        ),
        {},
    )
    test = opened("drift")
    assert not test.success and not test.dataframe
    assert len(test.info) >= 3


def test_a_trend_needs_two_reports(sample: Stores) -> None:
    sample.reports.add(REPORT, {})
    assert "Trend" not in texts(opened("drift"))
    sample.reports.add(REPORT, {})
    test = opened("drift")
    assert "Trend" in texts(test)
