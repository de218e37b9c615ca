"""The cache: one contract in this process and in a real Redis, which may be down at any time."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from core.foundation.caches.cache import Cache, ProcessCache
from core.foundation.caches.file_cache import FileCache
from core.foundation.caches.redis_cache import RedisCache
from core.foundation.errors import InvalidInputError
from core.foundation.settings import Settings
from core.wiring import Workspace
from tests.support.ports import free_port
from tests.support.redis_server import redis_url


@pytest.fixture
def prefix() -> Iterator[str]:
    """What the keys of a test begin with; they are gone afterwards."""
    found = f"tickerlens:test:{secrets.token_hex(6)}:"
    yield found
    with redis.Redis.from_url(redis_url()) as client:
        for key in client.scan_iter(f"{found}*"):
            client.delete(key)


@pytest.fixture(params=["process", "file", "redis"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    if request.param == "process":
        return ProcessCache()
    if request.param == "file":
        return FileCache(tmp_path / "kept.db")
    return RedisCache(redis_url(), request.getfixturevalue("prefix"))


def test_what_is_kept_comes_back(cache: Cache) -> None:
    assert cache.get("a") is None
    cache.set("a", b"\x00\xff one", 60)
    cache.set("b", b"", 60)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (b"\x00\xff one", b"", None)
    cache.set_all({"a": b"two", "c": b"three"}, 60)
    assert cache.get("c") == b"three"
    assert cache.get("a") == b"two"


def test_any_text_is_a_key(cache: Cache) -> None:
    keys = ["", "a b\n", "台積電", "x" * 5000, "*", "a"]
    for key in keys:
        cache.set(key, key.encode(), 60)
    assert [cache.get(key) for key in keys] == [key.encode() for key in keys]


def test_it_is_gone_after_its_time(cache: Cache) -> None:
    cache.set("short", b"1", 0.05)
    cache.set("long", b"2", 600)
    deadline = time.monotonic() + 10
    while cache.get("short") is not None:
        assert time.monotonic() < deadline
        time.sleep(0.01)
    assert cache.get("long") == b"2"


def test_a_later_value_counts_its_own_time(cache: Cache) -> None:
    cache.set("a", b"1", 0.05)
    cache.set("a", b"2", 600)
    time.sleep(0.1)
    assert cache.get("a") == b"2"


def test_threads_may_share_it(cache: Cache) -> None:
    wrong: list[object] = []

    def work(name: str) -> None:
        for number in range(100):
            cache.set(f"{name}{number % 5}", f"{name}{number}".encode(), 60)
            found = cache.get(f"{name}{number % 5}")
            if found != f"{name}{number}".encode():
                wrong.append(found)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_process_keeps_what_was_used_last() -> None:
    cache = ProcessCache(max_values=2)
    cache.set("a", b"1", 60)
    cache.set("b", b"2", 60)
    assert cache.get("a") == b"1"
    cache.set("c", b"3", 60)
    assert [cache.get(key) for key in "abc"] == [b"1", None, b"3"]


def test_two_processes_see_the_same_in_redis(prefix: str) -> None:
    RedisCache(redis_url(), prefix).set("a", b"1", 60)
    assert RedisCache(redis_url(), prefix).get("a") == b"1"
    assert RedisCache(redis_url(), prefix + "other:").get("a") is None
    with redis.Redis.from_url(redis_url()) as client:
        (key,) = client.scan_iter(f"{prefix}*")
        assert 0 < client.pttl(key) <= 60_000


def test_a_redis_that_is_down_keeps_nothing_and_says_nothing() -> None:
    cache = RedisCache(f"redis://:hidden@127.0.0.1:{free_port()}/0")
    cache.set("a", b"1", 60)
    assert cache.get("a") is None


def test_one_that_never_answers_is_asked_once() -> None:
    calls = 0
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(0.5)
        cache = RedisCache(f"redis://127.0.0.1:{silent.getsockname()[1]}/0")
        for _ in range(20):
            assert cache.get("a") is None
        with pytest.raises(TimeoutError):
            while True:
                silent.accept()[0].close()
                calls += 1
    assert calls == 1


def test_a_wrong_password_keeps_nothing_and_says_nothing() -> None:
    address = redis_url().replace("redis://", "redis://:hidden@")
    cache = RedisCache(address, "tickerlens:test:never:")
    assert cache.get("a") is None


@pytest.mark.parametrize(
    "url", ["http://:hidden@host", "redis://:hidden@host:port/0", "redis://:hidden@[h", "host:6379"]
)
def test_a_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidInputError, match="TICKERLENS_CACHE_URL is not an addr") as caught:
        Workspace(Settings(cache_url=url)).cache
    assert "hidden" not in str(caught.value)


def test_the_setting_chooses() -> None:
    assert isinstance(Workspace(Settings()).cache, ProcessCache)
    assert isinstance(Workspace(Settings(cache_url="redis://127.0.0.1:1")).cache, RedisCache)
