"""Tokens with names, roles and an end; and what is kept of them."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.foundation.access import Access
from core.foundation.errors import AccessError, InvalidInputError
from core.foundation.keys.person import PersonRole
from core.foundation.keys.tokens import Tokens
from tests.support.homes import file_bytes

AT = datetime(2026, 11, 30, 12, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Access(tmp_path).tokens


@pytest.mark.parametrize("role", PersonRole)
def test_a_token_has_the_role_it_was_given(tokens: Tokens, role: PersonRole) -> None:
    secret = tokens.add("bob", role, 30, AT)
    assert len(secret) >= 43, "32 bytes in base64"
    found = tokens.find(f" {secret}\n", AT)
    assert found.person.name == "bob" and found.person.role == role
    assert found.person.may_act is (role == PersonRole.DEVELOPER)


def test_it_is_good_until_it_expires(tokens: Tokens) -> None:
    secret = tokens.add("bob", PersonRole.VIEWER, 2, AT)
    assert tokens.find(secret, AT + 2 * DAY - timedelta(microseconds=1)).name == "bob"
    with pytest.raises(AccessError, match="has expired"):
        tokens.find(secret, AT + 2 * DAY)
    for_ever = tokens.add("eva", PersonRole.VIEWER, None, AT)
    assert tokens.find(for_ever, AT + 10_000 * DAY).name == "eva"


def test_no_file_and_no_list_holds_the_secret(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.add("bob", PersonRole.DEVELOPER, 2, AT)
    tokens.find(secret, AT)
    assert len(file_bytes(tmp_path)) == 3, "the token, the lock, when it was used"
    assert secret not in repr(file_bytes(tmp_path)) and secret not in repr(tokens.all())
    assert (tmp_path / "keys" / "bob.json").stat().st_mode & 0o777 == 0o600


def test_a_list_says_when_each_was_used(tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.add("bob", PersonRole.VIEWER, 2, AT)
    plain = tokens.ensure_plain("amy")
    assert [(one.name, one.used_at) for one in tokens.all()] == [("amy", None), ("bob", None)]
    before = datetime.now(UTC)
    tokens.find(secret, AT)
    tokens.find(plain.read_text(), AT)
    for one in tokens.all():
        assert one.used_at is not None and abs(one.used_at - before) < timedelta(seconds=30)


def test_a_name_is_given_once(tokens: Tokens) -> None:
    tokens.ensure_plain("amy")
    tokens.add("bob", PersonRole.VIEWER, 2, AT)
    for name in ("amy", "bob"):
        with pytest.raises(InvalidInputError, match=f"There is a token {name} already"):
            tokens.add(name, PersonRole.DEVELOPER, 2, AT)
    tokens.revoke("bob")
    assert tokens.find(tokens.add("bob", PersonRole.DEVELOPER, 2, AT), AT).person.may_act


def test_a_revoked_plain_token_is_gone_with_its_file(tokens: Tokens, tmp_path: Path) -> None:
    path = tokens.ensure_plain("amy")
    secret = path.read_text()
    tokens.revoke("amy")
    assert not path.exists() and tokens.all() == []
    with pytest.raises(AccessError):
        tokens.find(secret, AT)


@pytest.mark.parametrize("days", [0, -1, 3651, 10**9])
def test_days_that_are_none_make_no_token(tokens: Tokens, days: int, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError, match="lasts 1 to 3,650 days"):
        tokens.add("bob", PersonRole.VIEWER, days, AT)
    assert file_bytes(tmp_path) == {}


@pytest.mark.parametrize("secret", ["short", "x" * 31, "\x00" * 8])
def test_a_file_with_a_short_secret_lets_nobody_in(
    tokens: Tokens, secret: str, tmp_path: Path
) -> None:
    (tmp_path / "tokens").mkdir()
    (tmp_path / "tokens" / "amy").write_text(secret)
    with pytest.raises(AccessError):
        tokens.find(secret, AT)


@pytest.mark.parametrize(
    "change",
    [
        {"role": "owner"},
        {"role": None},
        {"digest": None},
        {"expires": "soon"},
        {"expires": 5},
        {"made": "x"},
    ],
    ids=str,
)
def test_a_file_that_is_not_as_it_was_written_lets_nobody_in(
    tokens: Tokens, change: dict[str, object], tmp_path: Path
) -> None:
    secret = tokens.add("bob", PersonRole.DEVELOPER, 2, AT)
    path = tmp_path / "keys" / "bob.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(AccessError):
        tokens.find(secret, AT)
    path.write_text("[]")
    with pytest.raises(AccessError):
        tokens.find(secret, AT)


def test_a_token_that_was_found_is_known_by_its_file_alone(
    tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secrets = [tokens.add("bob", PersonRole.VIEWER, 2, AT), tokens.ensure_plain("amy").read_text()]
    for secret in secrets:
        tokens.find(secret, AT)
    listed = list[object]()
    scandir = os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: listed.append(path) or scandir(path))
    assert [tokens.find(secret, AT).name for secret in secrets] == ["bob", "amy"]
    assert listed == []
    with pytest.raises(AccessError, match="has expired"):
        tokens.find(secrets[0], AT + 3 * DAY)
    Access(tmp_path).tokens.revoke("bob")  # in another process
    with pytest.raises(AccessError, match="not known"):
        tokens.find(secrets[0], AT)
    assert listed, "a token that is not known is looked for among all"


def test_one_of_the_same_name_is_another(tokens: Tokens, tmp_path: Path) -> None:
    first = tokens.add("bob", PersonRole.DEVELOPER, 2, AT)
    assert tokens.find(first, AT).person.may_act
    elsewhere = Access(tmp_path).tokens
    elsewhere.revoke("bob")
    second = elsewhere.add("bob", PersonRole.VIEWER, 2, AT)
    assert not tokens.find(second, AT).person.may_act
    with pytest.raises(AccessError):
        tokens.find(first, AT)
