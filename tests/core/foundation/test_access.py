"""Tokens, one-time links and sessions: who gets in, and who stays a viewer."""

import os
import threading
import time
from pathlib import Path

import pytest

from core.foundation.access import LINK_SECONDS, Access
from core.foundation.errors import AccessError, InvalidInputError
from core.foundation.keys.person import VIEWER, Person, PersonRole
from tests.support.homes import file_bytes

ANN = Person("ann", PersonRole.DEVELOPER)
WEEK = 7 * 24 * 3600  # seconds


@pytest.fixture
def access(tmp_path: Path) -> Access:
    return Access(tmp_path)


def test_a_token_is_long_and_its_owner_s_alone(access: Access) -> None:
    path = access.ensure_token("ann")
    assert path.stat().st_mode & 0o777 == 0o600
    assert len(path.read_text().strip()) >= 43, "32 bytes in base64"
    assert access.holder(path.read_text().strip()) == ANN and ANN.may_act


def test_a_token_is_made_once_and_differs_by_name(access: Access) -> None:
    first = access.ensure_token("ann").read_text()
    assert access.ensure_token("ann").read_text() == first != access.ensure_token("bob").read_text()
    assert access.holder(access.ensure_token("bob").read_text().strip()).name == "bob"


WRONG = ["", " ", "\n", "x" * 43, "ann", "\ud800", "\u00e9", "../tokens/ann", "x" * 100_000]


@pytest.mark.parametrize("token", WRONG, ids=lambda token: ascii(token)[:20])
def test_a_wrong_token_is_nobody_s(token: str, access: Access) -> None:
    right = access.ensure_token("ann").read_text().strip()
    for wrong in (token, right + token, token + right[:-1]):
        if wrong.strip() != right:
            with pytest.raises(AccessError, match="^This token is not known here.$"):
                access.holder(wrong)


def test_white_space_around_a_pasted_token_does_not_matter(access: Access) -> None:
    assert access.holder(f"\t {access.ensure_token('ann').read_text()}\r\n ") == ANN


def test_without_any_token_nobody_gets_in(access: Access) -> None:
    for token in ("", "guess"):
        with pytest.raises(AccessError):
            access.holder(token)


def test_an_emptied_token_file_lets_nobody_in(access: Access) -> None:
    access.ensure_token("ann").write_text("\n")
    with pytest.raises(AccessError):
        access.holder("")


NAMES = [
    "",
    "Ann",
    "1ann",
    "../ann",
    "a/b",
    "a.b",
    "a b",
    "ann\n",
    "-a",
    "a" * 33,
    "\u00e4nn",
    "..",
]


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_hostile_names_make_no_file(name: str, access: Access, tmp_path: Path) -> None:
    for use in (access.ensure_token, access.new_link):
        with pytest.raises(InvalidInputError, match="is not a name for a token"):
            use(name)
    assert file_bytes(tmp_path) == {}


def test_a_link_works_once(access: Access) -> None:
    key = access.new_link("ann")
    assert access.redeem(key) == ANN
    with pytest.raises(AccessError, match="used already or is too old") as refused:
        access.redeem(key)
    assert ".venv/bin/python -m app signin" in refused.value.message
    assert not set("`<>&") & set(refused.value.message), "as plain on a page as in a terminal"


def test_a_link_is_not_kept_in_the_clear(access: Access, tmp_path: Path) -> None:
    key = access.new_link("ann")
    stored = file_bytes(tmp_path)
    assert len(stored) == 1 and key not in repr(stored)
    path = tmp_path / next(iter(stored))
    assert path.stat().st_mode & 0o777 == 0o600


