"""A writer that is killed at any instant leaves no stamp standing that is not true any more."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import redis
import sqlalchemy as sa

from core.foundation.caches.edition import Edition
from core.foundation.caches.edition_stamp import EditionStamp
from core.foundation.caches.redis_cache import PREFIX
from core.foundation.sql.database import Database
from core.market_data.lake.folder_objects import Folder
from tests.house.tree import ROOT
from tests.support.redis_server import redis_url
from tests.support.trials import TRIALS

pytestmark = pytest.mark.slow

# Writes on and on; where it is told to, it dies by itself in the middle of the second time: right
# before it wrote, or after that and before it could say so.
CHILD = """
import os, signal, sys
from contextlib import contextmanager
from pathlib import Path
import sqlalchemy as sa
from core.foundation.sql.database import Database
from core.market_data.lake.folder_objects import Folder

kind, place, redis, moment = sys.argv[1:5]
times = 0

def die(now):
    if moment == now and times == 2:
        os.kill(os.getpid(), signal.SIGKILL)

def dying(edition):
    true = edition.changing
    @contextmanager
    def changing():
        with true():
            die("before")
            yield
            die("after")
    edition.changing = changing

def write_lake(folder):
    folder.update("A.parquet", lambda old: (old or b"") + b"x")

def write_rows(database):
    with database.write() as connection:
        connection.execute(sa.text("UPDATE renames SET reason = reason || 'x'"))

store = Folder(Path(place)) if kind == "lake" else Database(place, redis)
dying(store.edition)
write = write_lake if kind == "lake" else write_rows
print("ready", flush=True)
while True:
    times += 1
    write(store)
    print(times, flush=True)
"""
ROW = (
    "INSERT INTO renames (old, new, at, who, reason) "
    "VALUES ('A', 'B', '2024-01-01 00:00:00', 'ann', 'x')"
)


@pytest.fixture(params=["lake", "sqlite", "postgresql"])
def store(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[str, str, Edition, Callable[[], str]]]:
    """Kind and place of a store, its edition, and the way to read what is in it."""
    if request.param == "lake":
        folder = Folder(tmp_path / "bars")
        folder.update("A.parquet", lambda old: b"x")
        yield "lake", str(tmp_path / "bars"), folder.edition, lambda: repr(folder.versions())
        return
    url = f"sqlite:///{tmp_path / 'records.db'}"
    if request.param == "postgresql":
        url = str(request.getfixturevalue("postgres_url"))
    database = Database(url, redis_url())
    with database.write() as connection:
        connection.execute(sa.text(ROW))

    def read() -> str:
        with database.read() as connection:
            return str(connection.execute(sa.text("SELECT reason FROM renames")).scalar_one())

    yield "records", url, database.edition, read
    database.close()
    with redis.Redis.from_url(redis_url()) as client:  # where the dead are at it for a minute more
        for key in client.scan_iter(f"{PREFIX}writing:*tickerlens_test_*"):
            client.delete(key)


def started(kind: str, place: str, moment: str) -> "subprocess.Popen[str]":
    order = [sys.executable, "-c", CHILD, kind, place, redis_url(), moment]
    child = subprocess.Popen(order, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert child.stdout is not None and child.stdout.readline() == "ready\n"
    return child


@pytest.mark.parametrize("moment", ["before", "after"])
def test_one_that_dies_around_its_write_is_found_out(
    store: tuple[str, str, Edition, Callable[[], str]], moment: str
) -> None:
    kind, place, edition, read = store
    stamp = EditionStamp(edition, read, lambda: 0.0)  # nothing heals by itself: time stands still
    before = stamp.now()
    child = started(kind, place, moment)
    while child.poll() is None:
        stamp.now()
    child.communicate()
    assert child.returncode == -signal.SIGKILL
    assert stamp.now() == read() != before


def test_one_that_is_killed_at_any_moment_is_found_out(
    store: tuple[str, str, Edition, Callable[[], str]],
) -> None:
    kind, place, edition, read = store
    stamp, draw = EditionStamp(edition, read, lambda: 0.0), random.Random(18)
    for _ in range(TRIALS):
        before = stamp.now()
        child = started(kind, place, "")
        assert child.stdout is not None and child.stdout.readline() == "1\n"
        until = time.monotonic() + draw.uniform(0.05, 0.3)
        while time.monotonic() < until:
            stamp.now()
        child.kill()
        child.communicate()
        assert stamp.now() == read() != before
