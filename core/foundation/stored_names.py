"""Names that are others at rest than in the program: what is stored once keeps its spelling."""

from collections.abc import Mapping
from typing import Any


class StoredNames:
    """Which fields have another name in a table or in JSON, such as `StoredNames(actor="who")`."""

    def __init__(self, **stored_as: str) -> None:
        self._stored_as = stored_as
        self._own = {stored: own for own, stored in stored_as.items()}

    def stored(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Values by their stored names, in the same order."""
        return {self._stored_as.get(name, name): value for name, value in values.items()}

    def own(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Back from `stored`; what has one name alone, or is not there, stays so."""
        return {self._own.get(name, name): value for name, value in values.items()}
