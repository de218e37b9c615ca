"""The files of revisions: one a symbol, of which a renamed ticker has several."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime
from functools import lru_cache
from urllib.parse import quote, unquote

import pandas as pd
import pyarrow as pa

from core.foundation.errors import InvalidInputError
from core.market_data.lake.objects import Objects
from core.market_data.lake.revisions import (
    SCHEMA,
    decode,
    encode,
    joined,
    less,
    of_ticker,
    revised_since,
)
from core.reference.renames import Renames
from core.reference.tickers import Ticker

_ENDING = ".parquet"


class RevisionFiles:
    """One Parquet file a symbol among named objects; read as one where a ticker has several."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def versions(self) -> dict[str, str]:
        """Every file with a text that changes whenever it does."""
        found = self._objects.versions().items()
        return {name: version for name, version in sorted(found) if name.endswith(_ENDING)}

    def stamps(self, renames: Renames) -> dict[Ticker, str]:
        """The versions of each ticker's files, in order; files of other names are passed over."""
        found: dict[Ticker, str] = {}
        for name, version in self.versions().items():
            ticker = _ticker(name)
            if ticker is not None:
                now = ticker if not renames.pairs else Ticker(renames.now(ticker.symbol))
                found[now] = f"{found[now]}, {version}" if now in found else version
        return dict(sorted(found.items(), key=lambda item: item[0].symbol))

    def stamp(self, symbols: Sequence[str]) -> str:
        """The versions of the files of these symbols, as `stamps` gives them; empty without any."""
        found = {_name(symbol): self._objects.version(_name(symbol)) for symbol in symbols}
        return ", ".join(found[name] or "" for name in sorted(found) if found[name])

    def read(self, ticker: Ticker, symbols: Sequence[str]) -> pa.Table:
        """The revisions in the files of these symbols, as those of one ticker.

        Parameters
        ----------
        symbols : the newest first; of two revisions known at once, the newer symbol's is the later.

        Raises
        ------
        StorageError : a file cannot be read; names it.
        """
        found = SCHEMA.empty_table()
        for symbol in reversed(symbols):
            stored = _decode(symbol, self._objects.read(_name(symbol)))
            stored = stored if symbol == ticker.symbol else of_ticker(stored, ticker)
            found = joined(found, stored) if len(found) else stored
        return found

    def update(self, ticker: Ticker, change: Callable[[pa.Table | None], pa.Table | None]) -> None:
        """Replace the file of a ticker's own symbol, as `Objects.update` does."""

        def changed(content: bytes | None) -> bytes | None:
            new = change(None if content is None else _decode(ticker.symbol, content))
            return None if new is None else encode(new)

        self._objects.update(_name(ticker.symbol), changed)

    def remove(self, symbols: Sequence[str]) -> None:
        """Delete the files of these symbols, the newest first, in the other order."""
        for symbol in reversed(symbols):
            self._objects.remove(_name(symbol))

    def part(
        self, old: Ticker, new: Ticker, since: datetime, renames: Renames
    ) -> pd.Timestamp | None:
        """Move to the file of `old` what was revised of its bars under `new` since an instant.

        The file of `old` is written first: stopped in between, the next time ends it.

        Returns
        -------
        The first session that `new` has of its own then; None if it has none.
        """
        theirs = self.read(new, renames.without(old.symbol).names(old.symbol))
        own = self.read(new, [new.symbol])
        moved = revised_since(own, theirs, since)
        missing, left = of_ticker(less(moved, theirs), old), less(own, moved)
        if len(missing):
            self.update(old, lambda stored: missing if stored is None else joined(stored, missing))
        if len(moved) and not len(left):
            self.remove([new.symbol])
        elif len(moved):
            self.update(new, lambda stored: None if stored is None else less(stored, moved))
        return pd.Timestamp(left["session"][0].as_py()) if len(left) else None


def _decode(symbol: str, content: bytes | None) -> pa.Table:
    if content is None:
        return SCHEMA.empty_table()
    return decode(content, _name(symbol), Ticker(symbol))


@lru_cache(maxsize=20_000)  # of a whole exchange, listed again and again
def _ticker(name: str) -> Ticker | None:
    """Whose file has this name; None if it is nobody's."""
    with suppress(InvalidInputError):
        ticker = Ticker.parse(unquote(name.removesuffix(_ENDING)))
        return ticker if _name(ticker.symbol) == name else None
    return None


def _name(symbol: str) -> str:
    return quote(symbol, safe="^=&") + _ENDING
