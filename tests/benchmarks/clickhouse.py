"""ClickHouse beside the lake in a folder: the same reads and the same work on both.

The engine is ClickHouse's own; the HTTP around it is the tests' one, see
`tests.support.clickhouse`.
"""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.clickhouse import ClickHouseBars
from core.market_data.lake.replicated_bar_store import MirroredBars
from core.market_data.replicate import mirror
from tests.benchmarks.bars import add, history
from tests.benchmarks.measure import Figure, Size, measure, typical
from tests.support.clickhouse.server import clickhouse


def beside(size: Size) -> Iterator[Figure]:
    """Copying, one session more, and reading one ticker and all of them."""
    with tempfile.TemporaryDirectory() as name, clickhouse(Path(name) / "engine") as server:
        lake, lock = ParquetBars(Path(name) / "lake"), Path(name) / "lock"
        copy, count = ClickHouseBars(server.url), size.tickers
        either = MirroredBars(Path(name) / "lake", copy, wide=count - 1)
        past, last = history(size.sessions)
        add(lake, past, count)
        yield measure("ClickHouse: copy ten years", count, lambda: mirror(lake, copy, lock))
        add(lake, last, count)
        yield measure("ClickHouse: one session more", count, lambda: mirror(lake, copy, lock))
        yield measure("ClickHouse: the same again", count, lambda: mirror(lake, copy, lock))
        for adjusted in (False, True):
            what = f"all, {'adjusted' if adjusted else 'raw'}"
            yield typical(f"Parquet: load {what}", count, lambda: lake.load(adjusted=adjusted))
            yield typical(f"ClickHouse: load {what}", count, lambda: copy.load(adjusted=adjusted))
            yield typical(f"mirrored: load {what}", count, lambda: either.load(adjusted=adjusted))
        yield typical("Parquet: load one", 1, lambda: lake.load(["T0"]))
        yield typical("ClickHouse: load one", 1, lambda: copy.load(["T0"]))
        pd.testing.assert_frame_equal(copy.load(), lake.load(), check_exact=True)