def test_of_visitors_at_the_same_instant_one_gets_in(access: Access) -> None:
    results: list[str] = []
    for _ in range(15):
        key, gate = access.new_link("ann"), threading.Barrier(4)

        def visit() -> None:
            gate.wait()
            try:
                results.append(access.redeem(key).name)
            except AccessError:
                results.append("refused")
            except BaseException as error:  # would be lost in its thread
                results.append(repr(error))

        threads = [threading.Thread(target=visit) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(results) == ["ann"] * 15 + ["refused"] * 45


def test_a_link_older_than_a_day_is_refused_and_gone(access: Access, tmp_path: Path) -> None:
    old, fresh = access.new_link("ann"), access.new_link("bob")
    path = next(p for p in (tmp_path / "links").iterdir() if p.read_text() == "ann")
    age(path, LINK_SECONDS + 1)
    with pytest.raises(AccessError):
        access.redeem(old)
    assert not path.exists() and access.redeem(fresh).name == "bob"


@pytest.mark.parametrize(
    "key", ["", "x", "../../tokens/ann", "\ud800", "\x00", "a" * 9999], ids=ascii
)
def test_a_made_up_key_is_refused(key: str, access: Access) -> None:
    access.ensure_token("ann")
    with pytest.raises(AccessError):
        access.redeem(key)


def test_a_session_speaks_for_its_person_for_a_week(access: Access, tmp_path: Path) -> None:
    token = access.open_session(ANN)
    assert Access(tmp_path).session(token) == ANN, "also after a restart"
    (path,) = (tmp_path / "sessions").iterdir()
    assert path.stat().st_mode & 0o777 == 0o600
    age(path, WEEK - 60)
    assert access.session(token) == ANN
    age(path, WEEK + 1)
    assert access.session(token) == VIEWER and not VIEWER.may_act
    access.open_session(ANN)
    assert not path.exists(), "old ones are swept"


def test_a_closed_session_is_over_wherever_its_token_is_kept(
    access: Access, tmp_path: Path
) -> None:
    first, second = access.open_session(ANN), access.open_session(ANN)
    access.close_session(first)
    for store in (access, Access(tmp_path)):
        assert store.session(first) == VIEWER
        assert store.session(second) == ANN, "the other browser stays signed in"
    access.close_session(first)


def test_a_session_token_is_not_kept_in_the_clear(access: Access, tmp_path: Path) -> None:
    token = access.open_session(ANN)
    stored = file_bytes(tmp_path)
    assert len(stored) == 1 and token not in repr(stored)


def test_half_a_session_token_is_a_viewer_and_its_cookie_closes_it(access: Access) -> None:
    token, other = access.open_session(ANN), access.open_session(ANN)
    cookie, key = token.split(".")
    assert len(cookie) >= 43 and len(key) >= 43
    for part in (cookie, key, f"{cookie}.", f".{key}", f"{cookie}.{other.split('.')[1]}"):
        assert access.session(part) == VIEWER
    access.close_session(cookie)
    assert access.session(token) == VIEWER and access.session(other) == ANN


def test_a_session_of_before_there_were_halves_is_a_viewer(access: Access, tmp_path: Path) -> None:
    cookie = access.open_session(ANN).split(".")[0]
    (path,) = (tmp_path / "sessions").iterdir()
    path.write_text("ann developer")
    for token in (cookie, f"{cookie}.", f"{cookie}.x"):
        assert access.session(token) == VIEWER


def test_altering_any_character_makes_a_viewer(access: Access) -> None:
    token = access.open_session(ANN)
    assert len(token) >= 43, "32 bytes in base64"
    for at, old in enumerate(token):
        altered = token[:at] + ("0" if old != "0" else "1") + token[at + 1 :]
        assert access.session(altered) == VIEWER, at


GARBAGE = [
    "",
    ".",
    "..",
    "a.b",
    "../tokens/ann",
    "ann developer",
    "\u00e9",
    "\ud800",
    "\x00",
    "x" * 10**5,
]


@pytest.mark.parametrize("token", GARBAGE, ids=lambda token: ascii(token)[:20])
def test_garbage_is_a_viewer_and_closes_nothing(token: str, access: Access) -> None:
    assert access.session(token) == VIEWER, "before the first sign-in"
    access.close_session(token)
    real = access.open_session(ANN)
    assert access.session(token) == VIEWER
    access.close_session(token)
    assert access.session(real) == ANN


@pytest.mark.parametrize("content", [b"", b"ann", b"ann developer more", b"\xff\xfe x"])
def test_a_damaged_session_file_is_a_viewer(content: bytes, access: Access, tmp_path: Path) -> None:
    token = access.open_session(ANN)
    (path,) = (tmp_path / "sessions").iterdir()
    path.write_bytes(content)
    assert access.session(token) == VIEWER


def test_another_home_s_session_is_a_viewer(access: Access, tmp_path: Path) -> None:
    other = Access(tmp_path / "other")
    other.open_session(ANN)
    assert other.session(access.open_session(ANN)) == VIEWER


def test_a_clock_set_back_lets_no_key_live_on(access: Access, tmp_path: Path) -> None:
    """What was made by a clock that was a month ahead would else be good for a month more."""
    token, key = access.open_session(ANN), access.new_link("ann")
    for folder in ("sessions", "links"):
        (path,) = (tmp_path / folder).iterdir()
        age(path, -30 * 24 * 3600)
    assert access.session(token) == VIEWER
    with pytest.raises(AccessError, match="too old"):
        access.redeem(key)
    token = access.open_session(ANN)
    (path,) = (tmp_path / "sessions").iterdir()
    age(path, -60)  # two clocks are never quite alike
    assert access.session(token) == ANN


def age(path: Path, seconds: float) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))
