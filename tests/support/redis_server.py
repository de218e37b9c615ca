"""The Redis server that is named for tests."""

import os

import pytest

SERVER = "TICKERLENS_TEST_REDIS_URL"


def redis_url() -> str:
    """The server to test on; the calling test is skipped without one, unless all must run."""
    url = os.environ.get(SERVER, "")
    if not url and os.environ.get("TICKERLENS_REQUIRE_ALL") == "1":
        pytest.fail(f"{SERVER} names no Redis server, and TICKERLENS_REQUIRE_ALL=1.")
    if not url:
        pytest.skip(f"{SERVER} names no Redis server on which keys may be made.")
    return url
