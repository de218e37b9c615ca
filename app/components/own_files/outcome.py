"""What became of the bars of a person's own files."""

import streamlit as st

from app.components.context import address
from app.components.formats import counted, plain
from core.market_data.lake.revisions import Upserted
from core.workflows.bars.ingest import StoredBars


def draw(stored: StoredBars) -> None:
    """What was stored in a sentence, and what to know of it."""
    st.success(plain(sentence(stored)))
    others = [f"{ticker}: {reason}" for ticker, reason in stored.ingested.failed.items()]
    others += [str(stored.warning)] if stored.warning is not None else []
    for text in others:
        st.warning(plain(text))


def links(stored: StoredBars) -> None:
    """The ways to see what was stored, and to decide on what is held back."""
    symbol = next(iter(stored.ingested.written))
    query = {**address(), "ticker": symbol}
    label = f"See {symbol} on History"
    st.page_link("views/history/page.py", label=label, query_params=query)
    if stored.ingested.held_back:
        st.page_link("views/status/page.py", label="Decide on Status", query_params=query)


def sentence(stored: StoredBars) -> str:
    """How many bars were stored and held back, and what else was begun."""
    done = stored.ingested
    total = sum(done.written.values(), Upserted())
    held_back = sum(done.held_back.values())
    several = len(done.written) > 1
    whose = counted(len(done.written), "ticker") if several else next(iter(done.written))
    parts = [
        f"{counted(total.new, 'bar')} stored" if total.new else "",
        "" if total.new + total.corrected else "nothing new",
        f"{total.corrected:,} corrected" if total.corrected else "",
        f"{held_back:,} held back and asked about on Status" if held_back else "",
    ]
    did = ", ".join(filter(None, parts))
    training = stored.training.get("training", "")
    return " ".join(filter(None, [f"{whose}: {did}.", str(training)]))
