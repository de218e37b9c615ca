"""Errors carry a sentence for a person and the parameter at fault."""

import inspect

import pytest

from core.foundation import errors

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass)]


def test_there_are_kinds_of_errors() -> None:
    assert errors.TickerLensError in KINDS and len(KINDS) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_shows_its_sentence_and_keeps_its_parameter(
    kind: type[errors.TickerLensError],
) -> None:
    raised = kind("The port is taken.", "port")
    assert isinstance(raised, errors.TickerLensError)
    assert (str(raised), raised.message, raised.parameter) == ("The port is taken.",) * 2 + (
        "port",
    )
    assert kind("x").parameter is None
