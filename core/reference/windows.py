"""A window of sessions as text, as it is stored and told: "2024-01-02..2024-06-28"."""

from datetime import date

_BETWEEN = ".."


def window_text(first: date | None, last: date | None) -> str:
    """First and last session of a window; empty if there is none.

    A `pandas.Timestamp` is a date, too.
    """
    return "" if first is None or last is None else f"{first:%Y-%m-%d}{_BETWEEN}{last:%Y-%m-%d}"


def parse_window(text: str) -> tuple[date, date] | None:
    """First and last session of what `window_text` wrote; None if there is none."""
    first, _, last = text.partition(_BETWEEN)
    return (date.fromisoformat(first), date.fromisoformat(last)) if last else None


def is_window(text: str) -> bool:
    """Whether a text looks like what `window_text` writes, of some window."""
    return _BETWEEN in text


def window_in_words(text: str) -> str:
    """What `window_text` wrote, as a person reads it; any other text as it is."""
    return text.replace(_BETWEEN, " to ")
