"""Errors carry a sentence for a person and the parameter at fault."""

import copy
import inspect
import pickle

import pytest

from core.foundation import errors
from core.foundation.messages import Message

KINDS = [
    kind
    for _, kind in inspect.getmembers(errors, inspect.isclass)
    if issubclass(kind, errors.TickerLensError)
]


def test_there_are_kinds_of_errors() -> None:
    assert errors.TickerLensError in KINDS and len(KINDS) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_shows_its_sentence_and_keeps_its_parameter(
    kind: type[errors.TickerLensError],
) -> None:
    raised = kind("port.taken", "The port {port} is taken.", {"port": 80}, parameter="port")
    assert isinstance(raised, errors.TickerLensError)
    assert raised.sentence == Message("port.taken", "The port {port} is taken.", {"port": 80})
    assert str(raised) == raised.message == "The port 80 is taken."
    assert raised.parameter == "port"
    assert kind("x.y", "x").parameter is None


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_comes_whole_out_of_another_process(kind: type[errors.TickerLensError]) -> None:
    raised = kind("port.taken", "The port {port} is taken.", {"port": 80}, parameter="port")
    raised.add_note("seen in a pool")
    for read in (pickle.loads(pickle.dumps(raised)), copy.copy(raised)):
        assert type(read) is kind
        assert (read.sentence, read.message, read.parameter) == (
            raised.sentence,
            "The port 80 is taken.",
            "port",
        )
        assert read.__notes__ == ["seen in a pool"]


def test_an_error_says_a_sentence_made_before() -> None:
    sentence = Message.from_stored("Kept as it {is}.")
    raised = errors.StorageError.of(sentence, "file")
    assert (raised.sentence, raised.message, raised.parameter) == (sentence, str(sentence), "file")
