"""How ingests went: counted by outcome, what never happened left out."""

from datetime import timedelta

from core.storage.database import Database
from core.storage.outcomes import NOT_FOUND, OK, UNAVAILABLE, Outcome, Outcomes
from tests.homes import AT


def test_outcomes_are_counted_and_the_last_success_is_known(records_url: str) -> None:
    outcomes = Outcomes(Database(records_url))
    assert outcomes.counts() == {} and outcomes.last_success() is None
    outcomes.add([])
    later = AT + timedelta(hours=1)
    outcomes.add([Outcome(AT, "A", "csv", OK), Outcome(AT, "B", "csv", NOT_FOUND, "B is unknown.")])
    outcomes.add([Outcome(later, "A", "csv", UNAVAILABLE, "Silent."), Outcome(AT, "C", "csv", OK)])
    assert outcomes.counts() == {OK: 2, NOT_FOUND: 1, UNAVAILABLE: 1}
    assert outcomes.last_success() == AT


def test_what_came_last_of_each_ticker_and_of_a_source(records_url: str) -> None:
    outcomes = Outcomes(Database(records_url))
    assert outcomes.last_of_each() == {} and outcomes.latest_run("yahoo") == []
    later = AT + timedelta(hours=1)
    first = [Outcome(AT, "A", "yahoo", OK), Outcome(AT, "B", "yahoo", UNAVAILABLE, "Silent.")]
    second = [Outcome(later, "B", "yahoo", OK), Outcome(later, "C", "csv", NOT_FOUND, "No.")]
    outcomes.add(first)
    outcomes.add(second)
    assert outcomes.last_of_each() == {"A": first[0], "B": second[0], "C": second[1]}
    assert outcomes.latest_run("yahoo") == [second[0]]
    assert outcomes.latest_run("csv") == [second[1]]
    assert outcomes.last_success("yahoo") == later and outcomes.last_success("csv") is None
