"""The window in which a person chooses files, sees how they are read, and stores them."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from app.components.context import person
from app.components.formats import counted, plain
from app.components.own_files import preview_table
from app.components.own_files.questions import Questions
from app.state import actions
from app.state.jobs import Job
from app.state.own_files import wanted_bars
from app.web.guards import MAX_UPLOAD_BYTES
from core.foundation.errors import TickerLensError
from core.market_data.ingest import WantedBars
from core.market_data.sources.tables.options import TableOptions
from core.market_data.sources.tables.text import FileBytes
from core.reference.instruments import Naming, naming

STARTED = "_watched_job"
_OPEN, _READ = "_own_files_open", "_own_files_read"
_MOST_MEGABYTES = MAX_UPLOAD_BYTES // 1024**2
_ABOUT_CHARACTERS = 16


@dataclass(frozen=True)
class Reading:
    """What came of reading files: what is wanted and how it looks, or why not.

    `about` tells the input from any other.
    """

    about: str
    wanted: WantedBars | None = None
    preview: dict[str, Any] | None = None
    read_as: str = ""
    error: TickerLensError | None = None


def draw() -> None:
    """The window, while it is open and the person may act."""
    if st.session_state.get(_OPEN) and person().may_act:
        _window()


def show() -> None:
    """Open the window on the next run."""
    st.session_state[_OPEN] = True


def _close() -> None:
    for name in (_OPEN, _READ):
        st.session_state.pop(name, None)


@st.dialog("Price files of your own", width="medium", on_dismiss=_close)
def _window() -> None:
    chosen = st.file_uploader(
        f"CSV, TXT or TSV, at most {_MOST_MEGABYTES} MB together",
        accept_multiple_files=True,
        max_upload_size=_MOST_MEGABYTES,
        key="own-files",
    )
    if not chosen:
        return
    files = [FileBytes(one.name, one.getvalue()) for one in chosen]
    about = _digest(files)
    questions = Questions(about)
    reading = _read(files, about, questions)
    needed = questions.ask(reading.error)
    if reading.preview is not None:
        preview_table.draw(reading.preview, reading.read_as)
    if reading.preview is not None or needed or questions.options != TableOptions():
        questions.offer(needed)
    if reading.preview is not None and reading.wanted is not None:
        _offer_to_store(reading.wanted, reading.preview["tickers"])


def _digest(files: Sequence[FileBytes]) -> str:
    found = hashlib.sha256()
    for one in files:
        for part in (one.name.encode("utf-8", "replace"), one.content):
            found.update(len(part).to_bytes(8, "big") + part)
    return found.hexdigest()[:_ABOUT_CHARACTERS]


def _read(files: Sequence[FileBytes], about: str, questions: Questions) -> Reading:
    """The preview of these files with what was chosen, made once."""
    about = f"{about} {questions.options} {questions.ticker}"
    cached: Reading | None = st.session_state.get(_READ)
    if cached is not None and cached.about == about:
        return cached
    with st.spinner("Reading ..."):
        made = _made(files, about, questions)
    st.session_state[_READ] = made
    return made


def _made(files: Sequence[FileBytes], about: str, questions: Questions) -> Reading:
    try:
        named = naming(questions.ticker) if questions.ticker.strip() else None
        ticker = None if named is None else named.ticker
        wanted = wanted_bars(files, ticker, questions.options)
        found = actions.preview_files(person(), wanted)
    except TickerLensError as error:
        return Reading(about, error=error)
    return Reading(about, wanted, found, _note(named))


def _note(named: Naming | None) -> str:
    return "" if named is None or named.note is None else str(named.note)


def _offer_to_store(wanted: WantedBars, found: dict[str, Any]) -> None:
    bars = sum(one["bars"] for one in found.values())
    whose = next(iter(found)) if len(found) == 1 else counted(len(found), "ticker")
    label = f"Store {counted(bars, 'bar')} of {whose}"
    if not st.button(plain(label), type="primary", key="store-own-files"):
        return
    try:
        job: Job = actions.start_storing(person(), wanted, tuple(found))
    except TickerLensError as error:
        st.error(plain(error.message))
        return
    _close()
    st.session_state[STARTED] = job
    st.rerun()
