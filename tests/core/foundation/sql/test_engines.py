"""What each back end is set to, before any table."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.foundation.sql.engines import open_engines, shown

TOGETHER = """
import sys, time
from core.foundation.sql.engines import open_engines
folder, files = sys.argv[1], int(sys.argv[2])
engines = [open_engines(f"sqlite:///{folder}/{k}.db").reading for k in range(files)]
print("ready", flush=True)
start = float(sys.stdin.readline())
for k, engine in enumerate(engines):
    while time.time() < start + k * 0.02:
        pass
    with engine.connect():
        pass
"""


def test_new_files_are_opened_by_three_processes_at_the_same_instant(tmp_path: Path) -> None:
    """SQLite refuses some of them at once, without the wait it was told to make."""
    order = [sys.executable, "-c", TOGETHER, str(tmp_path), "200"]
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    running = [subprocess.Popen(order, text=True, **pipes) for _ in range(3)]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    start = time.time() + 0.2
    for process in running:
        assert process.stdin is not None
        process.stdin.write(f"{start}\n")
        process.stdin.flush()
    assert [process.communicate(timeout=120)[0] for process in running] == [""] * 3
    assert len(list(tmp_path.glob("*.db"))) == 200


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("postgresql://lens:hunter2@db:5432/records", "postgresql://lens:***@db:5432/records"),
        ("postgresql://db/records?password=hunter2", "postgresql://db/records"),
        ("sqlite:////tmp/records.db", "sqlite:////tmp/records.db"),
        ("hunter2", "the address given in TICKERLENS_RECORDS_URL"),
    ],
)
def test_an_address_is_shown_without_what_is_secret(url: str, expected: str) -> None:
    assert shown(url) == expected


def test_a_time_out_of_the_address_s_own_is_kept() -> None:
    with_own = open_engines("postgresql://127.0.0.1:1/records?connect_timeout=7").reading
    assert dict(with_own.url.query) == {"connect_timeout": "7"}
    without = open_engines("postgresql://127.0.0.1:1/records?application_name=lens").reading
    assert dict(without.url.query) == {"application_name": "lens", "connect_timeout": "3"}
