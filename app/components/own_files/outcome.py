"""What became of the bars of a person's own files."""

import streamlit as st

from app.components.context import address
from app.components.formats import counted, plain
from core.market_data.lake.revisions import Upserted
from core.workflows.ingest import StoredBars


def draw(stored: StoredBars) -> None:
    """What was stored in a sentence, what to know of it, and the way to see it."""
    done = stored.ingested
    with st.container(border=True, key="stored-files"):
        st.success(plain(sentence(stored)))
        others = [f"{ticker}: {reason}" for ticker, reason in done.failed.items()]
        others += [str(stored.warning)] if stored.warning is not None else []
        for text in others:
            st.warning(plain(text))
        with st.container(horizontal=True):
            symbol = next(iter(done.written))
            query = {**address(), "ticker": symbol}
            label = f"See {symbol} on History"
            st.page_link("views/history/page.py", label=label, query_params=query)
            if done.held_back:
                st.page_link("views/status/page.py", label="Status", query_params=query)


def sentence(stored: StoredBars) -> str:
    """How many bars were stored and held back, and what else was begun."""
    done = stored.ingested
    total = sum(done.written.values(), Upserted())
    held_back = sum(done.held_back.values())
    several = len(done.written) > 1
    whose = counted(len(done.written), "ticker") if several else next(iter(done.written))
    parts = [
        f"{counted(total.new, 'bar')} stored" if total.new else "",
        f"{total.corrected:,} corrected" if total.corrected else "",
        f"{held_back:,} held back and asked about on Status" if held_back else "",
    ]
    did = ", ".join(filter(None, parts)) or "all of it was stored already"
    training = stored.training.get("training", "")
    return " ".join(filter(None, [f"{whose}: {did}.", str(training)]))
