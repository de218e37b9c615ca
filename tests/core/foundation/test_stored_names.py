"""What is stored under another name comes back under its own."""

from core.foundation.stored_names import StoredNames

NAMES = StoredNames(actor="who", reason="why")


def test_values_are_stored_under_their_old_names_in_the_same_order() -> None:
    stored = NAMES.stored({"at": 1, "actor": "ann", "reason": "so"})
    assert list(stored.items()) == [("at", 1), ("who", "ann"), ("why", "so")]


def test_they_come_back_and_what_older_values_lack_stays_away() -> None:
    assert NAMES.own({"who": "ann", "why": "so", "at": 1}) == {
        "actor": "ann",
        "reason": "so",
        "at": 1,
    }
    assert NAMES.own({"at": 1}) == {"at": 1}
