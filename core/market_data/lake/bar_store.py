"""The lake of bars: one Parquet file a ticker, every correction kept as a revision."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from core.foundation.errors import DamagedError, RemovedError
from core.foundation.messages import Message
from core.market_data.lake.bar_summary import summed
from core.market_data.lake.folder_objects import Folder
from core.market_data.lake.holds import HOLD, readable, stretch_since, validate_holds
from core.market_data.lake.lake_index import LakeIndex, Summaries
from core.market_data.lake.objects import Objects
from core.market_data.lake.reading import ReadableBars, named, shown
from core.market_data.lake.revision_files import RevisionFiles
from core.market_data.lake.revisions import SCHEMA, Upserted, latest, merge
from core.reference.bar_holds import Hold
from core.reference.renames import Renames
from core.reference.schema import BAR_COLUMNS, empty_bars, validate_bars
from core.reference.tickers import Ticker

__all__ = ["ParquetBars", "Upserted"]

_AT_ONCE = 8  # parallel reads: decoding a file and waiting for S3 both release the interpreter


class ParquetBars:
    """Bars under a folder or on S3. Safe for several processes; a write is whole or absent.

    A ticker that was renamed has a file of each of its symbols. All are read as one, under the
    symbol that it has now, and written to that one's file.

    Parameters
    ----------
    renames : gives the renames in force.

    Notes
    -----
    `beside` is where hidden objects, whose names begin with a dot, can be kept: they are no bars.
    """

    def __init__(self, place: Path | Objects, renames: Callable[[], Renames] = Renames) -> None:
        self.beside: Objects = Folder(place) if isinstance(place, Path) else place
        self._files = RevisionFiles(self.beside)
        self._index = LakeIndex(self.beside)
        self.edition = self.beside.edition
        self.renames = renames

    def tickers(self) -> list[Ticker]:
        """Every ticker with bars, in alphabetical order; files of other names are passed over."""
        return list(self.stamps())

    def stamps(self) -> dict[Ticker, str]:
        """For each ticker, in order, a text that changes whenever a stored bar of it does."""
        return self._files.stamps(self.renames())

    def stamps_of(self, tickers: Iterable[Ticker]) -> dict[Ticker, str]:
        """`stamps` of these tickers alone, without looking at the others."""
        renames = self.renames()
        found = {one: self._files.stamp(renames.names(one.symbol)) for one in tickers}
        return {one: stamp for one, stamp in found.items() if stamp}

    def load(
        self,
        tickers: Iterable[Ticker | str] | None = None,
        start: datetime | pd.Timestamp | None = None,
        end: datetime | pd.Timestamp | None = None,
        adjusted: bool = True,
        known_at: datetime | pd.Timestamp | None = None,
    ) -> pd.DataFrame:
        """Read bars.

        Parameters
        ----------
        tickers : which ones, or one symbol; all when None. A ticker without bars adds no rows.
        start, end : first and last session wanted, both included.
        adjusted : scale prices for the actions known (see `core.reference.adjustments.adjust`);
            raw otherwise.
        known_at : an aware instant; revisions ingested later are not seen. Latest when None.

        Returns
        -------
        The `bars` contract, sorted by (ticker, session), one row a session: what may be read of
        it, as `core.market_data.lake.holds.readable` says.

        Raises
        ------
        StorageError : the bars cannot be reached, or the stored file of a ticker asked for cannot
            be read; names it. Without `tickers`, such a one is left out: see `damaged`.
        """
        wanted = self.tickers() if tickers is None else named(tickers)
        bars = self._readable(wanted, known_at, strict=tickers is not None)
        return shown(bars, start, end, adjusted)

    def load_readable(self, tickers: Iterable[Ticker]) -> ReadableBars:
        """`load` raw bars of some tickers; one whose file cannot be read adds no rows.

        They are sorted by (ticker, session), in whatever order the tickers are named.
        """
        wanted = sorted(set(tickers))
        tables, last, since = [], dict[str, pd.Timestamp](), dict[str, pd.Timestamp]()
        for ticker, found in zip(wanted, self._all(wanted, self.renames()), strict=True):
            if not isinstance(found, DamagedError):
                newest = latest(found)
                own = _readable(newest)
                steps = newest.filter(pc.equal(newest[HOLD], Hold.STEP))["session"]
                if len(own):
                    tables.append(own)
                    last[ticker.symbol] = pd.Timestamp(own["session"][-1].as_py())
                if len(steps):
                    since[ticker.symbol] = pd.Timestamp(steps[-1].as_py())
        bars = _frame(pa.concat_tables(tables)) if tables else empty_bars()
        return ReadableBars(bars, last, since)

    def latest(self, ticker: Ticker) -> pd.DataFrame:
        """The latest revision of every session of a ticker, whether it may be read or not.

        Returns
        -------
        The `bars` contract, raw, and a column `held`, see
        `core.market_data.lake.holds.validate_held`; sorted by session, without rows if the ticker
        has none.

        Raises
        ------
        StorageError : the stored file cannot be read; names it.
        """
        return _frame(latest(self._stored(ticker, self.renames())))

    def stretch_since(self, ticker: Ticker) -> pd.Timestamp | None:
        """The first session of the newest stretch; None of a ticker without an open step.

        Raises
        ------
        StorageError : the stored file cannot be read; names it.
        """
        return stretch_since(self.latest(ticker))

    def revisions(self, ticker: Ticker) -> pd.DataFrame:
        """All revisions of a ticker: those that `latest` gives, and those they replaced.

        Sorted by session, then by instant of ingestion.

        Raises
        ------
        StorageError : the stored file cannot be read; names it.
        """
        return _frame(self._stored(ticker, self.renames()))

    def summaries(self) -> Summaries:
        """What is stored of each ticker in short, from the index kept beside the bars.

        Only files that changed since are read, by the process that asks first. So an ingest asks
        once at its end, and no page has to wait.

        Raises
        ------
        StorageError : the bars cannot be reached.
        """
        renames = self.renames()
        stamps = self._files.stamps(renames)
        for symbol in {renames.now(old) for old, _ in renames.pairs}:
            ticker = Ticker(symbol)
            if ticker in stamps:  # who else reads this lake may know of other renames
                stamps[ticker] += f" of {' '.join(renames.names(symbol))}"
        return self._index.summaries(
            stamps, lambda wanted: summed(wanted, stamps, self._all(wanted, renames))
        )

    def damaged(self) -> dict[str, Message]:
        """Tickers whose stored file cannot be used, each with the sentence that says why."""
        return self.summaries().damaged

    def stamp(self) -> str:
        """A text that changes whenever a stored bar does: a key for what was computed from them."""
        facts = sorted([*self._files.versions().items(), *self.renames().pairs])
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def upsert(
        self, bars: pd.DataFrame, onto_stored: bool = False, in_place_of: str = ""
    ) -> Upserted:
        """Add bars by (ticker, session); a row that differs from the stored one is a revision.

        Parameters
        ----------
        bars : the `bars` contract, raw. Rows equal to what is stored write nothing. With a column
            `held`, see `core.market_data.lake.holds.validate_held`, a row that differs in it alone
            is a revision too; without it, an equal row stays as it is held, and others may be read.
        onto_stored : the rows continue what was read before, and mean nothing without it.
        in_place_of : a source whose bars these replace, in the same write.

        Raises
        ------
        RemovedError : `onto_stored`, and no bars of a ticker are stored any more; none are then.
        InvalidInputError : a ticker has another symbol now.
        """
        bars = validate_holds(bars) if HOLD in bars.columns else validate_bars(bars)
        done = Upserted()
        for symbol, rows in bars.groupby("ticker", sort=False):
            ticker = Ticker.parse(str(symbol))
            done += self._upsert_one(ticker, rows, onto_stored, in_place_of)
        return done

    def remove(self, ticker: Ticker) -> None:
        """Delete all bars of a ticker, under each of its symbols."""
        self._files.remove(self.renames().names(ticker.symbol))

    def part(self, old: Ticker, new: Ticker, since: datetime) -> pd.Timestamp | None:
        """Let a ticker that was renamed at an instant have what is its own again.

        Corrections of its sessions that were stored under the new symbol since are moved to the old
        one. To be called while the rename is in force, and again if it was stopped: what is read
        stays the same.

        Returns
        -------
        The first session that the new symbol has of its own then; None if it has none.
        """
        return self._files.part(old, new, since, self.renames())

    def _upsert_one(
        self, ticker: Ticker, rows: pd.DataFrame, onto_stored: bool, in_place_of: str
    ) -> Upserted:
        done, renames = Upserted(), self.renames()
        renames.refuse(ticker)
        before = renames.names(ticker.symbol)[1:]

        def change(stored: pa.Table | None) -> pa.Table | None:
            nonlocal done
            beside = self._files.read(ticker, before)
            if onto_stored and stored is None and not len(beside):
                raise RemovedError(
                    "ticker.removed-meanwhile",
                    "{ticker} was removed while its bars were on their way; nothing was stored.",
                    {"ticker": ticker},
                    parameter="ticker",
                )
            stored = SCHEMA.empty_table() if stored is None else stored
            if in_place_of:
                stored = stored.filter(pc.not_equal(stored["source"], in_place_of))
            merged, done = merge(stored, rows, beside)
            return merged

        self._files.update(ticker, change)
        return done

    def _readable(
        self, tickers: list[Ticker], known_at: datetime | pd.Timestamp | None, strict: bool
    ) -> pd.DataFrame:
        tables = []
        for found in self._all(tickers, self.renames()):
            if not isinstance(found, DamagedError):
                tables.append(_readable(latest(found, known_at)))
            elif strict:
                raise found
        return _frame(pa.concat_tables(tables)) if tables else empty_bars()

    def _stored(self, ticker: Ticker, renames: Renames) -> pa.Table:
        return self._files.read(ticker, renames.names(ticker.symbol))

    def _all(self, tickers: list[Ticker], renames: Renames) -> Iterator[pa.Table | DamagedError]:
        """The revisions of each, in order, or why they cannot be read."""

        def one(ticker: Ticker) -> pa.Table | DamagedError:
            try:
                return self._stored(ticker, renames)
            except DamagedError as error:
                return error

        if len(tickers) < 2:
            yield from map(one, tickers)
            return
        with ThreadPoolExecutor(_AT_ONCE) as pool:
            yield from pool.map(one, tickers)


def _readable(stored: pa.Table) -> pa.Table:
    """The bars that may be read, of one ticker's last revisions."""
    if pc.all(pc.equal(stored[HOLD], Hold.NONE)).as_py():
        return stored.drop_columns(HOLD)
    columns = SCHEMA.remove(len(BAR_COLUMNS))
    return pa.Table.from_pandas(readable(_frame(stored)), columns, preserve_index=False)


def _frame(table: pa.Table) -> pd.DataFrame:
    frame: pd.DataFrame = table.to_pandas()
    return frame
