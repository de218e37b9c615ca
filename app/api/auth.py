"""Signing in: a one-time link or a token opens a session; cookie and page keep one half each."""

import html
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from streamlit.user_info import generate_login_redirect_url

from app.state.stores import stores
from app.web.callers import client_address
from app.web.page_key import STORED
from core.foundation.access import grant_of
from core.foundation.audit import Action
from core.foundation.errors import AccessError, TickerLensError
from core.foundation.keys.person import Person
from core.foundation.keys.sessions import SESSION_SECONDS, Grant, SignInKind

COOKIE = "tickerlens_person"
PROVIDER_SIGN_OUT = "/oauth2signout"
_NOBODY = "nobody"
_PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in - TickerLens</title>
<meta name="viewport" content="width=device-width"><style>
:root{{color-scheme:light dark}}body{{font:16px/1.5 system-ui,sans-serif;margin:12vh auto;
max-width:26rem;padding:0 1rem}}input,button{{font:inherit;width:100%;box-sizing:border-box;
padding:.6rem;margin:.4rem 0;border-radius:.5rem;border:1px solid #8888}}button{{background:#2f6fb3;
color:#fff;border:0}}</style><h1>Sign in</h1><p role="alert">{note}</p>
<form method="post" action="signin"><label>Token
<input type="password" name="token" autocomplete="current-password" required></label>
<button>Sign in</button></form>{provider}<p><a href="../">Back to TickerLens</a></p></html>"""
_ENTER = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Sign in - TickerLens</title>
<p id="blocked" role="alert" hidden>This browser keeps nothing for this site, so nobody can sign in;
allow it to keep site data.</p><noscript>Signing in needs JavaScript.</noscript><script>try {{
localStorage.setItem("{name}", "{key}"); location.replace("/");
}} catch {{ document.getElementById("blocked").hidden = false; }}</script></html>"""
_PROVIDER = '<p><a href="signin/provider">Sign in with your organisation</a></p>'
_HINT = (
    "The token is in a file below the home folder; make run prints which. "
    ".venv/bin/python -m app signin prints a link that needs no token."
)

router = APIRouter(include_in_schema=False)


@router.get("/signin")
def follow_link(request: Request, key: str = "") -> Response:
    """Use up a one-time link; without a key, ask for a token."""
    if not key:
        return HTMLResponse(_page(_HINT))
    try:
        person = stores().access.redeem(key)
    except AccessError as error:
        return refuse(SignInKind.LINK, error.message)
    return enter(request, person, Grant(SignInKind.LINK, address=client_address(request.scope)))


@router.post("/signin")
def give_token(request: Request, token: Annotated[str, Form()]) -> Response:
    """Exchange a token for a session."""
    try:
        found = stores().access.tokens.find(token, datetime.now(UTC))
    except AccessError as error:
        return refuse(SignInKind.TOKEN, error.message)
    return enter(request, found.person, grant_of(found, client_address(request.scope)))


@router.get("/signin/provider")
def go_to_provider() -> Response:
    """Begin what `st.login` does, for a page that is not Streamlit's."""
    here = stores().settings.oidc_is_on
    return RedirectResponse(generate_login_redirect_url("default") if here else "/api/signin", 303)


@router.get("/signout")
def sign_out(request: Request) -> Response:
    """End the session of this browser, in its other tabs and wherever the cookie went too."""
    if request.headers.get("sec-fetch-site") in ("same-site", "cross-site"):
        return RedirectResponse("/", 303)  # a link on a page of somebody else's ends nothing
    cookie = request.cookies.get(COOKIE, "")
    session = stores().access.sessions.by_cookie(cookie, datetime.now(UTC))
    was_there = session is not None and session.grant.kind == SignInKind.OIDC
    response = RedirectResponse(PROVIDER_SIGN_OUT if was_there else "/", 303)
    if session is not None:
        _close(request)
        stores().audit.add(Action(datetime.now(UTC), session.person.name, "sign out", "here"))
    response.delete_cookie(COOKIE)
    return response


def knows_token(token: str) -> bool:
    """Whether this is a developer's token."""
    try:
        return stores().access.holder(token).may_act
    except AccessError:
        return False


def is_token(token: str) -> bool:
    """Whether this is anybody's token."""
    with suppress(AccessError):
        return bool(stores().access.holder(token).name)
    return False


def note_unknown_token() -> None:
    """Put on record that somebody sent a token of nobody's."""
    _note_refusal("bearer token", "This token is not known here.")


def may_act(cookies: Mapping[str, str]) -> bool:
    """Whether the cookies of a page, the key behind, are a developer's."""
    return stores().access.session(cookies.get(COOKIE, "")).may_act


def is_signed_in(cookies: Mapping[str, str]) -> bool:
    """Whether the cookies of a page, the key behind, are anybody's."""
    return stores().access.session(cookies.get(COOKIE, "")).is_signed_in


def has_session(cookies: Mapping[str, str]) -> bool:
    """Whether there is an open session to the cookies, be it without a page's key."""
    return stores().access.is_open(cookies.get(COOKIE, ""))


def enter(request: Request, person: Person, grant: Grant) -> Response:
    """Open a session for somebody, and give the browser both its halves."""
    _close(request)  # its token is about to be overwritten, so signing out would no longer end it
    stores().audit.add(Action(datetime.now(UTC), person.name, "sign in", grant.kind))
    cookie, _, key = stores().access.open_session(person, grant).partition(".")
    response = HTMLResponse(_ENTER.format(name=STORED, key=key))
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        COOKIE,
        cookie,
        max_age=SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return response


def refuse(kind: SignInKind, reason: str) -> Response:
    """Let nobody in, say why, and put it on record; never what was tried."""
    _note_refusal(kind, reason)
    return HTMLResponse(_page(html.escape(reason)), 401)


def _page(note: str) -> str:
    provider = _PROVIDER if stores().settings.oidc_is_on else ""
    return _PAGE.format(note=note, provider=provider)


def _note_refusal(by: str, reason: str) -> None:
    with suppress(TickerLensError):  # where nothing can be written the refusal still stands
        stores().audit.add(Action(datetime.now(UTC), _NOBODY, "refuse sign-in", by, reason))


def _close(request: Request) -> None:
    stores().access.close_session(request.cookies.get(COOKIE, ""))
