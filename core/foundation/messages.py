"""A sentence for a person as a code and its parameters, so that it can be said in any language."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
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
    parameters : what is put into it; a message in a message is allowed.

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

    def __str__(self) -> str:
        return self.text.format(**self.parameters) if self.code else self.text

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values: code, text and parameters."""
        values = {name: _stored(value) for name, value in self.parameters.items()}
        return {"code": self.code, "text": self.text, "parameters": values}

    @classmethod
    def from_stored(cls, stored: "str | Mapping[str, Any]") -> Self:
        """Back from `to_dict`, or from a sentence that was stored before there were codes."""
        if isinstance(stored, str):
            return cls("", stored)
        values = {
            name: cls.from_stored(value) if isinstance(value, Mapping) else value
            for name, value in stored["parameters"].items()
        }
        return cls(stored["code"], stored["text"], values)


def _stored(value: Any) -> Any:
    if isinstance(value, Message):
        return value.to_dict()
    return value.isoformat() if isinstance(value, date) else value
