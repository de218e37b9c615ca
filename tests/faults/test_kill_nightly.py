"""A night that is killed at any instant goes on, and leaves the ledger as an undisturbed one."""

import json
import random
import signal
import subprocess
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from core.reference.tickers import Ticker
from tests.support.homes import Home, open_home
from tests.support.nights import NEW_YORK, Exchange, made_live, night, night_home
from tests.support.trials import TRIALS

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]
EVENING = datetime(2024, 6, 3, 17, tzinfo=ZoneInfo("America/New_York"))
SESSIONS = ("2023-03-01", "2024-12-31")
NIGHTS = 2  # one after the other
CHILD = """
import sys
from datetime import datetime
from pathlib import Path
from tests.support.homes import open_home
from tests.support.nights import NEW_YORK, Exchange, night

home = open_home(Path(sys.argv[1]), sys.argv[2])
home.settings = home.settings.model_copy(update={"source": "yahoo"})
home.offer(Exchange(NEW_YORK, *sys.argv[4:]))
print("ready", flush=True)
print(night(home, datetime.fromisoformat(sys.argv[3]))["status"], flush=True)
"""


def attempt(home: Home, at: datetime, seconds: float | None) -> tuple[str, float]:
    """A night in a process of its own that is killed after so many seconds; its status, and how
    long it took."""
    place = [str(home.path), home.settings.records_url, at.isoformat(), *SESSIONS]
    with subprocess.Popen(
        [sys.executable, "-c", CHILD, *place], stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        began = time.monotonic()
        if seconds is not None:
            time.sleep(seconds)
            child.send_signal(signal.SIGKILL)
        return child.stdout.read().strip(), time.monotonic() - began


def forecasts(home: Home) -> list[str]:
    """What each row of the ledger says, but for when it was made."""
    found = home.ledger.track_record(Ticker.parse("AAPL"), "live")
    rows = found.drop(columns=["created_at"]).sort_values(["as_of", "horizon"])
    return [json.dumps(one, default=str) for one in rows.to_dict("records")]


def nights() -> list[datetime]:
    return [EVENING + timedelta(days=day) for day in range(NIGHTS)]


def test_a_killed_night_goes_on_and_the_ledger_is_as_undisturbed(
    tmp_path: Path, records_url: str
) -> None:
    before, draw = EVENING - timedelta(days=2), random.Random(7)
    undisturbed = night_home(tmp_path / "one", Exchange(NEW_YORK, *SESSIONS), before)
    for at in nights():
        assert night(undisturbed, at)["status"] == "ok"
    disturbed = night_home(tmp_path / "two", Exchange(NEW_YORK, *SESSIONS), before, records_url)
    (status, whole), killed = attempt(disturbed, EVENING, None), 0
    assert status == "ok"
    for at in nights()[1:]:
        for _ in range(TRIALS):
            killed += attempt(disturbed, at, draw.uniform(0.0, whole))[0] == ""
        assert attempt(disturbed, at, None)[0] in ("ok", "skipped")
    print(f"{killed} of {TRIALS * (NIGHTS - 1)} were killed before their end")
    assert killed > 0
    home = open_home(disturbed.path, disturbed.settings.records_url)
    home.ledger.verify()
    assert forecasts(home) == forecasts(undisturbed)
    assert sorted(made_live(home)) == sorted(made_live(undisturbed))
    assert [one.status for one in home.nightly_log.latest("us", NIGHTS)] == ["ok"] * NIGHTS
