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
