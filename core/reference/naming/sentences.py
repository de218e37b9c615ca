"""Sentences for a text that means none or several instruments."""

from collections.abc import Sequence

from core.foundation.messages import Message
from core.foundation.printable import printable

_SHOWN = 20  # characters of what was typed that a sentence repeats
_CHOICES = 3  # names among which a sentence asks to choose


def ambiguous(text: str, names: Sequence[str | Message]) -> Message:
    """The sentence for a text that means several instruments."""
    return Message(
        "ticker.ambiguous",
        "{text} may be {choices}; write which.",
        {"text": shown(text), "choices": choices(names)},
    )


def choices(names: Sequence[str | Message]) -> Message:
    """The first names among which one has to choose, and how many more there are."""
    more = len(names) - _CHOICES
    if more > 0:
        return Message(
            "choices.and-more",
            "{names} or {more:,} more",
            {"names": list(names[:_CHOICES]), "more": more},
        )
    return Message("choices.all", "{names: or }", {"names": list(names)})


def shown(text: str) -> str:
    """What was typed, as far as it can be shown, and no more than a line holds."""
    return printable(text, _SHOWN)
