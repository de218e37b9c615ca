"""What is not known is absent, and what cannot be read takes nothing else with it."""

import platform
from collections.abc import Iterator
from datetime import datetime

import pytest
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric

from monitoring.collector import FactsCollector
from monitoring.families import age, counter, gauge, one
from tests.support.homes import AT
from tests.support.scrape import Figures, collected


def known(at: datetime) -> Iterator[Metric]:
    yield gauge("known_seconds", "A value.", one(2.5))
    yield gauge("unknown_seconds", "No value.", one(None))
    yield gauge(
        "some_ratio",
        "Some values.",
        {("a",): 0.0, ("b",): None, ("c",): float("nan"), ("d",): float("inf")},
        ("which",),
    )
    yield counter("things", "A count.", one(3))


def failing(at: datetime) -> Iterator[Metric]:
    yield gauge("half_seconds", "Given before the error.", one(1.0))
    raise OSError("the disk is gone")


def test_without_facts_it_is_up_and_says_what_it_is() -> None:
    found = collected({"nothing": lambda at: None}, AT)
    assert found.names == {"tickerlens_up", "tickerlens_build_info"}
    assert found.named("up") == {(): 1.0}
    assert found.named("build_info") == {(platform.python_version(), "0.1.0"): 1.0}
    assert "unknown" not in found.text


def test_only_what_is_known_and_finite_is_told() -> None:
    found = collected({"some": known}, AT)
    assert found.named("known_seconds") == {(): 2.5}
    assert found.named("some_ratio") == {("a",): 0.0}
    assert found.named("things_total") == {(): 3.0}
    assert found.named("facts_up") == {("some",): 1.0}
    assert "unknown_seconds" not in found.text


def test_the_facts_are_as_of_the_scrape() -> None:
    requested: list[datetime] = []
    collected({"some": lambda at: requested.append(at)}, AT)
    assert requested == [AT]


def test_a_group_that_breaks_is_absent_as_a_whole_and_told_once() -> None:
    calls: list[tuple[str, str]] = []
    registry = CollectorRegistry()
    facts = {"broken": failing, "some": known}
    collector = FactsCollector(facts, lambda name, error: calls.append((name, str(error))))
    registry.register(collector)
    for _ in range(3):
        found = Figures(generate_latest(registry).decode())
        assert found.named("facts_up") == {("broken",): 0.0, ("some",): 1.0}
        assert found.named("half_seconds") == {} and found.named("known_seconds") == {(): 2.5}
    assert calls == [("broken", "the disk is gone")]


def test_a_group_that_heals_is_back_and_its_next_break_is_told_again() -> None:
    calls: list[str] = []
    groups = iter([failing, known, failing])
    facts = {"some": lambda at: next(groups)(at)}
    collector = FactsCollector(facts, lambda name, error: calls.append(name))
    seen = []
    for _ in range(3):
        families = {family.name: family for family in collector.collect()}
        seen.append(families["tickerlens_facts_up"].samples[0].value)
    assert seen == [0.0, 1.0, 0.0] and calls == ["some", "some"]


@pytest.mark.parametrize(("since", "seconds"), [(None, None), (datetime(2024, 7, 1), 32400.0)])
def test_an_age_is_in_seconds_or_unknown(since: datetime | None, seconds: float | None) -> None:
    assert age(datetime(2024, 7, 1, 9), since) == seconds
