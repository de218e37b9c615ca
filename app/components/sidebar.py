"""What stands beside every page: ticker, market, colours, who you are."""

from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import streamlit as st

from app.components import context, picker, tracking
from app.components.formats import counted, plain
from app.components.palettes import PALETTES
from app.state import acting, actions, queries
from app.state.stores import stores
from core.foundation.keys.person import Person
from core.reference.bar_sources import is_sample
from core.reference.tickers import Ticker

ASSETS = Path(__file__).parent.parent / "assets"


def header() -> None:
    """The name of the product above the menu."""
    st.logo(ASSETS / "logo.svg", icon_image=ASSETS / "icon.svg", size="large")


def menu(pages: list[st.Page], address: dict[str, str]) -> None:
    """Links to the pages. They carry the choices along, which Streamlit's own menu would drop."""
    with st.sidebar:
        for page in pages:
            st.page_link(page, label=page.title, query_params=address, width="stretch")
        st.divider()


def choices(catalog: pd.DataFrame) -> None:
    """Ticker and colours."""
    with st.sidebar:
        picker.ticker(catalog)
        row = catalog.set_index("ticker").loc[st.session_state["ticker"]]
        _market(Ticker.parse(st.session_state["ticker"]), row)
        st.selectbox(
            "Colours",
            list(PALETTES),
            format_func=lambda code: PALETTES[code].label,
            filter_mode=None,
            **context.bound("colours"),
        )
        st.divider()


def account(has_sample: bool, first_visit: bool = False) -> None:
    """Who this browser is, and what only a developer may do here."""
    person = context.person()
    with st.sidebar:
        if not person.is_signed_in:
            st.caption("You are a viewer: you see everything and change nothing.")
            _ways_in()
            return
        st.caption(plain(f"Signed in as {person.name}."))
        if not person.may_act:
            st.caption("A viewer sees everything and changes nothing.")
            _ways_out(person)
            return
        if not first_visit:
            tracking.popover()
            shown = st.session_state["ticker"]
            if not is_sample(queries.catalog().set_index("ticker")["source"][shown]):
                tracking.new_symbol(shown)
        if has_sample:
            with st.popover("Remove sample data"):
                st.write("Forget every sample ticker? Loading it again takes seconds.")
                if st.button("Remove", type="primary"):
                    actions.forget_sample(person)
                    st.rerun()
        _ways_out(person)


def _ways_in() -> None:
    # A link in Markdown would open another tab, and the cookie is wanted in this one.
    st.html('<a href="/api/signin" target="_self" style="color:inherit">Sign in</a>')
    if stores().settings.oidc_is_on and st.button("Sign in with your organisation"):
        st.login()


def _ways_out(person: Person) -> None:
    st.html('<a href="/api/signout" target="_self" style="color:inherit">Sign out</a>')
    if st.button("Sign out everywhere", type="tertiary", help="In every browser of yours."):
        acting.sign_out_everywhere(person, person.name)
        st.rerun()


def _market(ticker: Ticker, row: pd.Series) -> None:
    market = ticker.market
    calendar, now = queries.calendar(ticker), datetime.now(UTC)
    state = "open" if calendar.is_open(now) else "closed"
    clock = now.astimezone(market.timezone)
    st.caption(
        f"{market.label}: {state}, {clock:%H:%M} in {market.zone.split('/')[-1].replace('_', ' ')}"
    )
    if is_sample(row["source"]):
        st.badge("SAMPLE", color="orange", help="Shipped with TickerLens; not today's market.")
        st.caption(f"Ends on {row['last_session']:%Y-%m-%d}")
        return
    behind = len(calendar.between(row["last_session"], calendar.latest_closed(now))) - 1
    if behind <= 0:
        st.badge("Fresh", color="blue", help="The latest closed session is stored.")
    else:
        st.badge(f"{counted(behind, 'session')} behind", color="yellow")
