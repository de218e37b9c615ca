"""A sentence for a person as a code and its parameters, so that it can be said in any language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any, Self


@dataclass(frozen=True)
class Message:
    """One sentence.

    Parameters
    ----------
    code : which sentence it is, such as "ticker.not-tracked"; stays the same for good, since it is
        stored and a translation is found by it. Empty for what was stored before there were codes.
    text : the sentence in English, with the names of its parameters in braces as `str.format`
        has them.
    parameters : what is put into it; a message in a message is allowed. A list is put in with
        commas, or with what stands behind a colon between its items: "{names: or }". A number
        that is shown with a sign gets a true minus: "{change:+.1f}".

    Notes
    -----
    Without a code, `text` is a finished sentence and braces in it mean nothing.

    Examples
    --------
    >>> young = Message("ticker.too-young", "{ticker} has {n} sessions.", {"ticker": "TSM", "n": 5})
    >>> str(young)
    'TSM has 5 sessions.'
    >>> Message.from_stored(young.to_dict()) == young
    True
    >>> str(Message.from_stored("Kept as it {is}."))
    'Kept as it {is}.'
    """

    code: str
    text: str
    parameters: Mapping[str, Any] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.code, self.text))  # values may have none

    def __str__(self) -> str:
        if not self.code:
            return self.text
        return self.text.format(**{name: _Shown(one) for name, one in self.parameters.items()})

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values: code, text and parameters."""
        values = {name: _stored(value) for name, value in self.parameters.items()}
        return {"code": self.code, "text": self.text, "parameters": values}

    @classmethod
    def from_stored(cls, stored: "str | Mapping[str, Any]") -> Self:
        """Back from `to_dict`, or from a sentence that was stored before there were codes."""
        if isinstance(stored, str):
            return cls("", stored)
        values = {name: _restored(value) for name, value in stored["parameters"].items()}
        return cls(stored["code"], stored["text"], values)


@dataclass(frozen=True)
class _Shown:
    """A value as it stands in a sentence."""

    value: Any

    def __format__(self, spec: str) -> str:
        if isinstance(self.value, list | tuple):
            return (spec or ", ").join(map(str, self.value))
        shown = format(self.value, spec)
        return shown.replace("-", "\N{MINUS SIGN}") if spec.startswith("+") else shown


def _stored(value: Any) -> Any:
    if isinstance(value, Message):
        return value.to_dict()
    if isinstance(value, list | tuple):
        return [_stored(one) for one in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Integral):
        return int(value)
    return float(value) if isinstance(value, Real) else str(value)


def _restored(value: Any) -> Any:
    if isinstance(value, Mapping):
        return Message.from_stored(value)
    return [_restored(one) for one in value] if isinstance(value, list) else value
