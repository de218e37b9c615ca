"""Episodes of drift over every course it could take: seldom a training, and always an end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.lifecycle.drift_episodes import (
    CALM_SESSIONS,
    COOL_DOWN_SESSIONS,
    episodes,
    open_episode,
    training_due,
)
from core.lifecycle.report_store import DriftVerdict, Report, Signal, SignalName
from tests.support.homes import AT

MOVED, CALM, UNKNOWN, INPUTS_ALONE = "moved", "calm", "unknown", "inputs alone"
VERDICTS = {
    MOVED: (DriftVerdict.BEYOND, DriftVerdict.BEYOND),
    CALM: (DriftVerdict.IN_BAND, DriftVerdict.IN_BAND),
    UNKNOWN: (DriftVerdict.TOO_LITTLE, DriftVerdict.TOO_LITTLE),
    INPUTS_ALONE: (DriftVerdict.BEYOND, DriftVerdict.IN_BAND),
}
START = date(2024, 1, 1)  # a Monday
VERDICT = st.sampled_from(list(VERDICTS))


def weekday(number: int) -> date:
    """The session of that number, five a week."""
    return START + timedelta(days=number // 5 * 7 + number % 5)


def report(
    number: int, session: int, verdict: str, version: int = 1, sample: bool = False
) -> Report:
    inputs, outputs = VERDICTS[verdict]
    signals = (
        Signal(SignalName.DATA, inputs, 200, 5000, int(inputs == DriftVerdict.BEYOND), 0),
        Signal(SignalName.PREDICTION, outputs, 200, 5000, int(outputs == DriftVerdict.BEYOND), 0),
        Signal(SignalName.DECAY, DriftVerdict.TOO_LITTLE, 3, 0),
    )
    window = f"2023-11-06..{weekday(session)}"
    return Report(AT, version, sample, "2010-01-04..2023-12-29", window, signals, number)


def lived(course: Sequence[tuple[int, str, int]]) -> list[Report]:
    """Reports of (session, what it says, version), each followed by what drift asks for."""
    reports: list[Report] = []
    for session, verdict, version in course:
        reports.append(report(len(reports) + 1, session, verdict, version))
        if training_due(reports):
            reports[-1] = replace(reports[-1], training_asked=True)
    return reports


def trainings(reports: Sequence[Report]) -> list[date | None]:
    return [one.session for one in reports if one.training_asked]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(1, 9), min_size=60, max_size=60), st.integers(1, 3))
def test_a_drift_of_60_sessions_asks_for_at_most_two_trainings(
    versions: list[int], times: int
) -> None:
    """Whoever serves meanwhile: a new champion each session, one moved by hand, or the old one."""
    course = [(k, MOVED, version) for k, version in enumerate(versions) for _ in range(times)]
    reports = lived(course)
    assert trainings(reports) == [weekday(0), weekday(COOL_DOWN_SESSIONS)]
    assert len(episodes(reports)) == 1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), VERDICT, st.integers(1, 4)), max_size=90))
def test_trainings_keep_apart_whatever_flickers(steps: list[tuple[int, str, int]]) -> None:
    session, course = 0, []
    for onward, verdict, version in steps:
        session += onward
        course.append((session, verdict, version))
    days = [day for day in trainings(lived(course)) if day is not None]
    apart = [np.busday_count(a, b) for a, b in zip(days, days[1:])]
    assert all(one >= COOL_DOWN_SESSIONS for one in apart)
    assert bool(days) == any(verdict == MOVED for _, verdict, _ in course)


@settings(max_examples=50, deadline=None)
@given(st.lists(VERDICT, min_size=1, max_size=60), st.sampled_from([CALM, INPUTS_ALONE]))
def test_drift_that_passes_ends_its_episode(before: list[str], after: str) -> None:
    course = [(k, verdict, 1) for k, verdict in enumerate([MOVED, *before, MOVED])]
    last = len(course)
    reports = lived(course)
    assert open_episode(reports) is not None
    reports = lived([*course, *((last + k, after, 1) for k in range(CALM_SESSIONS - 1))])
    now = open_episode(reports)
    assert now is not None and now.calm == CALM_SESSIONS - 1
    assert now.confirmed == weekday(last - 1)
    reports = lived([*course, *((last + k, after, 2) for k in range(CALM_SESSIONS))])
    assert open_episode(reports) is None
    assert episodes(reports)[-1].ended == weekday(last + CALM_SESSIONS - 1)


@settings(max_examples=50, deadline=None)
@given(st.lists(VERDICT, min_size=1, max_size=60), st.randoms())
def test_the_same_session_twice_and_any_order_change_nothing(
    course: list[str], random: Random
) -> None:
    once = lived([(k, verdict, 1) for k, verdict in enumerate(course)])
    twice = lived([(k, verdict, 1) for k, verdict in enumerate(course) for _ in range(2)])
    assert trainings(once) == trainings(twice) and episodes(once) == episodes(twice)
    shuffled = list(once)
    random.shuffle(shuffled)  # nothing but the records says where it stands: as after a restart
    assert episodes(shuffled) == episodes(once)
    assert training_due(shuffled) == training_due(once)


def test_what_could_not_be_measured_is_neither_calm_nor_drift() -> None:
    reports = lived([(0, MOVED, 1), *((k, UNKNOWN, 2) for k in range(1, 50))])
    now = open_episode(reports)
    assert now is not None and (now.calm, now.trained) == (0, (weekday(0),))
    assert open_episode(lived([(0, UNKNOWN, 1), (1, CALM, 1)])) is None


def test_drift_of_the_sample_is_none_of_one_s_own_bars() -> None:
    sample = [replace(report(1, 0, MOVED, sample=True), training_asked=True)]
    assert open_episode(sample) is not None
    assert open_episode([*sample, report(2, 1, CALM)]) is None
    assert training_due([*sample, report(2, 1, MOVED)])


@pytest.mark.parametrize("back", [1, 30])
def test_sessions_that_were_removed_start_no_new_training(back: int) -> None:
    """Newer bars were removed or held back: the session does not run backwards."""
    reports = lived([(50, MOVED, 1), *((50 - back, MOVED, 1) for _ in range(5)), (51, MOVED, 1)])
    assert trainings(reports) == [weekday(50)]


def test_one_confirming_report_makes_its_session_one_of_drift() -> None:
    """The new champion of that evening finds it calm, for it has just learned it."""
    reports = lived([(0, MOVED, 1), (0, CALM, 2), *((k, CALM, 2) for k in range(1, 4))])
    now = open_episode(reports)
    assert now is not None and (now.opened, now.calm) == (weekday(0), 3)
