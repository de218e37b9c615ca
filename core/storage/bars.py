"""The lake of bars: one Parquet file a ticker, every correction kept as a revision."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import quote, unquote

import pandas as pd
import pyarrow as pa

from core.errors import InvalidInputError, StorageError
from core.schema import BAR_COLUMNS, empty_bars, validate_bars
from core.storage.files import exclusive, sweep, write_atomic
from core.storage.held import HELD, USABLE, validate_held
from core.storage.reading import named, shown
from core.tickers import Ticker

_KEY = ["ticker", "session"]
_VALUES = [name for name in BAR_COLUMNS if name not in (*_KEY, "ingested_at")]


@dataclass(frozen=True)
class Upserted:
    """What an upsert did, in bars: never seen before, corrected, and already stored alike."""

    new: int = 0
    corrected: int = 0
    unchanged: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(
            self.new + other.new,
            self.corrected + other.corrected,
            self.unchanged + other.unchanged,
        )


class ParquetBars:
    """Bars under a local folder. Safe for several processes; a write is whole or absent."""

    def __init__(self, root: Path) -> None:
        self._root = root
        sweep(root)

    def tickers(self) -> list[Ticker]:
        """Every ticker with bars, in alphabetical order; files of other names are passed over."""
        found = []
        for path in self._root.glob("*.parquet") if self._root.is_dir() else ():
            with suppress(InvalidInputError):
                ticker = Ticker.parse(unquote(path.stem))
                if self._path(ticker) == path:
                    found.append(ticker)
        return sorted(found)

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
        adjusted : scale prices for the actions known (see `core.adjust.adjust`); raw otherwise.
        known_at : an aware instant; revisions ingested later are not seen. Latest when None.

        Returns
        -------
        The `bars` contract, sorted by (ticker, session), one row a session: what may be read of
        it, as `core.storage.held.usable` says.

        Raises
        ------
        StorageError : the stored file of a ticker asked for cannot be read; names it. Without
            `tickers`, such a one is left out: see `damaged`.
        """
        wanted = self.tickers() if tickers is None else named(tickers)
        frames = []
        for ticker in filter(self._has, wanted):
            try:
                frames.append(self._latest(ticker, known_at))
            except StorageError:
                if tickers is not None:
                    raise
        stored = pd.concat(frames, ignore_index=True) if frames else _empty()
        return shown(stored, start, end, adjusted)

    def latest(self, ticker: Ticker) -> pd.DataFrame:
        """What is known last of every session of a ticker, whether it may be read or not.

        Returns
        -------
        The `bars` contract, raw, and a column `held`, see `core.storage.held.validate_held`;
        sorted by session, without rows if the ticker has none.

        Raises
        ------
        StorageError : the stored file cannot be read; names it.
        """
        return self._latest(ticker, None) if self._has(ticker) else _empty()

    def revisions(self, ticker: Ticker) -> pd.DataFrame:
        """Everything that was ever known of a stored ticker: what `latest` gives, each correction.

        Sorted by session and then by when it was known; the last of a session counts.

        Raises
        ------
        StorageError : the stored file cannot be read; names it.
        """
        path = self._path(ticker)
        try:
            revisions = pd.read_parquet(path)
            columns = [*BAR_COLUMNS, HELD] if HELD in revisions.columns else list(BAR_COLUMNS)
            revisions = revisions[columns]
        except (pa.ArrowException, OSError, KeyError) as error:
            raise StorageError(
                f"{path.name} cannot be read; remove it and ingest {ticker} again.", "ticker"
            ) from error
        if not (revisions["ticker"] == ticker.symbol).all():
            raise StorageError(
                f"{path.name} holds another ticker's bars; remove it and ingest {ticker} again.",
                "ticker",
            )
        # Older files have no such column.
        return revisions if HELD in revisions.columns else revisions.assign(held=USABLE)

    def damaged(self) -> dict[str, str]:
        """Tickers whose stored file cannot be used, each with the sentence that says why."""
        found = {}
        for ticker in self.tickers():
            try:
                self.revisions(ticker)
            except StorageError as error:
                found[ticker.symbol] = error.message
        return found

    def stamp(self) -> str:
        """A text that changes whenever a stored bar does: a key for what was computed from them."""
        files = sorted(self._root.glob("*.parquet")) if self._root.is_dir() else []
        facts = [(path.name, path.stat().st_mtime_ns, path.stat().st_size) for path in files]
        return hashlib.sha256(repr(facts).encode()).hexdigest()

    def stamps(self) -> dict[Ticker, str]:
        """For each ticker a text that changes whenever a stored bar of it does."""
        found = {}
        for ticker in self.tickers():
            with suppress(FileNotFoundError):  # removed meanwhile
                facts = self._path(ticker).stat()
                found[ticker] = f"{facts.st_mtime_ns}-{facts.st_size}"
        return found

    def upsert(self, bars: pd.DataFrame) -> Upserted:
        """Add bars by (ticker, session); a row that differs from the stored one is a revision.

        Parameters
        ----------
        bars : the `bars` contract, raw. Rows equal to what is stored write nothing. With a column
            `held`, see `core.storage.held.validate_held`, a row that differs in it alone is a
            revision too; without it, an equal row stays as it is held, and others may be read.
        """
        bars = validate_held(bars) if HELD in bars.columns else validate_bars(bars)
        done = Upserted()
        for symbol, rows in bars.groupby("ticker", sort=True):
            done += self._upsert_one(Ticker.parse(str(symbol)), rows)
        return done

    def remove(self, ticker: Ticker) -> None:
        """Forget a ticker's bars altogether."""
        # The lock file stays: unlinked, a waiting writer and a new one would hold two of them.
        with exclusive(self._lock(ticker)):
            self._path(ticker).unlink(missing_ok=True)

    def _upsert_one(self, ticker: Ticker, rows: pd.DataFrame) -> Upserted:
        with exclusive(self._lock(ticker)):
            stored = self.revisions(ticker) if self._has(ticker) else _empty()
            latest = _last_revision(stored)
            both = rows.merge(latest, on=_KEY, how="left", suffixes=("", "_stored"), indicator=True)
            known = (both["_merge"] == "both").to_numpy()
            same = known.copy()
            for name in _VALUES:
                ours, theirs = both[name], both[f"{name}_stored"]
                same &= ((ours == theirs) | (ours.isna() & theirs.isna())).to_numpy()
            if HELD in rows.columns:
                same &= (both[HELD] == both[f"{HELD}_stored"]).to_numpy()
            else:
                rows = rows.assign(held=USABLE)
            if not same.all():
                # If the clock went back, a correction is known no earlier than what it corrects.
                at, before = both["ingested_at"], both["ingested_at_stored"]
                at = at.where(~(before > at), before).set_axis(rows.index)
                kept = pd.concat([stored, rows.assign(ingested_at=at)[~same]], ignore_index=True)
                self._write(ticker, kept.sort_values([*_KEY, "ingested_at"], kind="stable"))
        return Upserted(int((~known).sum()), int((known & ~same).sum()), int(same.sum()))

    def _latest(self, ticker: Ticker, known_at: datetime | pd.Timestamp | None) -> pd.DataFrame:
        revisions = self.revisions(ticker)
        if known_at is not None:
            revisions = revisions[revisions["ingested_at"] <= pd.Timestamp(known_at)]
        return _last_revision(revisions)

    def _write(self, ticker: Ticker, revisions: pd.DataFrame) -> None:
        write_atomic(self._path(ticker), lambda path: revisions.to_parquet(path, index=False))

    def _has(self, ticker: Ticker) -> bool:
        return self._path(ticker).is_file()

    def _path(self, ticker: Ticker) -> Path:
        return self._root / f"{quote(ticker.symbol, safe='^=&')}.parquet"

    def _lock(self, ticker: Ticker) -> Path:
        return self._root / ".locks" / f"{quote(ticker.symbol, safe='^=&')}.lock"


def _empty() -> pd.DataFrame:
    return empty_bars().assign(held=pd.Series(dtype="str"))


def _last_revision(revisions: pd.DataFrame) -> pd.DataFrame:
    return revisions.drop_duplicates(_KEY, keep="last").reset_index(drop=True)
