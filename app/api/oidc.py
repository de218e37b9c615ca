"""Signing in at a team's own OpenID Connect provider, begun by Streamlit's `st.login`.

Streamlit sends the browser to the provider and keeps the state of that. What comes back ends here
and not in Streamlit, whose identity is a cookie alone: it could neither be revoked, nor would it
want the key of a page. A session of ours is opened instead, as after a token.
"""

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.api.auth import PROVIDER_SIGN_OUT, enter, refuse
from app.state.stores import stores
from app.web.callers import client_address
from core.foundation.keys.key_files import digest
from core.foundation.keys.person import Person, PersonRole
from core.foundation.keys.sessions import Grant, SignInKind
from core.foundation.messages import Message
from core.foundation.printable import printable
from core.foundation.settings import Settings

if TYPE_CHECKING:
    from authlib.integrations.starlette_client import StarletteOAuth2App

CALLBACK = "/oauth2callback"
_PROVIDER = "default"  # as `st.login()` calls the one there is
_SIGNED = ("RS", "PS", "ES", "Ed")  # by a key that the provider alone has
_LEEWAY_SECONDS = 60
_NAME_CHARACTERS, _GROUP_CHARACTERS, _MAX_GROUPS = 64, 256, 500
_log = logging.getLogger(__name__)


class _UnnamedError(Exception):
    """The provider does not say who this is."""


def secrets(settings: Settings) -> dict[str, Any]:
    """What `st.login` reads; nothing where nobody signs in at a provider."""
    if not settings.oidc_is_on:
        return {}
    return {
        "auth": {
            "redirect_uri": settings.oidc_callback,
            "cookie_secret": settings.oidc_cookie_secret or stores().access.cookie_secret(),
            "client_id": settings.oidc_client_id,
            "client_secret": settings.oidc_client_secret,
            "server_metadata_url": settings.oidc_metadata_url,
            "client_kwargs": {"scope": settings.oidc_scopes},
        }
    }


def routes(settings: Settings) -> list[Route]:
    """Where the provider sends browsers back to, and where they go to end its own session."""
    if not settings.oidc_is_on:
        return []
    return [Route(CALLBACK, callback), Route(PROVIDER_SIGN_OUT, sign_out_there)]


async def callback(request: Request) -> Response:
    """Open a session for whom the provider names, if what it sent is its own, meant for us, fresh,
    and asked for by this very browser."""
    if "code" not in request.query_params and "error" not in request.query_params:
        sentence = Message("access.oidc-nothing", "The provider sent nothing to sign in with.")
        return await run_in_threadpool(refuse, SignInKind.OIDC, str(sentence))
    try:
        claims = await _verified(request)
        person, grant = whom(claims, stores().settings, client_address(request.scope))
    except Exception as error:  # whatever a provider sends, nobody gets in by it
        _log.warning("a sign-in at the provider failed: %s", type(error).__name__)
        return await run_in_threadpool(refuse, SignInKind.OIDC, str(_sentence(error)))
    return await run_in_threadpool(enter, request, person, grant)


async def sign_out_there(request: Request) -> Response:
    """Go on to the provider, where it says that its own session can be ended."""
    ends = _client().server_metadata.get("end_session_endpoint")
    if not ends:
        return RedirectResponse("/", 303)
    settings = stores().settings
    home = settings.oidc_callback.removesuffix(CALLBACK) + "/"
    made = await _client().create_logout_url(home, client_id=settings.oidc_client_id)
    return RedirectResponse(str(made["url"]), 303)


def whom(claims: Mapping[str, Any], settings: Settings, address: str) -> tuple[Person, Grant]:
    """Who the claims of a verified token name, and what the session rests on.

    The role follows from the groups on each look, so none is decided here.
    """
    ends = datetime.now(UTC) + timedelta(hours=settings.oidc_hours)
    claimed = claims.get(settings.oidc_groups_claim)
    listed = [claimed] if isinstance(claimed, str) else claimed
    groups = tuple(
        one
        for one in (listed if isinstance(listed, list) else ())
        if isinstance(one, str) and len(one) <= _GROUP_CHARACTERS
    )
    grant = Grant(SignInKind.OIDC, "", ends, groups[:_MAX_GROUPS], address)
    return Person(_name(claims), PersonRole.VIEWER), grant


def _name(claims: Mapping[str, Any]) -> str:
    """An address by which people know each other, never one that its owner did not show to be
    theirs; else the provider's own name for them. No token can have such a name."""
    email, subject = claims.get("email"), claims.get("sub")
    if isinstance(email, str) and "@" in email and claims.get("email_verified") is not False:
        return _short(email)
    if not isinstance(subject, str) or not subject:
        raise _UnnamedError
    host = urlsplit(str(claims.get("iss"))).hostname or "provider"
    return _short(f"{subject}@{host}")


def _short(name: str) -> str:
    """A name that fits on record; two that are too long stay two."""
    shown = printable(name, len(name))
    if len(shown) <= _NAME_CHARACTERS:
        return shown
    return f"{shown[: _NAME_CHARACTERS - 13]}~{digest(name)[:12]}"


async def _verified(request: Request) -> Mapping[str, Any]:
    client = _client()
    metadata = await client.load_server_metadata()
    claimed = metadata.get("id_token_signing_alg_values_supported") or ["RS256"]
    metadata["id_token_signing_alg_values_supported"] = [
        one for one in claimed if one.startswith(_SIGNED)
    ] or ["RS256"]
    token = await client.authorize_access_token(
        request,
        leeway=_LEEWAY_SECONDS,
        claims_options={
            "iss": {"essential": True, "values": [metadata["issuer"]]},
            "aud": {"essential": True, "values": [client.client_id]},
        },
    )
    claims: Mapping[str, Any] = token["userinfo"]
    return claims


@lru_cache(maxsize=1)
def _client() -> "StarletteOAuth2App":
    from authlib.integrations.starlette_client import OAuth  # where a provider is used only

    settings = stores().settings
    return OAuth().register(
        _PROVIDER,
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret,
        server_metadata_url=settings.oidc_metadata_url,
        client_kwargs={"scope": settings.oidc_scopes},
    )


def _sentence(error: Exception) -> Message:
    if isinstance(error, _UnnamedError):
        return Message("access.oidc-nobody", "The provider does not say who this is.")
    reason = str(getattr(error, "error", "") or "")
    if reason == "mismatching_state":
        return Message(
            "access.oidc-state",
            "This sign-in was not begun in this browser, or long ago; begin again.",
        )
    return Message(
        "access.oidc-failed",
        "The sign-in at the provider cannot be trusted ({reason}); begin again.",
        {"reason": printable(reason or type(error).__name__, 60)},
    )
