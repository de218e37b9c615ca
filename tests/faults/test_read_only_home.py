"""A home on a read-only disk is read: by commands, by the API and on every page."""

import json
import re
from pathlib import Path

from tests.support.small_disk import on_small_disk

RECORDS = """
import json
from core.foundation.audit import Action, Audit
from core.foundation.sql.database import Database
from tests.support.homes import AT

url = f"sqlite:///{disk}/records.db"


def subjects(database):
    return [one.subject for one in Audit(database).latest()]


def add(database, subject):
    Audit(database).add(Action(AT, "ann", "train", subject))


database = Database(url)
add(database, "before")
database.close()
protect()
late = Database(url)
assert subjects(late) == ["before"]
print(refused(lambda: add(late, "lost")))
print(refused(lambda: Database(f"sqlite:///{disk}/new.db")))

# Somebody to whom it is not read-only writes while it is read here.
with late.read() as connection:
    rows = connection.exec_driver_sql("SELECT subject FROM audit").scalars().all()
assert rows == ["before"]


def meanwhile():
    with late.read() as connection:
        rows = connection.exec_driver_sql("SELECT subject FROM audit").scalars().all()
        protect("rw")
        writer = Database(url)
        add(writer, "meanwhile")
        writer.close()
        protect()


print(refused(meanwhile))
assert subjects(late) == ["meanwhile", "before"]

# And has it open still: what lies in its log is read, under its lock.
protect("rw")
writer = Database(url)
add(writer, "in the log")
late.close()
assert (disk / "records.db-wal").stat().st_size > 0
import sqlite3
plain = sqlite3.connect
sqlite3.connect = lambda path, *more, **options: plain(
    f"file:{path}?mode=ro&readonly_shm=1", *more, uri=True, **options
) if not str(path).startswith("file:") else plain(path, *more, **options)
assert subjects(Database(url))[0] == "in the log"
"""


def test_the_records_are_read_and_what_changes_meanwhile_is_noticed(tmp_path: Path) -> None:
    result = on_small_disk(tmp_path, RECORDS).splitlines()
    at = f"The records database at sqlite:///{tmp_path}/"
    assert result == [
        f"{at}records.db cannot be written: its disk or folder is read-only.",
        f"{at}new.db cannot be written: its disk or folder is read-only.",
        f"{tmp_path}/records.db was changed while it was read; try again.",
    ]


HOME = """
import json, os
from fastapi.testclient import TestClient
from streamlit.testing.v1 import AppTest
from core import wiring
from core.foundation.settings import Settings
from tests.support.commands import called


def run(order):
    done = called(disk, *order.split())
    assert done.returncode == (1 if done.stderr else 0), done
    return done.stderr or done.stdout


for order in ("ingest --source sample", "train --model random_walk", "forecast --tickers AAPL"):
    assert run(order).startswith("{"), order
wiring.Workspace(Settings(home=disk)).records.close()
wiring.open_records.cache_clear()
protect()
for order in ("ledger verify", "ledger show --tickers AAPL", "quality", "sessions", "score",
              "ingest --source sample", "remove --tickers AAPL", "forecast --tickers AAPL"):
    print(order, "|", run(order), end="")

os.environ |= {"TICKERLENS_HOME": str(disk), "TICKERLENS_PREFECT_PORT": "9"}
from app.api.routes import api
client = TestClient(api, raise_server_exceptions=False)
for path in ("health", "tickers", "history/AAPL"):
    answer = client.get(f"/{path}")
    assert answer.status_code == 200, answer.text
answer = client.post("/predict", json={"ticker": "AAPL", "horizon": 5})
assert len(answer.json()["predictions"]) == 5
for page in ("", "history", "drift", "status"):
    test = AppTest.from_file("app/main.py", default_timeout=60)
    test.run()
    if page:
        test.switch_page(f"views/{page}/page.py").run()
    assert not test.exception and not [one.value for one in test.error], page
    assert test.title or test.subheader or test.header, page
"""


def test_commands_routes_and_pages(tmp_path: Path) -> None:
    lines = on_small_disk(tmp_path, HOME, "64m").splitlines()
    found = dict(line.split(" | ") for line in lines)
    assert [order for order, text in found.items() if text.startswith("{")] == [
        "ledger verify",
        "ledger show --tickers AAPL",
        "quality",
        "sessions",
        "score",
        "forecast --tickers AAPL",
    ]
    refused = rf".*{tmp_path}/.* cannot be written: its disk or folder is read-only\."
    for order in ("ingest --source sample", "remove --tickers AAPL"):
        assert re.fullmatch(refused, found[order]), found[order]
    made = json.loads(found["forecast --tickers AAPL"])
    assert (made["status"], len(made["forecasts"])) == ("partial", 1)
    assert re.fullmatch(refused, made["failed"]["AAPL"]), made["failed"]
