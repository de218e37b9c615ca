"""The script that starts the stack's Redis, with a real one."""

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.house.tree import ROOT
from tests.support.ports import free_port

PASSWORD = "-_s3cret"


@pytest.fixture
def started(tmp_path: Path) -> Iterator[tuple[int, int]]:
    """Its process number and port."""
    if shutil.which("redis-server") is None:
        if os.environ.get("TICKERLENS_REQUIRE_ALL") == "1":
            pytest.fail("There is no redis-server, and TICKERLENS_REQUIRE_ALL=1.")
        pytest.skip("There is no redis-server.")
    port = free_port()
    running = subprocess.Popen(
        ["sh", ROOT / "deploy" / "redis" / "start.sh", "--port", str(port)],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "REDISCLI_AUTH": PASSWORD},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    yield running.pid, port
    os.killpg(running.pid, signal.SIGKILL)
    running.wait()


def answering(port: int) -> redis.Redis:
    client = redis.Redis(port=port, password=PASSWORD)
    deadline = time.monotonic() + 30
    while True:
        try:
            client.ping()
            return client
        except redis.ConnectionError:
            assert time.monotonic() < deadline
            time.sleep(0.05)


def test_it_asks_for_the_password_and_forgets_what_is_old(started: tuple[int, int]) -> None:
    _, port = started
    with answering(port) as client:
        config = client.config_get("*")
        assert config["maxmemory-policy"] == "allkeys-lru" and config["maxmemory"] == str(
            160 * 2**20
        )
        assert (config["save"], config["appendonly"]) == ("", "no")
    with redis.Redis(port=port) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_no_list_of_processes_shows_the_password(started: tuple[int, int]) -> None:
    _, port = started
    answering(port).close()
    shown = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    assert f":{port}" in shown and PASSWORD not in shown
