"""What the options of commands are given, as values, or one sentence that says what is wrong."""

import pandas as pd

from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.reference.schema import validate_horizon

_SHOWN_CHARACTERS = 24  # of what was given


def names(text: str) -> list[str]:
    """Names of forecasters between commas."""
    found = [name.strip() for name in text.split(",") if name.strip()]
    if not found:
        raise InvalidInputError(
            "cli.no-forecaster-named",
            "Name at least one forecaster, such as har.",
            parameter="models",
        )
    return found


def count(text: str) -> int:
    """A count of sessions."""
    values = {"given": text[:_SHOWN_CHARACTERS]}
    refusal = Message("cli.no-count", '"{given}" is not a count of sessions such as 3.', values)
    return _number(text, refusal)


def horizon(text: str) -> int:
    """A horizon in sessions."""
    return validate_horizon(int(text) if text.isascii() and text.isdigit() else text)


def version(text: str) -> int:
    """The number of a model version."""
    values = {"given": text[:_SHOWN_CHARACTERS]}
    return _number(
        text, Message("cli.no-version", '"{given}" is not a model version such as 3.', values)
    )


def entry(text: str) -> int:
    """The number of an entry of the quarantine."""
    values = {"given": text[:_SHOWN_CHARACTERS]}
    refusal = Message("cli.no-entry", '"{given}" is not the number of an entry such as 3.', values)
    return _number(text, refusal)


def _number(text: str, refusal: Message) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise InvalidInputError.of(refusal)
    return int(text)


def date(text: str) -> pd.Timestamp:
    """A session, as YYYY-MM-DD."""
    try:
        return pd.to_datetime(text, format="%Y-%m-%d")
    except ValueError:
        raise InvalidInputError(
            "cli.no-date",
            '"{given}" is not a date such as 2026-11-20.',
            {"given": text[:_SHOWN_CHARACTERS]},
        ) from None
