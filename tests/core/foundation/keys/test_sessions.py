"""Sessions rest on a token, a link or the provider's groups, and end with them."""

import json
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.foundation.access import Access, grant_of
from core.foundation.errors import AccessError, NotFoundError
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.foundation.keys.sessions import Grant, SignInKind

ANN = Person("ann", PersonRole.DEVELOPER)


@pytest.fixture
def access(tmp_path: Path) -> Access:
    return Access(tmp_path)


def test_a_session_ends_with_the_token_it_began_with(access: Access) -> None:
    path = access.ensure_token("ann")
    found = access.tokens.find(path.read_text(), datetime.now(UTC))
    token, other = access.open_session(found.person, grant_of(found, "")), access.open_session(ANN)
    assert access.session(token) == ANN
    path.unlink()
    assert access.session(token) == VIEWER and access.session(other) == ANN
    access.ensure_token("ann")
    assert access.session(token) == VIEWER, "another of the same name is another"


def made(access: Access, name: str, role: PersonRole, days: int | None = 1) -> str:
    return access.tokens.add(name, role, days, datetime.now(UTC))


def by_token(access: Access, secret: str, now: datetime | None = None) -> str:
    found = access.tokens.find(secret, now or datetime.now(UTC))
    return access.open_session(found.person, grant_of(found, "192.0.2.7"))


def test_revoking_a_token_ends_its_sessions_and_no_other(access: Access) -> None:
    bob = made(access, "bob", PersonRole.VIEWER)
    first, second = by_token(access, bob), by_token(access, bob)
    ann = by_token(access, made(access, "ann", PersonRole.DEVELOPER))
    assert access.session(first) == Person("bob", PersonRole.VIEWER) != VIEWER
    assert access.revoke("bob") == 2
    assert access.session(first) == access.session(second) == VIEWER
    assert access.session(ann) == ANN and not access.is_open(first.split(".")[0])
    with pytest.raises(AccessError, match="not known"):
        access.holder(bob)
    with pytest.raises(NotFoundError, match="There is no token bob"):
        access.revoke("bob")


def test_a_page_opened_with_a_token_ends_when_the_token_does(access: Access) -> None:
    day = timedelta(days=1)
    then = datetime.now(UTC) - day + timedelta(seconds=2)
    secret = access.tokens.add("ann", PersonRole.DEVELOPER, 1, then)
    session = by_token(access, secret)
    assert access.session(session) == ANN and access.is_open(session)
    assert [one.expires_at for one in access.open_sessions()] == [then + day]
    time.sleep(max(0.0, (then + day - datetime.now(UTC)).total_seconds()) + 0.01)
    assert access.session(session) == VIEWER and access.open_sessions() == []
    assert not access.is_open(session)
    with pytest.raises(AccessError, match="^This token has expired; ask for a new one.$"):
        access.holder(secret)


def test_signing_out_everywhere_ends_all_of_one_person(access: Access) -> None:
    own = [access.open_session(ANN) for _ in range(3)]
    other = access.open_session(Person("bob", PersonRole.VIEWER))
    assert access.close_sessions("ann") == 3 and access.close_sessions("ann") == 0
    assert [access.session(one) for one in own] == [VIEWER] * 3
    assert access.session(other).name == "bob"


def test_the_provider_s_groups_decide_on_each_look(tmp_path: Path) -> None:
    grant = Grant(SignInKind.OIDC, groups=("staff", "quants"))
    nobody = Grant(SignInKind.OIDC)
    roles = {None: False, frozenset[str](): False, frozenset({"quants"}): True}
    for groups, may_act in roles.items():
        access = Access(tmp_path, groups)
        token = access.open_session(Person("a@b.example", PersonRole.DEVELOPER), grant)
        assert access.session(token).may_act is may_act
        assert access.session(token).is_signed_in is (groups is not None)
        assert not access.session(access.open_session(ANN, nobody)).may_act, "of no group"


def test_a_session_of_an_earlier_version_lasts(access: Access, tmp_path: Path) -> None:
    token = access.open_session(ANN)
    (path,) = (tmp_path / "sessions").iterdir()
    stored = json.loads(path.read_text())
    path.write_text(f"ann developer {stored['key']}")
    assert access.session(token) == ANN
    assert [one.person for one in access.open_sessions()] == [ANN]


def test_a_session_ended_by_a_made_up_name_is_none(access: Access, tmp_path: Path) -> None:
    access.ensure_token("ann")
    for name in ("", "..", "../tokens/ann", "g" * 64, "a" * 64):
        assert access.sessions.end(name) is False
    assert (tmp_path / "tokens" / "ann").is_file()
