"""Encode a ticker's revisions as one Parquet file, decode them, and merge new rows."""

from dataclasses import dataclass
from datetime import datetime
from io import BytesIO

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.foundation.errors import DamagedError
from core.market_data.lake.holds import HOLD
from core.market_data.lake.reading import nanoseconds
from core.reference.bar_holds import Hold
from core.reference.schema import BAR_COLUMNS
from core.reference.tickers import Ticker

_TYPES = {
    "ticker": pa.large_string(),
    "session": pa.timestamp("ns"),
    "source": pa.large_string(),
    "ingested_at": pa.timestamp("ns", tz="UTC"),
    HOLD: pa.large_string(),
}
SCHEMA = pa.schema([(name, _TYPES.get(name, pa.float64())) for name in (*BAR_COLUMNS, HOLD)])
_VALUES = [name for name in BAR_COLUMNS if name not in ("ticker", "session", "ingested_at")]


@dataclass(frozen=True)
class Upserted:
    """The result of an upsert, in bars: new, corrected, and unchanged."""

    new: int = 0
    corrected: int = 0
    unchanged: int = 0

    def __add__(self, other: "Upserted") -> "Upserted":
        return Upserted(
            self.new + other.new,
            self.corrected + other.corrected,
            self.unchanged + other.unchanged,
        )


def encode(revisions: pa.Table) -> bytes:
    """The bytes of a Parquet file; equal tables give equal bytes."""
    sink = BytesIO()
    pq.write_table(
        revisions.combine_chunks(),
        sink,
        use_dictionary=["ticker", "source", HOLD],
        write_page_checksum=True,
    )
    return sink.getvalue()


def decode(content: bytes, name: str, ticker: Ticker) -> pa.Table:
    """A ticker's revisions from the bytes of its file, in the order of (session, ingested_at).

    Raises
    ------
    DamagedError : the bytes are no such file; names it.
    """
    try:
        file = pq.ParquetFile(BytesIO(content), page_checksum_verification=True)
        revisions = file.read(use_threads=False)
        if HOLD not in revisions.column_names:  # as before there was such a column
            no_hold = pa.array([Hold.NONE] * len(revisions), pa.large_string())
            revisions = revisions.append_column(HOLD, no_hold)
        revisions = revisions.select(SCHEMA.names).cast(SCHEMA)
    except (pa.ArrowException, OSError, KeyError) as error:
        raise DamagedError(
            "bars.unreadable",
            "{file} cannot be read; remove it and ingest {ticker} again.",
            {"file": name, "ticker": ticker},
            parameter="ticker",
        ) from error
    if not pc.all(pc.equal(revisions["ticker"], ticker.symbol)).as_py():
        raise DamagedError(
            "bars.of-another",
            "{file} holds another ticker's bars; remove it and ingest {ticker} again.",
            {"file": name, "ticker": ticker},
            parameter="ticker",
        )
    return revisions


def latest(revisions: pa.Table, known_at: datetime | pd.Timestamp | None = None) -> pa.Table:
    """The last revision of every session, of those ingested by an instant if one is given."""
    if known_at is not None:
        seen = revisions["ingested_at"].to_numpy().astype("int64") <= nanoseconds(known_at)
        revisions = revisions if seen.all() else revisions.filter(pa.array(seen))
    session = revisions["session"].to_numpy()
    last = np.ones(len(session), dtype=bool)
    last[:-1] = session[1:] != session[:-1]
    return revisions if last.all() else revisions.filter(pa.array(last))


def merge(
    stored: pa.Table, rows: pd.DataFrame, beside: pa.Table = SCHEMA.empty_table()
) -> tuple[pa.Table | None, Upserted]:
    """Add one ticker's rows to its revisions.

    Parameters
    ----------
    stored : as `decode` gives them.
    beside : more revisions of the ticker, stored elsewhere; they count as stored, and stay there.
    rows : valid bars in order of their sessions, with or without `held`; without it a row equal
        to the stored one stays as it is held, and any other may be read.

    Returns
    -------
    The revisions as they are then, None if none was added, and what was done.
    """
    last = latest(joined(beside, stored))
    theirs, ours = last["session"].to_numpy(), rows["session"].to_numpy()
    place = np.searchsorted(theirs, ours)
    known = np.append(theirs, np.datetime64("NaT", "ns"))[place] == ours
    before = last.take(pa.array(place[known]))
    same = known.copy()
    for name in (*_VALUES, HOLD) if HOLD in rows.columns else _VALUES:
        same[known] &= _alike(before[name].to_numpy(), rows[name].to_numpy()[known])
    done = Upserted(int((~known).sum()), int((known & ~same).sum()), int(same.sum()))
    if same.all():
        return None, done
    # If the clock went back, a correction is known no earlier than what it corrects.
    at = rows["ingested_at"].dt.tz_localize(None).to_numpy().copy()
    at[known] = np.maximum(at[known], before["ingested_at"].to_numpy())
    values = {name: rows[name].to_numpy() for name in BAR_COLUMNS} | {"ingested_at": at}
    values[HOLD] = rows[HOLD].to_numpy() if HOLD in rows.columns else np.full(len(rows), Hold.NONE)
    fresh = [pa.array(values[one.name][~same], one.type, from_pandas=True) for one in SCHEMA]
    return joined(stored, pa.table(fresh, SCHEMA)), done


def _alike(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    alike: np.ndarray = one == other
    if one.dtype.kind == "f":
        alike |= np.isnan(one) & np.isnan(other)
    return alike


def joined(stored: pa.Table, added: pa.Table) -> pa.Table:
    """Revisions of one ticker in the order of (session, ingested_at); added ones after equals."""
    both = pa.concat_tables([stored, added])
    order = np.lexsort((both["ingested_at"].to_numpy(), both["session"].to_numpy()))
    sorted_already = (order == np.arange(len(order))).all()
    return both if sorted_already else both.take(pa.array(order))


def of_ticker(revisions: pa.Table, ticker: Ticker) -> pa.Table:
    """The same revisions as those of another symbol."""
    symbols = pa.array([ticker.symbol] * len(revisions), _TYPES["ticker"])
    return revisions.set_column(SCHEMA.get_field_index("ticker"), SCHEMA.field("ticker"), symbols)


def revised_since(own: pa.Table, others: pa.Table, since: datetime) -> pa.Table:
    """Those of one's own revisions that correct sessions of others.

    These are of sessions that others have too, and of which nothing of one's own is from before an
    instant.
    """
    fresh = own["ingested_at"].to_numpy().astype("int64") >= nanoseconds(since)
    session = own["session"].to_numpy()
    known = np.isin(session, others["session"].to_numpy()) & ~np.isin(session, session[~fresh])
    return own.filter(pa.array(known))


def less(revisions: pa.Table, gone: pa.Table) -> pa.Table:
    """Revisions without those that are equal to one of some others in all they hold."""
    frame, others = revisions.to_pandas(), gone.to_pandas()
    columns = list(SCHEMA.names)
    left = pd.MultiIndex.from_frame(frame[columns]).isin(pd.MultiIndex.from_frame(others[columns]))
    return revisions.filter(pa.array(~left))
