"""Twenty at once ask one server for a training of one scope."""

import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from core.foundation.access import Access
from tests.support.chromium import served
from tests.support.homes import open_home
from tests.support.sample_homes import loaded

pytestmark = pytest.mark.slow

MANY = 20


def test_twenty_at_once_make_one_request_and_get_the_same_body(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = loaded(tmp_path_factory)
    token = Access(home).ensure_token("amy").read_text().strip()

    def ask(number: int) -> tuple[httpx.Response, float]:
        began = time.monotonic()
        response = httpx.post(
            f"{address}/api/train",
            json={"reason": "newer bars", "scope": "all"},
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        return response, time.monotonic() - began

    with served(home, TICKERLENS_TRAIN_RATE="off") as address:
        before = len(open_home(home).outbox.latest("train", 100))
        with ThreadPoolExecutor(MANY) as pool:
            found = list(pool.map(ask, range(MANY)))
        alone = ask(0)[1]
    print(
        f"{MANY} at once: the slowest after {max(one[1] for one in found):.2f} s; alone {alone:.2f}"
    )
    assert {one.status_code for one, _ in found} == {202}
    bodies = [one.json() for one, _ in found]
    assert all(one == bodies[0] for one in bodies)
    assert len(open_home(home).outbox.latest("train", 100)) == before + 1
