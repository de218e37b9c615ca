"""A message is a code, its parameters and a sentence; what was stored before stays readable."""

import json
from datetime import date

import pytest

from core.foundation.messages import Message

INNER = Message("history.short", "{n} of {least} dates", {"n": 3, "least": 6})
OUTER = Message("gate.few-dates", "Too few dates: {cause}.", {"cause": INNER})


def test_parameters_stand_in_the_sentence_and_may_be_sentences() -> None:
    assert str(OUTER) == "Too few dates: 3 of 6 dates."


def test_a_message_survives_json() -> None:
    read = Message.from_stored(json.loads(json.dumps(OUTER.to_dict())))
    assert read == OUTER and str(read) == str(OUTER)


def test_a_date_is_stored_as_its_iso_form() -> None:
    at = Message("session.closed", "{session} is closed.", {"session": date(2026, 1, 2)})
    assert at.to_dict()["parameters"] == {"session": "2026-01-02"}
    assert str(Message.from_stored(at.to_dict())) == str(at)


def test_braces_in_a_parameter_or_an_older_sentence_mean_nothing() -> None:
    message = Message("file.column", "No column {name}.", {"name": "{x}"})
    assert str(message) == "No column {x}."
    assert str(Message.from_stored("{x} is odd")) == "{x} is odd"


def test_a_missing_parameter_is_noticed() -> None:
    with pytest.raises(KeyError):
        str(Message("file.column", "No column {name}."))
