"""The index of a lake: a summary of each ticker, kept beside the bars, renewed by their stamps."""

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields
from functools import cached_property
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from core.foundation.errors import StorageError
from core.foundation.messages import Message
from core.market_data.lake.bar_summary import BarSummary
from core.market_data.lake.objects import Objects
from core.reference.tickers import Ticker

# Hidden, so that no listing of the lake names it and no stamp of the bars changes with it.
NAME = ".index"
_FORMAT = b"1"  # of the file; one of another format is made anew
_FORMAT_KEY = b"tickerlens_index"
_TYPES = {
    "stored_bits": pa.binary(),
    "sources": pa.list_(pa.string()),
    "last_close": pa.float64(),
    "change": pa.float64(),
}
_NUMBERS = ("first_stored", "tail", "newest_read", "held_back", "count", "first", "last")
_TYPES |= dict.fromkeys(_NUMBERS, pa.int64())
_NAMES = tuple(one.name for one in fields(BarSummary))
_SCHEMA = pa.schema(
    [(name, _TYPES.get(name, pa.string())) for name in _NAMES], {_FORMAT_KEY: _FORMAT}
)

# Reads the tickers that are named. One that cannot be read for a while only has no stamp.
Read = Callable[[list[Ticker]], Iterable[BarSummary]]


@dataclass(frozen=True, eq=False)
class Summaries:
    """A summary of every stored ticker as it was at one moment; two are equal if they are one."""

    by_ticker: Mapping[Ticker, BarSummary] = field(default_factory=dict)

    def __iter__(self) -> Iterator[BarSummary]:
        """Those whose file can be read, in the order of their tickers."""
        return (one for one in self.by_ticker.values() if not one.damaged)

    @cached_property
    def damaged(self) -> dict[str, Message]:
        """Tickers whose stored file cannot be used, each with the sentence that says why."""
        every = self.by_ticker.values()
        return {one.symbol: one.damage for one in every if one.damage is not None}

    @cached_property
    def stamp(self) -> str:
        """A text that changes whenever a stored bar does: a key for what was computed from them."""
        facts = [(one.symbol, one.stamp) for one in self.by_ticker.values()]
        return hashlib.sha256(repr(facts).encode()).hexdigest()


class LakeIndex:
    """Summaries that are read from the bars only where these have changed.

    Kept among the objects of the lake, for all that read it, as one that no listing names. A
    summary counts only while its stamp is the present one of its ticker, so that nothing depends
    on who wrote the bars or the index, and a lost, damaged or older one costs reading alone. Where
    it cannot be written it is kept in this process.
    """

    def __init__(self, objects: Objects) -> None:
        self._objects = objects
        self._summaries = Summaries()
        self._one_at_a_time = threading.Lock()

    def summaries(self, stamps: Mapping[Ticker, str], read: Read) -> Summaries:
        """Of every ticker as it is stored, in their order; the same object while nothing changed.

        Parameters
        ----------
        stamps : of each ticker, as just listed.
        read : gives a summary of each ticker of a list, read from its bars.

        Raises
        ------
        StorageError : the bars cannot be reached.
        """
        if _is_of(self._summaries, stamps):
            return self._summaries
        with self._one_at_a_time:
            known = self._summaries.by_ticker
            found = _valid(known.values(), stamps)
            if len(found) < len(stamps):
                found = _valid(self._stored(), stamps) | found
            changed = [ticker for ticker in stamps if ticker not in found]
            fresh = {one.ticker: one for one in read(changed)} if changed else {}
            every = {ticker: found.get(ticker) or fresh[ticker] for ticker in stamps}
            if every != known:
                self._summaries = Summaries(every)
            if _valid(fresh.values(), stamps):
                self._keep(stamps)
            return self._summaries

    def _stored(self) -> list[BarSummary]:
        """What is kept beside the bars, of which some may be of earlier ones."""
        with suppress(StorageError):
            return _decode(self._objects.read(NAME))
        return []

    def _keep(self, stamps: Mapping[Ticker, str]) -> None:
        """Put what was read beside the bars, with what others put there and still holds."""

        def change(content: bytes | None) -> bytes:
            ours = _valid(self._summaries.by_ticker.values(), stamps)
            every = _valid(_decode(content), stamps) | ours
            return _encode(sorted(every.values(), key=lambda one: one.symbol))

        with suppress(StorageError, OSError):  # a lake that may only be read, or a full disk
            self._objects.update(NAME, change)


def _is_of(summaries: Summaries, stamps: Mapping[Ticker, str]) -> bool:
    known = summaries.by_ticker
    return list(known) == list(stamps) and all(
        one.stamp == stamp for one, stamp in zip(known.values(), stamps.values(), strict=True)
    )


def _valid(
    summaries: Iterable[BarSummary], stamps: Mapping[Ticker, str]
) -> dict[Ticker, BarSummary]:
    return {one.ticker: one for one in summaries if stamps.get(one.ticker) == one.stamp}


def _encode(summaries: list[BarSummary]) -> bytes:
    sink = BytesIO()
    columns = [
        pa.array([getattr(one, name) for one in summaries], _SCHEMA.field(name).type)
        for name in _NAMES
    ]
    pq.write_table(pa.table(columns, _SCHEMA), sink, write_page_checksum=True)
    return sink.getvalue()


def _decode(content: bytes | None) -> list[BarSummary]:
    """The summaries of a file; none where it is damaged, of another format or not there."""
    if content is None:
        return []
    try:
        file = pq.ParquetFile(BytesIO(content), page_checksum_verification=True)
        if (file.schema_arrow.metadata or {}).get(_FORMAT_KEY) != _FORMAT:
            return []
        columns = file.read(use_threads=False).select(_NAMES).to_pydict()
    except (pa.ArrowException, OSError, KeyError):
        return []
    columns["sources"] = [tuple(one) for one in columns["sources"]]
    return [BarSummary(*values) for values in zip(*(columns[name] for name in _NAMES))]
