"""What holds of bars in a local folder alone."""

import os
import threading
from pathlib import Path

import pytest

from core.foundation.errors import DamagedError
from core.foundation.files import exclusive
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.folder_objects import Folder
from core.reference.tickers import Ticker
from tests.support.homes import closes

AAPL = Ticker.parse("AAPL")


def test_removing_waits_for_a_writer(tmp_path: Path) -> None:
    lake = ParquetBars(tmp_path)
    lake.upsert(closes("AAPL", [1.0]))
    remover = threading.Thread(target=lake.remove, args=[AAPL])
    with exclusive(next(tmp_path.rglob("*.lock"))):
        remover.start()
        remover.join(0.2)
        assert remover.is_alive() and lake.tickers() == [AAPL]
    remover.join()
    assert lake.tickers() == []


def test_opening_sweeps_what_a_dead_writer_left(tmp_path: Path) -> None:
    # Process ids end at 2^22 on Linux.
    left = tmp_path / f".AAPL.parquet.{2**22 + 1}.abcd.tmp"
    mine = tmp_path / f".AAPL.parquet.{os.getpid()}.abcd.tmp"
    left.touch()
    mine.touch()
    ParquetBars(tmp_path)
    assert not left.exists() and mine.exists()


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    (tmp_path / "AAPL.parquet").mkdir()
    with pytest.raises(DamagedError, match="^AAPL.parquet cannot be read: "):
        ParquetBars(tmp_path).load([AAPL])


def test_files_replaced_within_a_tick_of_the_clock_have_another_version(tmp_path: Path) -> None:
    folder, seen = Folder(tmp_path), []
    for content in (b"one", b"two", b"six"):
        folder.update("a", lambda _, new=content: new)
        os.utime(tmp_path / "a", ns=(0, 0))
        seen.append(folder.versions()["a"])
    assert seen[0] != seen[1] != seen[2]
