"""A full disk stops no reader, is named in these words, and keeps nothing half written."""

import re
from pathlib import Path

from tests.support.small_disk import on_small_disk

RECORDS = """
import multiprocessing, sqlite3
from core.foundation.audit import Action, Audit
from core.foundation.sql.database import Database
from tests.support.homes import AT

url = f"sqlite:///{disk}/records.db"
READER = '''
import sys
from core.foundation.audit import Audit
from core.foundation.sql.database import Database
print([one.subject for one in Audit(Database(sys.argv[1])).latest()])
'''


def subjects(database):
    return [one.subject for one in Audit(database).latest()]


def there():
    done = python("-c", READER, url)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


database = Database(url)
Audit(database).add(Action(AT, "ann", "train", "before"))
fill()
for _ in range(3):
    assert subjects(database) == ["before"]
assert there() == "['before']", "a process that is started now reads too"
long = Action(AT, "ann", "train", "lost", "x" * 100_000)
print(refused(lambda: Audit(database).add(long)))
assert subjects(database) == ["before"]

# A process that came by a fork neither uses nor ends what its parent keeps open.
def inherited():
    return subjects(database)


with multiprocessing.get_context("fork").Pool(1) as pool:
    assert pool.apply(inherited) == ["before"]
assert subjects(database) == ["before"]

# Nobody has it open, so nothing lies beside the file and nothing can be made there.
free()
database.close()
assert sorted(path.name for path in disk.iterdir()) == ["records.db"]
fill()
assert there() == "['before']"
late = Database(url)
assert subjects(late) == ["before"]
print(refused(lambda: Audit(late).add(long)))
print(refused(lambda: Database(f"sqlite:///{disk}/new.db")))
(disk / "new.db").unlink(missing_ok=True)
assert subjects(late) == ["before"]

# Some room again: all is as before, and what was written by a process that died is read.
free()
Audit(late).add(Action(AT, "ann", "train", "after"))
late.close()
killed = "import os, sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None);"
killed += "c.execute(\\"UPDATE audit SET subject = 'later' WHERE subject = 'after'\\"); os._exit(0)"
assert python("-c", killed, disk / "records.db").returncode == 0
assert (disk / "records.db-wal").stat().st_size > 0
fill()
assert there() == "['later', 'before']"
"""

NO_SPACE = "No space left on the disk that holds {}; free some and try again."


def test_the_records_are_read_and_a_refused_write_leaves_nothing(tmp_path: Path) -> None:
    result = on_small_disk(tmp_path, RECORDS, "1m").splitlines()
    named = f"the records database at sqlite:///{tmp_path}/"
    assert result == [
        NO_SPACE.format(f"{named}records.db"),
        NO_SPACE.format(f"{named}records.db"),
        NO_SPACE.format(f"{named}new.db"),
    ]


STORES = """
import json
from datetime import datetime, UTC
import numpy as np
from core.forecasts.ledger.ledger import Ledger
from core.registry import artifacts
from core.models import create
from core.foundation.access import Access
from core.lifecycle.report_store import Report, Reports
from tests.support.bars import walk
from tests.core.forecasts.ledger.test_ledger import NIGHT, made
from tests.support.homes import AT, open_home

home = open_home(disk / "home")
home.bars.upsert(walk("AAPL", 60))
ledger, reports = Ledger(home.database), Reports(home.database, home.path / "reports")
ledger.append([made()], NIGHT)
model = create("random_walk").fit(walk("AAPL", 60))
report = Report(AT, 1, False, "a", "b", ())
refused_ones = {
    "bars": lambda: home.bars.upsert(walk("AAPL", 600, seed=1)),
    "new ticker": lambda: home.bars.upsert(walk("MSFT", 60)),
    "model": lambda: artifacts.save(home.path / "models" / "1.npz", model),
    "report": lambda: reports.add(report, {"data": "<html>" + "x" * 70_000}),
    "token": lambda: Access(home.path).ensure_token("ann"),
    "sign-in link": lambda: Access(home.path).new_link("ann"),
    "session": lambda: Access(home.path).open_session(person),
}
token = Access(home.path).ensure_token("bob").read_text()
person = Access(home.path).holder(token)


def state():
    "Every file but locks and what SQLite keeps, and every row."
    files = {
        str(path.relative_to(home.path)): path.read_bytes()
        for path in sorted(home.path.rglob("*"))
        if path.is_file() and path.suffix != ".lock" and not path.name.startswith("records.db")
    }
    return files, ledger.verify(), reports.latest(), home.bars.tickers()


before = state()
fill()
for name, work in refused_ones.items():
    print(name, refused(work))
    assert state() == before, name
free()
for name, work in refused_ones.items():
    work()
"""


def test_every_store_says_so_and_is_as_it_was(tmp_path: Path) -> None:
    result = on_small_disk(tmp_path, STORES).splitlines()
    assert len(result) == 7
    for line in result:
        assert re.fullmatch(
            rf"[a-z -]+? No space left on the disk that holds .*{tmp_path}/home.*; "
            r"free some and try again\.",
            line,
        ), line


COMMANDS = """
import json
from core import wiring
from tests.support.commands import called


def run(order, home=disk / "home"):
    "What a command says that cannot do its work, or all that it prints."
    done = called(home, *order.split())
    assert done.returncode == (1 if done.stderr else 0), done
    return done.stderr or done.stdout


assert "written" in run("ingest --source sample")
fill()
for order in ("ledger verify", "quality", "sessions", "train", "sessions --calendar XNYS "
              "--session 2026-11-26 --change removed --reason Thanksgiving"):
    print(order, "|", run(order), end="")
wiring.open_records.cache_clear()
print("new", "|", run("ingest --source sample", disk / "new"), end="")
assert "removed" in run("remove --tickers AAPL"), "which makes room"
"""


def test_commands_read_on_and_say_it_in_one_sentence(tmp_path: Path) -> None:
    result = dict(line.split(" | ") for line in on_small_disk(tmp_path, COMMANDS).splitlines())
    for order in ("ledger verify", "quality", "sessions"):
        assert result[order].startswith("{"), order
    for order in (*list(result)[3:], "new"):
        assert re.fullmatch(NO_SPACE.format(rf".*{tmp_path}/.*"), result[order]), result[order]
