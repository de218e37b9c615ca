"""The cache in a file: shared by processes, bounded, and nothing but a cache."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.foundation.caches.cache import ProcessCache
from core.foundation.caches.file_cache import FileCache
from tests.house.tree import ROOT

PUT = """
import sys
from pathlib import Path
from core.foundation.caches.file_cache import FileCache
FileCache(Path(sys.argv[1])).set("a", b"from there", 60)
"""


def test_another_process_finds_what_one_put_there(tmp_path: Path) -> None:
    cache = ProcessCache(behind=FileCache(tmp_path / "kept.db"))
    assert cache.get("a") is None
    subprocess.run([sys.executable, "-c", PUT, tmp_path / "kept.db"], cwd=ROOT, check=True)
    assert cache.get("a") == b"from there"
    cache.set("b", b"from here", 60)
    assert FileCache(tmp_path / "kept.db").get("b") == b"from here"


def test_it_holds_so_many_bytes_of_what_came_last(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    for number in range(5):  # each looks at what is to be forgotten with its first value
        FileCache(path, max_bytes=30).set(str(number), b"x", 60)
    cache = FileCache(path)
    left = [number for number in range(5) if cache.get(str(number))]
    assert left in ([3, 4], [2, 3, 4]), "a value takes 9 bytes or some more"


@pytest.mark.parametrize("damage", [b"", b"no database", b"SQLite format 3\x00" + b"x" * 5000])
def test_a_damaged_file_is_begun_anew(tmp_path: Path, damage: bytes) -> None:
    path = tmp_path / "kept.db"
    path.write_bytes(damage)
    cache = FileCache(path)
    assert cache.get("a") is None
    for _ in range(2):  # the first may find that the file has to go
        cache.set("a", b"1", 60)
    assert cache.get("a") == b"1"


def test_an_altered_value_is_not_given(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "kept.db")
    cache.set("a", b"1" * 100, 60)
    with sqlite3.connect(tmp_path / "kept.db") as file:
        file.execute("UPDATE kept SET value = x'00'")
    file.close()
    assert cache.get("a") is None


def test_where_nothing_can_be_written_nothing_is_kept(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "no folder" / "kept.db")
    cache.set("a", b"1", 60)
    assert cache.get("a") is None and not (tmp_path / "no folder").exists()
