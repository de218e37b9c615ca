"""A real Chromium that may talk to this machine only, and the app it looks at."""

import os
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Playwright, Request, expect

from app.launcher.launch import PROXIES
from app.launcher.processes import HTTP
from tests.support.ports import free_port

ROOT = Path(__file__).parents[2]
_CANDIDATES = (
    "chromium-headless-shell",
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)
_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-software-rasterizer",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost",
]
_START_SECONDS = 90
expect.set_options(timeout=30_000)  # a page of a busy machine takes its time


def chromium_path() -> str:
    """Where Chromium is; the calling test is skipped without one, unless all must run."""
    found = next((path for name in _CANDIDATES if (path := shutil.which(name))), None)
    if found is None and os.environ.get("TICKERLENS_REQUIRE_ALL") == "1":
        pytest.fail("Chromium is not installed, and TICKERLENS_REQUIRE_ALL=1.")
    if found is None:
        pytest.skip("Chromium is not installed (Debian and Ubuntu: apt install chromium).")
    return found


def launch(playwright: Playwright, path: str) -> Browser:
    """Start it."""
    return playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)


def open_page(
    browser: Browser,
    width: int = 1280,
    height: int = 900,
    scheme: Literal["light", "dark"] = "light",
) -> tuple[Page, list[str]]:
    """A new page of its own profile, and the list of addresses outside loopback it asked for."""
    outside: list[str] = []

    def note(request: Request) -> None:
        if urlsplit(request.url).hostname not in ("127.0.0.1", "localhost", None):
            outside.append(request.url)

    profile = browser.new_context(
        reduced_motion="reduce",
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        accept_downloads=True,
    )
    page = profile.new_page()
    page.on("request", note)
    return page, outside


def idle(page: Page) -> None:
    """Wait until the script of the page has run to its end."""
    page.wait_for_selector(
        '[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=60_000
    )


NO_RATES = {f"TICKERLENS_{one}_RATE": "off" for one in ("SIGNIN", "TRAIN", "UPLOAD")}


@contextmanager
def served(
    home: Path, http: tuple[str, ...] = HTTP, port: int | None = None, **environment: str
) -> Iterator[str]:
    """The app as a process of its own on that port, or a free one; gives its address."""
    port = port or free_port()
    home.mkdir(parents=True, exist_ok=True)
    log = home / "server.log"
    with log.open("w") as sink:
        process = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", "app.server:app", "--port", str(port), *http],
            cwd=ROOT,
            env={**PROXIES, **os.environ, "TICKERLENS_HOME": str(home), **environment},
            stdout=sink,
            stderr=sink,
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _until_healthy(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _until_healthy(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/api/health", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError(f"the app did not start:\n{log.read_text()[-3000:]}")
