"""A vendor's file as a frame: split-adjusted prices, events in their own columns."""

from pathlib import Path

import pandas as pd

from core.market_data.sources.undo_splits import undo_splits

_NAMES = {
    "Open": "open",
    "High": "high",
    "Low": "low",
    "Close": "close",
    "Volume": "volume",
    "Dividends": "dividend",
    "Stock Splits": "split_ratio",
    "Adj Close": "vendor_close",
}


def vendor_file(path: Path, ticker: str) -> pd.DataFrame:
    """As traded, as far as the file lists splits; by session, with `vendor_close` if it has one."""
    frame = pd.read_csv(path)
    frame = frame.rename(columns={frame.columns[0]: "session", **_NAMES})
    frame["session"] = pd.to_datetime(frame["session"].str[:10]).astype("datetime64[ns]")
    for name, nothing in (("dividend", 0.0), ("split_ratio", 1.0)):
        if name not in frame.columns:
            frame[name] = nothing
    frame["split_ratio"] = frame["split_ratio"].replace(0.0, 1.0)
    frame = frame.assign(
        ticker=ticker, source="yahoo", ingested_at=pd.Timestamp("2026-03-24", tz="UTC")
    )
    return undo_splits(frame.sort_values("session", ignore_index=True))
