"""Signing in at a provider: who gets in as what, and that no lie lets anybody in."""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.foundation.access import Access
from core.foundation.keys.person import VIEWER
from core.foundation.settings import Settings
from core.wiring import Workspace
from tests.support.chromium import served
from tests.support.oidc_provider import SECRET, Provider, served_provider, settings
from tests.support.ports import free_port

pytestmark = pytest.mark.slow
GROUPS = frozenset({"quants", "admins"})


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("oidc")


@pytest.fixture(scope="module")
def running() -> Iterator[Provider]:
    with served_provider() as found:
        yield found


@pytest.fixture(scope="module")
def address(home: Path, running: Provider) -> Iterator[str]:
    port = free_port()
    with served(home, port=port, **settings(running, port), TICKERLENS_SIGNIN_RATE="off") as found:
        yield found


@pytest.fixture
def provider(running: Provider) -> Provider:
    running.claims, running.signed_by = {}, "own"
    return running


def sign_in(address: str) -> httpx.Response:
    with httpx.Client(follow_redirects=True, timeout=30) as browser:
        return browser.get(f"{address}/api/signin/provider")


def session(response: httpx.Response) -> str:
    """What cookie and page hold together of who got in."""
    assert response.status_code == 200, response.text
    key = re.search(r'setItem\("tickerlens_page", "([^"]+)"\)', response.text)
    cookie = response.headers["set-cookie"]
    assert key is not None and "HttpOnly" in cookie and "SameSite=strict" in cookie
    return cookie.split("tickerlens_person=")[1].split(";")[0] + "." + key[1]


@pytest.mark.parametrize(
    ("groups", "may_act"),
    [
        (["staff", "quants"], True),
        ("admins", True),
        (["staff"], False),
        ([], False),
        (None, False),
        (["Quants", "quants "], False),
        ({"quants": True}, False),
        ([["quants"]], False),
        ("staff quants", False),
        (5, False),
    ],
    ids=str,
)
def test_the_groups_say_who_is_a_developer(
    provider: Provider, address: str, home: Path, groups: Any, may_act: bool
) -> None:
    provider.claims = {"groups": groups}
    person = Access(home, GROUPS).session(session(sign_in(address)))
    assert (person.name, person.may_act) == ("ann@team.example", may_act)
    assert person.is_signed_in


NOW = int(time.time())
LIES: dict[str, tuple[dict[str, Any], str]] = {
    "another issuer": ({"iss": "http://evil.example"}, "own"),
    "no issuer": ({"iss": None}, "own"),
    "for somebody else": ({"aud": "another-app"}, "own"),
    "for somebody else, by us": ({"aud": "another-app", "azp": "tickerlens"}, "own"),
    "for nobody": ({"aud": None}, "own"),
    "of an hour ago": ({"iat": NOW - 7200, "exp": NOW - 3600}, "own"),
    "without an end": ({"exp": None}, "own"),
    "of tomorrow": ({"nbf": NOW + 86_400}, "own"),
    "of another sign-in": ({"nonce": "another"}, "own"),
    "without a nonce": ({"nonce": None}, "own"),
    "of nobody": ({"sub": None}, "own"),
    "unsigned": ({}, "none"),
    "signed by another key": ({}, "other"),
    "signed by our own secret": ({}, "secret"),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_token_that_lies_lets_nobody_in(
    provider: Provider, address: str, home: Path, lie: str
) -> None:
    claims, provider.signed_by = LIES[lie]
    provider.claims = {"groups": ["quants"], **claims}
    before = len(Access(home, GROUPS).open_sessions())
    response = sign_in(address)
    assert response.status_code == 401 and "cannot be trusted" in response.text, response.text
    assert "tickerlens_person" not in str(response.headers)
    assert len(Access(home, GROUPS).open_sessions()) == before
    noted = Workspace(Settings(home=home)).audit.latest(1)[0]
    assert (noted.action, noted.subject) == ("refuse sign-in", "oidc")
    assert (noted.door, noted.address) == ("api", "127.0.0.1")


@pytest.mark.parametrize("state", ["", "&state=", "&state=made-up"])
def test_a_code_that_this_browser_did_not_ask_for_lets_nobody_in(
    provider: Provider, address: str, state: str
) -> None:
    provider.claims = {"groups": ["quants"]}
    with httpx.Client(timeout=30) as victim:
        step = victim.get(f"{address}/api/signin/provider")
        victim.get(f"{address}{step.headers['location']}")
        response = victim.get(f"{address}/oauth2callback?code=stolen{state}")
    assert response.status_code == 401 and "tickerlens_person" not in str(response.headers)


def test_a_code_of_another_browser_s_sign_in_lets_nobody_in(
    provider: Provider, address: str
) -> None:
    provider.claims = {"groups": ["quants"]}
    with httpx.Client(timeout=30) as attacker, httpx.Client(timeout=30) as victim:
        step = attacker.get(f"{address}/api/signin/provider")
        step = attacker.get(f"{address}{step.headers['location']}")
        back = attacker.get(step.headers["location"]).headers["location"]
        refused = victim.get(back)
        assert refused.status_code == 401 and "was not begun in this browser" in refused.text
        assert attacker.get(back).status_code == 200
        assert attacker.get(back).status_code == 401, "a second time"


def test_what_the_provider_refuses_is_said_in_a_sentence(address: str) -> None:
    response = httpx.get(f"{address}/oauth2callback?error=%3Cb%3Eaccess_denied&state=x")
    assert response.status_code == 401 and "&lt;b&gt;access_denied" in response.text
    assert httpx.get(f"{address}/oauth2callback").status_code == 401
    assert httpx.post(f"{address}/oauth2callback?code=x").status_code in (403, 405)


@pytest.mark.parametrize(
    ("claims", "name"),
    [
        ({"email_verified": False}, "u-17@127.0.0.1"),
        ({"email": None}, "u-17@127.0.0.1"),
        ({"email": "developer"}, "u-17@127.0.0.1"),
    ],
    ids=str,
)
def test_nobody_takes_another_s_name(
    provider: Provider, address: str, home: Path, claims: dict[str, Any], name: str
) -> None:
    provider.claims = claims
    assert Access(home, GROUPS).session(session(sign_in(address))).name == name


def test_two_long_names_stay_two(provider: Provider, address: str, home: Path) -> None:
    found = set()
    for end in ("a", "b"):
        provider.claims = {"email": "x" * 90 + f"@{end}.example"}
        found.add(Access(home, GROUPS).session(session(sign_in(address))).name)
    assert len(found) == 2 and {len(name) for name in found} == {64}


def test_without_the_setting_a_provider_s_session_is_a_viewer_s(
    provider: Provider, address: str, home: Path
) -> None:
    provider.claims = {"groups": ["quants"]}
    token = session(sign_in(address))
    assert Access(home, GROUPS).session(token).may_act
    assert not Access(home, frozenset({"others"})).session(token).may_act
    assert Access(home).session(token) == VIEWER


def test_secrets_are_in_no_log(home: Path, address: str) -> None:
    assert SECRET not in (home / "server.log").read_text()
