"""From where an action came, as it goes on record."""

import threading

from core.foundation.audit import Action, Audit
from core.foundation.keys.caller import Caller, Entrance, called_from, current_caller, set_caller
from core.foundation.sql.database import Database
from tests.support.homes import AT

OFFICE = Caller(Entrance.API, "192.0.2.7")


def test_an_action_is_noted_with_its_caller(records_url: str) -> None:
    audit = Audit(Database(records_url))
    audit.add(Action(AT, "ann", "train", "all"))
    with called_from(OFFICE):
        audit.add(Action(AT, "bob", "train", "us"))
        audit.add(Action(AT, "eva", "train", "us", door="page", address="::1"))
    audit.add(Action(AT, "ann", "train", "tw"))
    found = [(one.actor, one.door, one.address) for one in audit.latest()]
    assert found == [
        ("ann", "", ""),
        ("eva", "page", "::1"),
        ("bob", "api", "192.0.2.7"),
        ("ann", "", ""),
    ]
    assert [one.actor for one in audit.latest(2, skip=1)] == ["eva", "bob"]
    assert audit.count() == 4


def test_another_thread_has_a_caller_of_its_own() -> None:
    found = []

    def look() -> None:
        found.append(current_caller())
        set_caller(Caller(Entrance.PAGE))

    with called_from(OFFICE):
        thread = threading.Thread(target=look)
        thread.start()
        thread.join()
        assert current_caller() == OFFICE
    assert found == [Caller()] and current_caller() == Caller()
