"""How often one may ask, counted exactly: real uvicorn, and a real Redis where processes share."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.web.rate_limits import Rates, network
from core.foundation.access import Access
from core.foundation.keys.person import Person, PersonRole
from core.foundation.settings import Settings
from core.wiring import Workspace
from tests.support.chromium import served
from tests.support.http import Response, ask
from tests.support.ports import free_port
from tests.support.redis_server import redis_url

RATES = {
    "TICKERLENS_SIGNIN_RATE": "3/minute",
    "TICKERLENS_TRAIN_RATE": "2/hour",
    "TICKERLENS_UPLOAD_RATE": "4/hour",
    # So that each test asks from an address of its own.
    "FORWARDED_ALLOW_IPS": "127.0.0.1",
}
FORM = {"Content_Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("rates")


@pytest.fixture(scope="module")
def address(home: Path) -> Iterator[str]:
    with served(home, **RATES) as found:
        yield found


def sign_in(address: str, token: str, client: str) -> Response:
    form = f"token={token}".encode()
    return ask(address, "POST", "/api/signin", form, X_Forwarded_For=client, **FORM)


def is_refused(response: Response, most_seconds: int) -> bool:
    if response.status != 429:
        return False
    assert 1 <= int(response.headers["Retry-After"]) <= most_seconds
    assert b"This was asked too often; ask again in " in response.body
    assert "json" in response.headers["Content-Type"]
    return True


@pytest.mark.slow
def test_an_address_may_try_so_often_to_sign_in(address: str, home: Path) -> None:
    right = Access(home).ensure_token("ann").read_text().strip()
    for _ in range(3):
        assert sign_in(address, "wrong", "192.0.2.1").status == 401
    assert is_refused(sign_in(address, right, "192.0.2.1"), 60), "also with the right one"
    assert is_refused(ask(address, "GET", "/api/signin?key=x", X_Forwarded_For="192.0.2.1"), 60)
    assert ask(address, "GET", "/api/signin", X_Forwarded_For="192.0.2.1").status == 200
    assert sign_in(address, right, "192.0.2.2").status == 200, "another address is another"
    noted = Workspace(Settings(home=home)).audit.latest(9)
    failed = [one for one in noted if one.action == "refuse sign-in"]
    assert [one.address for one in failed] == ["192.0.2.1"] * 3
    assert {(one.actor, one.door, one.subject) for one in failed} == {("nobody", "api", "token")}
    assert not any("wrong" in repr(one) for one in noted)
    done = [(one.actor, one.address) for one in noted if one.action == "sign in"]
    assert done == [("ann", "192.0.2.2")]


@pytest.mark.slow
def test_unknown_bearer_tokens_count_and_known_ones_do_not(address: str, home: Path) -> None:
    right = Access(home).ensure_token("ann").read_text().strip()

    def tickers(token: str) -> Response:
        given = {"Authorization": f"Bearer {token}", "X_Forwarded_For": "192.0.2.3"}
        return ask(address, "GET", "/api/tickers", **given)

    assert [tickers(right).status for _ in range(5)] == [200] * 5
    assert [tickers(f"guess{k}").status for k in range(3)] == [200] * 3, "reading is open"
    assert is_refused(tickers("guess"), 60)
    assert tickers(right).status == 200, "who guesses shuts nobody out"


@pytest.mark.slow
def test_a_training_counts_for_the_token_or_for_the_address_of_nobody(
    address: str, home: Path
) -> None:
    first, second = (Access(home).ensure_token(name).read_text().strip() for name in ("bob", "eva"))

    def train(token: str, client: str) -> Response:
        given = {"Authorization": f"Bearer {token}", "X_Forwarded_For": client}
        return ask(address, "POST", "/api/train", b"{}", **given, Content_Type="application/json")

    for client in ("198.51.100.1", "198.51.100.2"):
        assert train(first, client).status != 429
    assert is_refused(train(first, "198.51.100.3"), 3600), "one token from many addresses"
    assert [train("", "198.51.100.4").status for _ in range(2)] == [401, 401]
    assert is_refused(train("", "198.51.100.4"), 3600)
    assert train(second, "198.51.100.4").status != 429, "who has no token uses up nobody's"


@pytest.mark.slow
def test_files_count_too(address: str, home: Path) -> None:
    cookie, key = Access(home).open_session(Person("ann", PersonRole.DEVELOPER)).split(".")

    def send(k: int) -> Response:
        return ask(
            address,
            "PUT",
            "/_stcore/upload_file/a/b",
            b"x",
            Cookie=f"tickerlens_person={cookie}; other={k}",
            Origin=address,
            TickerLens_Page=key,
            X_Forwarded_For=f"203.0.113.{k}",
        )

    assert [send(k).status for k in range(4)] == [403] * 4, "Streamlit's own next question"
    assert is_refused(send(5), 3600)


@pytest.mark.slow
def test_nobody_says_by_himself_where_he_is(tmp_path: Path) -> None:
    with served(tmp_path, TICKERLENS_SIGNIN_RATE="2/minute") as address:
        tried = [sign_in(address, "wrong", f"192.0.2.{k}").status for k in range(4)]
    assert tried == [401, 401, 429, 429]
    noted = Workspace(Settings(home=tmp_path)).audit.latest()
    assert [one.address for one in noted] == ["127.0.0.1"] * 2


@pytest.mark.parametrize("shared", [False, True], ids=["memory", "redis"])
def test_so_many_pass_and_then_none_until_the_window_has_moved(shared: bool) -> None:
    url = redis_url() if shared else ""
    rates, name = Rates(url), str(datetime.now(UTC).timestamp())
    also = Rates(url) if shared else rates
    assert [rates.wait_seconds("3/second", name) for _ in range(2)] == [0, 0]
    assert [also.wait_seconds("3/second", name) for _ in range(2)] == [0, 1]
    assert rates.spent_seconds("3/second", name) == 1
    assert rates.wait_seconds("3/second", name, "other") == 0
    time.sleep(1.1)
    assert rates.spent_seconds("3/second", name) == 0
    assert also.wait_seconds("3/second", name) == 0
    assert [rates.wait_seconds("off", name) for _ in range(9)] == [0] * 9


def test_without_redis_each_process_counts_by_itself() -> None:
    rates = Rates(f"redis://127.0.0.1:{free_port()}")
    started = time.monotonic()
    assert [rates.wait_seconds("3/minute", "a") > 0 for _ in range(5)] == [False] * 3 + [True] * 2
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("a socket", "a socket"),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert network(address) == counted
