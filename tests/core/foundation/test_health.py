"""What is leaned on is asked side by side; what is silent or broken is down, and nobody waits."""

import threading
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from core.foundation.errors import OfflineError, SlowError
from core.foundation.health import Dependency, HealthChecker, HealthState, Probe, ProbeResult
from core.foundation.incidents import record_incident
from core.foundation.messages import Message
from core.market_data.records.ingest_log import IngestAttempt, IngestLog, IngestOutcome
from core.market_data.records.source_health import source_health
from tests.support.homes import AT, Home


def forgotten(error: Exception) -> str:
    raise AssertionError("nothing unforeseen happens here") from error


def result(state: HealthState, text: str) -> ProbeResult:
    return ProbeResult(state, Message.from_stored(text))


def dependency(name: str, probe: Probe, advice: str) -> Dependency:
    return Dependency(name, probe, Message.from_stored(advice))


def raising(error: Exception) -> ProbeResult:
    raise error


def test_each_says_how_it_is_in_its_order() -> None:
    checker = HealthChecker(
        [
            dependency("a", lambda: result(HealthState.UP, "Works."), "Do this."),
            dependency("b", lambda: result(HealthState.DEGRADED, "Half of it works."), "Do that."),
            dependency(
                "c", lambda: raising(OfflineError("test.failure", "It is gone.")), "Start it."
            ),
            dependency("d", lambda: result(HealthState.NOT_SET_UP, "Nothing yet."), "Unneeded."),
            dependency("e", lambda: raising(SlowError("test.failure", "It is late.")), "Start it."),
        ],
        forgotten,
        limit=60.0,
    )
    assert checker.names() == ["a", "b", "c", "d", "e"]
    expected = {one.name: (one.state, str(one.sentence)) for one in checker.look()}
    assert expected == {
        "a": (HealthState.UP, "Works."),
        "b": (HealthState.DEGRADED, "Half of it works. Do that."),
        "c": (HealthState.DOWN, "It is gone. Start it."),
        "d": (HealthState.NOT_SET_UP, "Nothing yet."),
        "e": (HealthState.SLOW, "It is late."),
    }


def test_what_was_never_up_has_no_last_success() -> None:
    answers = [result(HealthState.UP, "Works."), result(HealthState.DOWN, "Broken.")]
    checker = HealthChecker([dependency("a", lambda: answers.pop(0), "")], forgotten, limit=60.0)
    first, second = checker.look()[0], checker.look()[0]
    assert first.last_success is not None and first.seconds is not None
    assert second.state == HealthState.DOWN and second.last_success == first.last_success
    never = HealthChecker(
        [dependency("a", lambda: raising(OfflineError("test.failure", "Gone.")), "")],
        forgotten,
        limit=60.0,
    )
    assert never.look()[0].last_success is None


def test_what_is_silent_is_down_and_not_asked_twice() -> None:
    released, asked_for = threading.Event(), []

    def silent() -> ProbeResult:
        asked_for.append(1)
        released.wait(60)
        return result(HealthState.UP, "At last.")

    checker = HealthChecker([dependency("slow", silent, "Wait.")], forgotten, limit=0.2)
    for _ in range(3):
        (slow,) = checker.look()
        assert (slow.state, slow.seconds) == (HealthState.DOWN, None)
        assert str(slow.sentence) == "No answer within 0.2 seconds. Wait."
    assert asked_for == [1]
    released.set()
    patient = HealthChecker([dependency("slow", silent, "")], forgotten, limit=60.0)
    assert patient.look()[0].state == HealthState.UP


def test_an_error_nobody_foresaw_is_one_sentence_and_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    asked_for = [dependency("a", lambda: raising(KeyError("secret")), "Look.")]
    found = HealthChecker(asked_for, partial(record_incident, tmp_path), limit=60.0).look()[0]
    stored = (tmp_path / "logs" / "incidents.log").read_text()
    name = stored.split()[1]
    assert str(found.sentence) == (
        f"Something unforeseen happened when it was asked, error {name}. Look."
    )
    assert found.sentence.code == "dependency.with-advice"
    assert "secret" in stored and name in caplog.text and "secret" not in caplog.text


def told_of(home: Home, *runs: list[IngestOutcome], resting: Message | None = None) -> ProbeResult:
    """What is said of Yahoo after ingests with these outcomes, an hour apart."""
    outcomes = IngestLog(home.database)
    for hour, run in enumerate(runs):
        at = AT + timedelta(hours=hour)
        outcomes.add(
            [
                IngestAttempt(at, f"T{k}", "yahoo", how, Message("", f"T{k}: {how}."))
                for k, how in enumerate(run)
            ]
        )
    outcomes.add(
        [
            IngestAttempt(
                AT + timedelta(days=9),
                "A",
                "csv",
                IngestOutcome.UNAVAILABLE,
                Message("", "Another source."),
            )
        ]
    )
    return source_health(outcomes, "yahoo", resting)


@pytest.mark.parametrize(
    ("runs", "state", "expected", "last"),
    [
        ([], HealthState.NOT_SET_UP, "It was never asked for bars.", None),
        (
            [[IngestOutcome.OK, IngestOutcome.OK]],
            HealthState.UP,
            "Gave bars of 2 tickers when last asked.",
            AT,
        ),
        (
            [[IngestOutcome.OK], [IngestOutcome.OK]],
            HealthState.UP,
            "Gave bars of 1 ticker when last asked.",
            AT + timedelta(hours=1),
        ),
        (
            [[IngestOutcome.OK], [IngestOutcome.RATE_LIMITED]],
            HealthState.DOWN,
            "T0: rate_limited.",
            AT,
        ),
        (
            [[IngestOutcome.UNAVAILABLE, IngestOutcome.UNAVAILABLE]],
            HealthState.DOWN,
            "2 of 2 tickers failed when last asked: T0: unavailable.",
            None,
        ),
        (
            [[IngestOutcome.OK, IngestOutcome.UNAVAILABLE]],
            HealthState.DEGRADED,
            "1 of 2 tickers failed when last asked: T1: unavailable.",
            AT,
        ),
        ([[IngestOutcome.NOT_FOUND]], HealthState.DEGRADED, "T0: not_found.", None),
    ],
)
def test_a_source_is_what_came_of_asking_it(
    home: Home, runs: list[list[IngestOutcome]], state: str, expected: str, last: datetime | None
) -> None:
    found = told_of(home, *runs)
    assert (found.state, str(found.message), found.last_success) == (state, expected, last)


def test_a_source_that_rests_says_until_when(home: Home) -> None:
    resting = Message("test.resting", "Resting until {until}.", {"until": "10:47"})
    found = told_of(home, [IngestOutcome.OK], [IngestOutcome.RATE_LIMITED], resting=resting)
    assert found == ProbeResult(HealthState.DOWN, resting, AT)
