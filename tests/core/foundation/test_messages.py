"""A message is a code, its parameters and a sentence; what was stored before stays readable."""

import json
from datetime import date
from pathlib import Path

import numpy as np
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


def test_the_text_says_what_stands_between_the_items_of_a_list() -> None:
    names = {"names": ["AAPL", INNER, "TSM"]}
    assert str(Message("a.b", "Not {names}.", names)) == "Not AAPL, 3 of 6 dates, TSM."
    either = Message("a.c", "It is {names: or }.", names)
    assert str(either) == "It is AAPL or 3 of 6 dates or TSM."
    assert Message.from_stored(json.loads(json.dumps(either.to_dict()))) == either


def test_the_same_sentence_is_found_again() -> None:
    twice = [OUTER, Message("a.b", "Not {names}.", {"names": [1]}), Message.from_stored("x")] * 2
    assert list(dict.fromkeys(twice)) == twice[:3]


def test_what_is_stored_reads_as_it_did() -> None:
    values = {"n": np.int64(3_000), "x": np.float64(0.5), "at": Path("/srv"), "no": None}
    message = Message("a.b", "{n:,} {x:.2f} {at} {no}", values)
    assert str(message) == "3,000 0.50 /srv None"
    assert str(Message.from_stored(json.loads(json.dumps(message.to_dict())))) == str(message)
