"""Signing in and out in Chromium: two browsers, a revoked token, and a provider of one's own."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from core.foundation.access import Access
from core.foundation.keys.person import PersonRole
from core.foundation.settings import Settings
from core.wiring import Workspace
from tests.support.chromium import open_page, served
from tests.support.oidc_provider import Provider, served_provider, settings
from tests.support.ports import free_port

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with served_provider() as found:
        found.asks = True
        yield found


@pytest.fixture(scope="module")
def address(home: Path, provider: Provider) -> Iterator[str]:
    port = free_port()
    with served(home, port=port, **settings(provider, port), TICKERLENS_SIGNIN_RATE="off") as found:
        yield found


@pytest.fixture
def pages(browser: Browser) -> Iterator[list[Page]]:
    """Of two browsers that know nothing of each other."""
    found = [open_page(browser)[0] for _ in range(2)]
    yield found
    for page in found:
        page.context.close()


def give_token(page: Page, address: str, token: str) -> None:
    page.goto(f"{address}/api/signin")
    page.get_by_label("Token").fill(token)
    page.get_by_role("button", name="Sign in").click()


def test_signing_out_everywhere_ends_the_other_browser_too(
    pages: list[Page], address: str, home: Path
) -> None:
    token = Access(home).tokens.add("eva", PersonRole.VIEWER, 1, datetime.now(UTC))
    for page in pages:
        give_token(page, address, token)
        expect(page.get_by_text("Signed in as eva")).to_be_visible(timeout=60_000)
        expect(page.get_by_text("A viewer sees everything and changes nothing")).to_be_visible()
    pages[0].get_by_role("button", name="Sign out everywhere").click()
    expect(pages[0].get_by_text("You are a viewer")).to_be_visible()
    pages[1].goto(f"{address}/status")
    expect(pages[1].get_by_text("You are a viewer")).to_be_visible()


def test_a_revoked_token_ends_on_an_open_page(pages: list[Page], address: str, home: Path) -> None:
    page = pages[0]
    give_token(page, address, Access(home).tokens.add("dev", PersonRole.DEVELOPER, 1, now()))
    expect(page.get_by_text("Signed in as dev")).to_be_visible(timeout=60_000)
    Access(home).revoke("dev")
    page.get_by_role("link", name="Status").click()
    expect(page.get_by_text("You are a viewer")).to_be_visible()


def now() -> datetime:
    return datetime.now(UTC)


@pytest.mark.parametrize(("groups", "may_act"), [(["quants"], True), (["staff"], False)])
def test_the_provider_lets_a_person_in_and_out(
    pages: list[Page],
    address: str,
    home: Path,
    provider: Provider,
    groups: list[str],
    may_act: bool,
) -> None:
    provider.claims, page = {"groups": groups}, pages[0]
    page.goto(address)
    page.get_by_role("button", name="Sign in with your organisation").click()
    page.get_by_role("link", name="Continue as Ann").click()
    expect(page.get_by_text("Signed in as ann@team.example")).to_be_visible(timeout=60_000)
    seen = page.get_by_text("A viewer sees everything and changes nothing").count()
    assert seen == (0 if may_act else 1)
    names = {one["name"] for one in page.context.cookies()}
    assert "tickerlens_person" in names and "_streamlit_user" not in names
    page.reload()
    expect(page.get_by_text("Signed in as ann@team.example")).to_be_visible()
    ended = len(provider.ended)
    page.get_by_role("link", name="Sign out").click()
    expect(page.get_by_text("You are a viewer")).to_be_visible()
    assert len(provider.ended) == ended + 1, "the provider's own session too"
    noted = Workspace(Settings(home=home)).audit.latest(2)
    assert [(one.actor, one.action) for one in reversed(noted)] == [
        ("ann@team.example", "sign in"),
        ("ann@team.example", "sign out"),
    ]


def test_a_lie_of_the_provider_is_said_in_a_sentence(
    pages: list[Page], address: str, provider: Provider
) -> None:
    provider.claims, page = {"groups": ["quants"], "aud": "another-app"}, pages[0]
    page.goto(f"{address}/api/signin")
    page.get_by_role("link", name="Sign in with your organisation").click()
    page.get_by_role("link", name="Continue as Ann").click()
    expect(page.get_by_role("alert")).to_contain_text("cannot be trusted")
    page.goto(address)
    expect(page.get_by_text("You are a viewer")).to_be_visible()
