"""What a page shows when there is nothing to show yet, or something went wrong."""

import logging

import streamlit as st

from app import actions, metrics
from app.components.context import person
from app.jobs import Job
from app.stores import stores
from core.errors import TickerLensError
from core.storage.incidents import record_incident

_log = logging.getLogger(__name__)
_POLL_SECONDS = 0.4
_NOT_YET = "Tracking your own tickers needs the Yahoo source, which this version does not have yet."


def show_incident(error: Exception) -> bool:
    """Say in one sentence what went wrong; Streamlit then shows no traceback."""
    if isinstance(error, TickerLensError):
        metrics.page_failed(metrics.EXPLAINED)
        st.error(error.message)
    else:
        metrics.page_failed(metrics.UNFORESEEN)
        name = record_incident(stores().settings.home, error)
        _log.error("unforeseen error %s on a page", name)
        st.error(f"Something unforeseen happened, error {name}. Reload the page to try again.")
    return True


def first_visit() -> None:
    """The one card of an empty store."""
    st.title("TickerLens")
    st.write("A stock's history, where its price may go, and an honest word on how much that says.")
    with st.container(border=True, key="first-visit"):
        if _under_way():
            return
        st.subheader("Nothing to show yet")
        st.write(
            "The sample holds real daily bars of Apple, Facebook, Google, IBM and Microsoft that "
            "**end in 2013**, and one invented Taiwan company. It needs no network."
        )
        with st.container(horizontal=True):
            if st.button("Load sample data", type="primary"):
                actions.start_sample(person())
                st.rerun()
            st.button("Track my own tickers", disabled=True, help=_NOT_YET)
        st.caption(f"{_NOT_YET} A CSV file of yours can be read from the command line; see README.")


def no_model() -> None:
    """Bars are stored, but nothing was trained on them."""
    with st.container(border=True, key="no-model"):
        st.subheader("No model was trained yet")
        if _under_way():
            return
        st.write("Bars are stored, so the History page works. A forecast needs one training.")
        may = person().may_act
        if st.button("Train now", type="primary", disabled=not may):
            actions.start_training(person(), "first training, asked for on the page")
            st.rerun()
        if not may:
            st.caption("Sign in as a developer to train.")


def _under_way() -> bool:
    """Show the job that runs, or what the last one failed at."""
    job = actions.jobs().latest
    if job is not None and job.running:
        _watch(job)
        return True
    if job is not None and job.error:
        st.error(job.error)
    return False


@st.fragment(run_every=_POLL_SECONDS)
def _watch(job: Job) -> None:
    """The steps of a job as they happen; the page is drawn anew when it ends."""
    if not job.running:
        st.rerun(scope="app")
    steps = list(job.steps)
    for step in steps[:-1]:
        st.markdown(f"✓ {step.name}")
    if steps:
        last = steps[-1]
        st.progress(min(1.0, last.done / max(1, last.total)), f"{last.name} ...")
    else:
        st.progress(0.0, f"{job.title} ...")
