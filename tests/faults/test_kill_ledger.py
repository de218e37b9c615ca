"""A writer of the ledger that is killed at any instant loses nothing it said was written."""

import random
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest

from core.forecasts.ledger.ledger import Ledger, Written
from core.foundation.sql.database import Database
from tests.core.forecasts.ledger.test_ledger import NIGHT, made
from tests.support.trials import TRIALS

pytestmark = pytest.mark.slow


# Every forecast of another version and, after it, a score; each is told once it is written.
CHILD = """
import sys
from dataclasses import replace
from core.forecasts.ledger.ledger import Ledger
from core.forecasts.ledger.score_entry import score
from core.foundation.sql.database import Database
from tests.core.forecasts.ledger.test_ledger import NIGHT, later, made

ledger, one, bars = Ledger(Database(sys.argv[1])), made(), later([1.01, 1.02])
print("ready", flush=True)
version = ledger.seals().forecasts
while True:
    version += 1
    new = replace(one, model=replace(one.model, version=version))
    assert ledger.append([new], NIGHT).new == 1
    print("forecast", version, flush=True)
    for entry in [one for one in ledger.open_entries() if not one.scored][:1]:
        ledger.add_scores(score(entry, bars, NIGHT, ledger.calendars()))
        print("scores", entry.id, flush=True)
"""


def killed(url: str, seconds: float) -> list[list[str]]:
    """What a writer said it wrote before it was killed."""
    order = [sys.executable, "-c", CHILD, url]
    with subprocess.Popen(order, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        time.sleep(seconds)
        assert child.poll() is None, "the child must still be at work"
        child.send_signal(signal.SIGKILL)
        output = child.stdout.read()
    return [line.split() for line in output.splitlines()]


def test_a_killed_writer_loses_no_row_and_breaks_no_seal(untouched_url: str) -> None:
    """The trials go on in one ledger, so that each writes after what a dead one left."""
    draw, database = random.Random(2024), Database(untouched_url)
    ledger, total = Ledger(database), 0
    for _ in range(TRIALS):
        before = ledger.seals()
        output = killed(untouched_url, draw.uniform(0.0, 0.5))
        after = ledger.verify()
        versions = [int(number) for what, number in output if what == "forecast"]
        scored = [int(number) for what, number in output if what == "scores"]
        # It may have been killed between writing and saying so, once.
        assert 0 <= after.forecasts - before.forecasts - len(versions) <= 1
        assert 0 <= after.scores - before.scores - 2 * len(scored) <= 2
        rows = ledger.served([made().ticker])
        assert set(versions) <= {row["model_version"] for row in rows}
        assert set(scored) <= {row["id"] for row in rows if row["scored"] == 2}
        total += len(versions)
    assert TRIALS > 0 and total > 0
    assert ledger.append([made(NIGHT + timedelta(hours=1))], NIGHT) in (Written(), Written(1))
    ledger.verify()
    database.close()
