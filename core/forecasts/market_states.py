"""The market state beside the lake: sums over all stored tickers, brought up to date in blocks."""

import hashlib
import io
import logging
import threading
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.features.market_state import MarketState
from core.features.panel import Panel
from core.features.spec import HAR
from core.foundation.errors import DamagedError, StorageError
from core.foundation.source_commit import VERSION
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.objects import Objects
from core.reference.tickers import Ticker

TICKERS_A_BLOCK = 64  # read together; a block that grew to twice as many is split
_NAME = ".market-state"  # hidden: it is no bar, and changes no stamp of them
_FORMAT = 1
_TRIES = 5

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class StoredState:
    """The state of all stored tickers.

    `stamps` are those of the bars that it was made from, by symbol; `blocks` the symbols that were
    summed together, each by the name of the object that holds their sums.
    """

    state: MarketState
    stamps: dict[str, str]
    blocks: dict[str, tuple[str, ...]]

    @property
    def stamp(self) -> str:
        """A text that changes with any bar that it was made from."""
        return _hashed(sorted(self.stamps.items()))


_NOTHING = StoredState(MarketState.joined([]), {}, {})


class MarketStates:
    """Keeps the market state of a lake, in hidden objects beside its bars.

    It can be rebuilt from the bars at any time, and is where it was lost or made by another
    version. What cannot be written, in a home that is read-only, is kept in memory.

    Parameters
    ----------
    bars : the lake.
    """

    def __init__(self, bars: ParquetBars) -> None:
        self._bars = bars
        self._lock = threading.Lock()
        self._known = _NOTHING
        self._stamp: str | None = None  # under which the known one was found to be right

    def current(self, stamp: str | None = None) -> StoredState:
        """The state of the bars as they are stored now; of those that can be read.

        Only blocks with a ticker that changed since are read.

        Parameters
        ----------
        stamp : a text that changes with any bar; while it is the one of the last call, the bars
            are not even listed. When None, they are.

        Raises
        ------
        StorageError : the place of the bars cannot be reached.
        """
        with self._lock:
            if stamp is not None and stamp == self._stamp:
                return self._known
            self._stamp = None
            for _ in range(_TRIES):
                stamps = {one.symbol: stamp for one, stamp in self._bars.stamps().items()}
                if stamps != self._known.stamps:
                    self._known = self._stored() or self._known
                if stamps == self._known.stamps:
                    self._stamp = stamp
                    return self._known
                self._known = self._brought_up(self._known, stamps)
            return self._known

    def _brought_up(self, before: StoredState, stamps: dict[str, str]) -> StoredState:
        """The state with the blocks of changed tickers summed anew; written down, if it can be."""
        place = self._bars.beside
        blocks = {_block_name(names, stamps): names for names in _partition(before, stamps)}
        gone = {name: names for name, names in before.blocks.items() if name not in blocks}
        new = [name for name in blocks if name not in before.blocks]
        state = before.state
        for name in gone:
            old = _read(place, name)
            if old is None:  # nothing tells what is to be taken out: all is summed anew
                gone, new, state = {}, list(blocks), MarketState.joined([])
                break
            state = state.without(old)
        for name in new:
            part = _read(place, name) or self._summed(blocks[name])
            state = MarketState.joined([state, part])
            _write(place, name, part, {})
        now = StoredState(state, stamps, blocks)
        _write(place, _NAME, state, {"stamps": stamps, "blocks": blocks})
        for name in gone:
            with suppress(StorageError, OSError):
                place.remove(name)
        return now

    def _summed(self, symbols: Iterable[str]) -> MarketState:
        read = self._bars.load_readable([Ticker(one) for one in symbols])
        return Panel.of_valid(read.bars).market_state

    def _stored(self) -> StoredState | None:
        found = _table(self._bars.beside, _NAME)
        if found is None:
            return None
        blocks = {name: tuple(symbols) for name, symbols in found.attrs["blocks"].items()}
        return StoredState(_state(found), found.attrs["stamps"], blocks)


def _partition(before: StoredState, stamps: Mapping[str, str]) -> list[tuple[str, ...]]:
    """The symbols in blocks of neighbours, as they were cut before; grown ones are cut again."""
    starts = sorted(min(names) for names in before.blocks.values())
    found: dict[int, list[str]] = {}
    for symbol in sorted(stamps):
        found.setdefault(max(bisect_right(starts, symbol), 1), []).append(symbol)
    blocks = []
    for names in found.values():
        size = len(names) if len(names) < 2 * TICKERS_A_BLOCK else TICKERS_A_BLOCK
        blocks += [tuple(names[at : at + size]) for at in range(0, len(names), size)]
    return blocks


def _block_name(symbols: Iterable[str], stamps: Mapping[str, str]) -> str:
    return f"{_NAME}-{_hashed([(one, stamps[one]) for one in symbols])[:24]}"


def _hashed(facts: object) -> str:
    """Of facts about the bars, and of what makes the sums of them."""
    return hashlib.sha256(repr((facts, HAR.digest, VERSION, _FORMAT)).encode()).hexdigest()


def _table(place: Objects, name: str) -> pd.DataFrame | None:
    """A stored table; None if there is none of this version that can be read."""
    try:
        content = place.read(name)
        found = None if content is None else pd.read_parquet(io.BytesIO(content))
    except (DamagedError, ValueError, OSError):
        return None
    return found if found is not None and found.attrs.get("made_by") == _made_by() else None


def _read(place: Objects, name: str) -> MarketState | None:
    found = _table(place, name)
    return None if found is None else _state(found)


def _write(place: Objects, name: str, state: MarketState, facts: dict[str, Any]) -> None:
    table = pd.DataFrame(state.sums, columns=[f"sum_{at}" for at in range(state.sums.shape[1])])
    table.insert(0, "calendar", state.calendar)
    table.insert(1, "session", state.session)
    table.attrs.update(facts, made_by=_made_by(), calendars=list(state.calendars))
    content = table.to_parquet(index=False)
    try:
        place.update(name, lambda _: content)
    except (StorageError, OSError) as error:
        _log.warning("the market state is not stored: %s", error)


def _state(table: pd.DataFrame) -> MarketState:
    return MarketState(
        tuple(table.attrs["calendars"]),
        table["calendar"].to_numpy(np.int64),
        table["session"].to_numpy().astype("datetime64[ns]"),
        np.ascontiguousarray(table.filter(like="sum_").to_numpy(np.int64)),
    )


def _made_by() -> str:
    return _hashed("")
