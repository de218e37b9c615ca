"""An OpenID Connect provider on loopback: everything a real one says, and what a false one does."""

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

import uvicorn
from fastapi import FastAPI, Form, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.support.ports import free_port

CLIENT, SECRET = "tickerlens", "a-secret-of-the-client"


class Provider:
    """What it says of a person, and how it lies.

    `claims` go into the ID token, None takes one out; `signed_by` is "own", "other", "secret" or
    "none"; `asks` lets people press a button, as in a browser, before they are sent back.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.claims: dict[str, Any] = {}
        self.signed_by = "own"
        self.asks = False
        self.ended: list[str] = []
        self._own = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self._other = RSAKey.generate_key(2048, {"kid": "1"})
        self._codes: dict[str, dict[str, str]] = {}

    def id_token(self, nonce: str) -> str:
        now = int(time.time())
        claimed = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": "u-17",
            "email": "ann@team.example",
            "email_verified": True,
            "iat": now,
            "exp": now + 300,
            "nonce": nonce,
            **self.claims,
        }
        claims = {name: value for name, value in claimed.items() if value is not None}
        if self.signed_by == "none":
            parts = (b'{"alg":"none","typ":"JWT"}', json.dumps(claims).encode())
            return (
                ".".join(base64.urlsafe_b64encode(one).decode().rstrip("=") for one in parts) + "."
            )
        if self.signed_by == "secret":
            return jwt.encode({"alg": "HS256", "kid": "1"}, claims, OctKey.import_key(SECRET))
        key = self._own if self.signed_by == "own" else self._other
        return jwt.encode({"alg": "RS256", "kid": "1"}, claims, key)

    def app(self) -> FastAPI:
        app = FastAPI()

        @app.get("/.well-known/openid-configuration")
        def metadata() -> dict[str, Any]:
            return {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "userinfo_endpoint": f"{self.url}/userinfo",
                "jwks_uri": f"{self.url}/jwks",
                "end_session_endpoint": f"{self.url}/end-session",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256", "none", "HS256"],
                "code_challenge_methods_supported": ["S256"],
                "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            }

        @app.get("/authorize")
        def authorize(request: Request) -> Response:
            asked_for = dict(request.query_params)
            assert asked_for["client_id"] == CLIENT and asked_for["response_type"] == "code"
            code = secrets.token_urlsafe(16)
            self._codes[code] = asked_for
            sent = urlencode({"code": code, "state": asked_for["state"]})
            back = f"{asked_for['redirect_uri']}?{sent}"
            if self.asks:
                return HTMLResponse(f'<h1>Provider</h1><a href="{back}">Continue as Ann</a>')
            return RedirectResponse(back, 302)

        @app.post("/token")
        def token(
            request: Request,
            code: str = Form(),
            code_verifier: str = Form(),
            redirect_uri: str = Form(),
        ) -> Response:
            asked_for = self._codes.pop(code, None)
            basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
            hashed = hashlib.sha256(code_verifier.encode()).digest()
            challenge = base64.urlsafe_b64encode(hashed).decode().rstrip("=")
            if (
                asked_for is None
                or request.headers["authorization"] != f"Basic {basic}"
                or asked_for["code_challenge"] != challenge
                or asked_for["redirect_uri"] != redirect_uri
            ):
                return JSONResponse({"error": "invalid_grant"}, 400)
            return JSONResponse(
                {
                    "access_token": secrets.token_urlsafe(16),
                    "token_type": "Bearer",
                    "expires_in": 300,
                    "id_token": self.id_token(asked_for["nonce"]),
                }
            )

        @app.get("/jwks")
        def jwks() -> dict[str, Any]:
            return {"keys": [self._own.as_dict(private=False)]}

        @app.get("/userinfo")
        def userinfo() -> dict[str, Any]:
            return {"sub": "u-17", "email": "ann@team.example"}

        @app.get("/end-session")
        def end_session(client_id: str, post_logout_redirect_uri: str) -> Response:
            self.ended.append(client_id)
            return RedirectResponse(post_logout_redirect_uri, 302)

        return app


@contextmanager
def served_provider() -> Iterator[Provider]:
    """One on a free port, in a thread of this process."""
    port = free_port()
    provider = Provider(f"http://127.0.0.1:{port}")
    server = uvicorn.Server(
        uvicorn.Config(provider.app(), host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.05)
    yield provider
    server.should_exit = True
    thread.join(10)


def settings(provider: Provider, port: int) -> dict[str, str]:
    """What an app on that port is told of it."""
    return {
        "TICKERLENS_OIDC_METADATA_URL": f"{provider.url}/.well-known/openid-configuration",
        "TICKERLENS_OIDC_CLIENT_ID": CLIENT,
        "TICKERLENS_OIDC_CLIENT_SECRET": SECRET,
        "TICKERLENS_OIDC_REDIRECT_URL": f"http://127.0.0.1:{port}/oauth2callback",
        "TICKERLENS_OIDC_DEVELOPER_GROUPS": "quants, admins",
    }
