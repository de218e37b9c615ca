"""Who gets in, for developers: tokens, who is signed in, and how to end both."""

from datetime import UTC, datetime

import pandas as pd
import streamlit as st

from app.components.context import person
from app.components.formats import UNKNOWN, counted, instant, plain
from app.components.grid import data_grid
from app.state import acting
from core.foundation.errors import TickerLensError
from core.foundation.keys.person import Person
from core.foundation.keys.sessions import Session
from core.foundation.keys.tokens import Token


def draw() -> None:
    """Both tables, each with what ends one; nothing for a viewer."""
    developer = person()
    if not developer.may_act:
        return
    st.subheader("Access", anchor=False)
    try:
        tokens, sessions = acting.tokens(developer), acting.sessions(developer)
        with st.expander(f"{counted(len(tokens), 'token')}"):
            _draw_tokens(developer, tokens)
        with st.expander(f"{counted(len(sessions), 'session')} signed in"):
            _draw_sessions(developer, sessions)
    except TickerLensError as error:
        st.error(plain(error.message))


def _draw_tokens(developer: Person, tokens: list[Token]) -> None:
    st.caption("A new one is made on the command line, by python -m app tokens add.")
    if not tokens:
        return
    data_grid(token_table(tokens, datetime.now(UTC)), hide_index=True, alt="Tokens by name")
    name = st.selectbox(
        "Token", [one.name for one in tokens], key="token-to-revoke", filter_mode=None
    )
    if st.button("Revoke", key="revoke-token", help="Its sessions end too."):
        ended = acting.revoke_token(developer, name)
        st.toast(plain(f"{name} is revoked; {counted(ended, 'session')} ended."))
        st.rerun()


def _draw_sessions(developer: Person, sessions: list[Session]) -> None:
    if not sessions:
        return
    data_grid(session_table(sessions), hide_index=True, alt="Sessions, the newest first")
    names = sorted({one.person.name for one in sessions})
    name = st.selectbox("Person", names, key="person-to-sign-out", filter_mode=None)
    if st.button("Sign out everywhere", key="sign-out-person"):
        ended = acting.sign_out_everywhere(developer, name)
        st.toast(plain(f"{name} is signed out; {counted(ended, 'session')} ended."))
        st.rerun()


def token_table(tokens: list[Token], now: datetime) -> pd.DataFrame:
    """A row each; instants in the reader's zone."""
    return pd.DataFrame(
        {
            "Name": one.name,
            "Role": one.role.value,
            "Made": instant(one.made_at),
            "Expires": _end(one, now),
            "Last used": UNKNOWN if one.used_at is None else instant(one.used_at),
        }
        for one in tokens
    )


def session_table(sessions: list[Session]) -> pd.DataFrame:
    """A row each; the role is what the session is good for now."""
    return pd.DataFrame(
        {
            "Person": one.person.name,
            "Role": one.person.role.value,
            "Began with": one.grant.kind.value,
            "From": one.grant.address or UNKNOWN,
            "Made": instant(one.made_at),
            "Expires": instant(one.expires_at),
            "Last used": UNKNOWN if one.used_at is None else instant(one.used_at),
        }
        for one in sessions
    )


def _end(token: Token, now: datetime) -> str:
    if token.expires_at is None:
        return "never"
    return f"{instant(token.expires_at)}{', expired' if token.is_expired(now) else ''}"
