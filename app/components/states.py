"""What a page shows when there is nothing to show yet, or something went wrong."""

import logging
import time

import pandas as pd
import streamlit as st

from app.components import job_steps, tracking
from app.components.context import address, person
from app.components.formats import dates, plain
from app.components.own_files import outcome
from app.state import actions, alias_holders, queries
from app.state.jobs import Job
from app.state.stores import stores
from app.web import metrics
from core.foundation.disk import explained
from core.foundation.errors import ArtifactError, TickerLensError
from core.foundation.incidents import record_incident

_log = logging.getLogger(__name__)
_POLL_SECONDS = 0.4
_NAMING, _REPORTED, _STORED = "_naming_tickers", "_told_of_job", "_stored_by_job"


def show_incident(error: Exception) -> bool:
    """Say in one sentence what went wrong; Streamlit then shows no traceback."""
    if not isinstance(error, TickerLensError):
        error = explained(error, stores().settings.home) or error
    if isinstance(error, TickerLensError):
        metrics.page_failed(metrics.EXPLAINED)
        # What `stood_in` says above every page is not said again.
        if not (
            isinstance(error, ArtifactError) and error.message in map(str, alias_holders.warnings())
        ):
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
        job = actions.jobs().latest
        if job is not None and job.running:
            st.session_state[tracking.WATCHED] = job  # also after a reload, or for who joins
            _steps_so_far(job)
            return
        failed = st.session_state.pop(tracking.WATCHED, None)  # or something would be stored
        if failed is not None:
            tracking.give_back(failed)
        _tell(job)
        if st.session_state.get(_NAMING):
            _own_tickers()
        else:
            _choice()


def _choice() -> None:
    st.subheader("Nothing to show yet")
    st.write(
        "The sample holds real daily bars of Apple, Facebook, Google, IBM and Microsoft that "
        "**end in 2013**, and one invented Taiwan company. It needs no network."
    )
    # Half a sample may lie there already: then a viewer may only finish it.
    may = person().may_act or queries.catalog().empty
    with st.container(horizontal=True):
        if st.button("Load sample data", type="primary"):
            actions.start_sample(person())
            st.rerun()
        if st.button("Track my own tickers", disabled=not may):
            st.session_state[_NAMING] = True
            st.rerun()
    st.caption(
        f"Your own tickers are fetched from {tracking.feeds()}, or read from price files of yours"
        + ("." if person().may_act else " once you are signed in.")
    )


def _own_tickers() -> None:
    st.subheader("Track my own tickers", anchor=False)
    tracking.form("first-tickers")
    if st.button("Back"):
        del st.session_state[_NAMING]
        st.rerun()


def ended_job() -> Job | None:
    """The job this reader watched, once, when it has ended."""
    job: Job | None = st.session_state.get(tracking.WATCHED)
    if job is None or job.running:
        return None
    del st.session_state[tracking.WATCHED]
    tracking.give_back(job)
    st.session_state.pop(_NAMING, None)
    st.session_state[_REPORTED] = [text for text in (job.error, job.note) if text]
    st.session_state[_STORED] = job.stored
    return job


def watched_job() -> None:
    """How far the job is that this reader began; then what is to be known of its end."""
    job: Job | None = st.session_state.get(tracking.WATCHED)
    if job is not None:
        with st.container(border=True):
            _steps_so_far(job)
    stored = st.session_state.get(_STORED)
    if stored is not None:
        outcome.draw(stored)
    for text in st.session_state.get(_REPORTED, []):
        st.warning(plain(text))
    if stored is None and not st.session_state.get(_REPORTED):
        return
    with st.container(horizontal=True, vertical_alignment="center", key="reported"):
        if stored is not None:
            outcome.links(stored)
        if st.button("Understood"):
            st.session_state[_REPORTED], st.session_state[_STORED] = [], None
            st.rerun()


def fallback_notice() -> None:
    """Say so while another version than the champion makes the forecasts, or none can."""
    for sentence in alias_holders.warnings():
        st.error(plain(str(sentence)))


def no_model() -> None:
    """Bars are stored, but nothing was trained on them."""
    with st.container(border=True, key="no-model"):
        st.subheader("No model was trained yet")
        job = actions.jobs().latest
        if job is not None and job.running:
            if job is not st.session_state.get(tracking.WATCHED):
                _steps_so_far(job)
            return
        if job is not None and not job.about:  # what came of tracking is told above the page
            _tell(job)
        st.write("Bars are stored, so the History page works. A forecast needs one training.")
        may = person().may_act
        if st.button("Train now", type="primary", disabled=not may):
            actions.start_training(person(), "first training, asked for on the page")
            st.rerun()
        if not may:
            st.caption("Sign in as a developer to train.")


def held_back(sessions: pd.DatetimeIndex, then: str = "") -> None:
    """Name the sessions that are stored but not read, and lead to why."""
    if not len(sessions):
        return
    one = len(sessions) == 1
    with st.container(horizontal=True, vertical_alignment="center", key="held-back"):
        st.badge("◆ held back", color="violet")
        st.markdown(
            plain(
                f"{'The bar' if one else f'{len(sessions):,} bars'} of {dates(sessions)} failed a "
                f"check and {'is' if one else 'are'} not read{then}."
            ),
            width="content",
        )
        st.page_link("views/status/page.py", label="See why on Status", query_params=address())


def _tell(job: Job | None) -> None:
    """What the last job failed at."""
    if job is not None and job.error:
        st.error(plain(job.error))


@st.fragment(run_every=_POLL_SECONDS)
def _steps_so_far(job: Job) -> None:
    """The steps of a job as they happen; the page is drawn anew when it ends."""
    if not job.running:
        st.rerun(scope="app")
    steps = list(job.steps)
    for step in steps[:-1]:
        st.markdown(plain(f"✓ {job_steps.ended(step)}"))
    if steps:
        last = steps[-1]
        share = min(1.0, last.done / max(1, last.total))
        st.progress(share, plain(job_steps.under_way(last, time.monotonic())))
    else:
        st.progress(0.0, f"{job.title} ...")
