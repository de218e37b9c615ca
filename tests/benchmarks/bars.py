"""The lake of bars: storing, adding a session, and reading, in a folder and on S3."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from core.market_data.lake.bar_store import ParquetBars
from tests.benchmarks.measure import Figure, Size, measure, typical
from tests.support.bars import walk
from tests.support.places import Place
from tests.support.s3_server import s3_server


def folder(size: Size) -> Iterator[Figure]:
    """Bars on the local disk."""
    with tempfile.TemporaryDirectory() as name:
        yield from _lake("disk", ParquetBars(Path(name) / "one"), size)
        for count in (size.few, size.many):
            yield from _flat("disk", ParquetBars(Path(name) / str(count)), size, count)


def s3(size: Size) -> Iterator[Figure]:
    """The same on a real S3 server on this machine, which shares its processors."""
    with tempfile.TemporaryDirectory() as name, s3_server(Path(name)) as server:
        yield from _lake("S3", Place(**server.settings()).open(), size)
        for count in (size.few, size.many):
            yield from _flat("S3", Place(**server.settings()).open(), size, count)


def _lake(where: str, lake: ParquetBars, size: Size) -> Iterator[Figure]:
    count = size.tickers
    past, last = history(size.sessions)
    yield measure(f"{where}: store ten years a ticker", count, lambda: add(lake, past, count))
    yield measure(f"{where}: one session more a ticker", count, lambda: add(lake, last, count), 60)
    yield measure(f"{where}: the same again, unchanged", count, lambda: add(lake, last, count))
    one = 0.03 if where == "disk" else 0.0
    yield typical(f"{where}: load one ticker, adjusted", 1, lambda: lake.load(["T0"]), one)
    every = 3.0 if where == "disk" and count == 500 else 0.0
    yield measure(f"{where}: load all, adjusted", count, lake.load, every)
    yield measure(f"{where}: load all, raw", count, lambda: lake.load(adjusted=False))
    yield typical(f"{where}: stamp", 1, lake.stamp)


def _flat(where: str, lake: ParquetBars, size: Size, count: int) -> Iterator[Figure]:
    """The cost a ticker with few and with many of them."""
    past, last = history(size.sessions)
    yield measure(f"{where}: store, of {count}", count, lambda: add(lake, past, count))
    yield measure(f"{where}: one session more, of {count}", count, lambda: add(lake, last, count))
    yield measure(f"{where}: load, of {count}", count, lake.load)


def history(sessions: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """So many sessions with dividends and a split, and the one after."""
    bars = walk(sessions=sessions + 1)
    bars.loc[::63, "dividend"] = 0.3
    bars.loc[sessions // 2, "split_ratio"] = 2.0
    return bars.iloc[:-1], bars.iloc[-1:]


def add(lake: ParquetBars, rows: pd.DataFrame, count: int) -> None:
    for number in range(count):
        lake.upsert(rows.assign(ticker=f"T{number}"))
