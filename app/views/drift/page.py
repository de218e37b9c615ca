"""Has the world moved away from what the model learned? Three signals, each in a sentence."""

import streamlit as st

from app.components import charts, requests
from app.components.context import is_dark, person
from app.components.formats import instant, plain
from app.components.grid import data_grid
from app.components.sidebar import ASSETS
from app.state import actions, queries
from app.views.drift import signals
from core.foundation.errors import TickerLensError
from core.foundation.outbox import RunState
from core.lifecycle.report_store import DriftVerdict, SignalName
from core.reference.windows import window_in_words

st.set_page_config("Drift · TickerLens", ASSETS / "icon.svg", layout="wide")
st.title("Drift", anchor=False)
reader = person()
served = queries.served_tickers()
found = [] if served.version is None else queries.reports(served.version)
others = [one for one in queries.reports() if one.model_version != served.version]
wrong = signals.of_tickers(served)
under_way = requests.active("monitor")

if wrong:
    st.warning(plain(wrong))
if not found and not served.fallback:
    with st.container(border=True, key="no-report"):
        of = f" of version {served.version}" if others else ""
        st.subheader(f"Nothing was measured yet{of}", anchor=False)
        st.write(
            "Monitoring compares what the champion learned from with the latest sessions: its "
            "inputs, its outputs and its errors."
        )
if found:
    latest = found[0]
    for one in latest.signals:
        tell = st.warning if one.verdict == DriftVerdict.BEYOND else st.info
        tell(plain(signals.sentence(one)))
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            plain(
                f"Version {latest.model_version}, measured {instant(latest.at)}: "
                f"{window_in_words(latest.current_window)} against "
                f"{window_in_words(latest.reference_window)}."
            )
        )
        if latest.sample:
            st.badge("SAMPLE", color="orange")

episode = queries.drift_episode()
if found or episode is not None:  # it outlives the version that it began with
    st.caption(plain(signals.of_episode(episode)))

if under_way is not None:
    requests.live_state(under_way)
else:
    silent = requests.scheduler_state()
    if silent:
        st.info(silent)
    if st.button("Measure now", disabled=not reader.may_act):
        try:
            actions.ask_for_monitoring(reader)
        except TickerLensError as error:
            st.error(plain(error.message))
        else:
            st.rerun()
    if not reader.may_act:
        st.caption("Sign in as a developer to measure.")
    last = queries.requests("monitor", 1)
    if last and last[0].outcome not in (None, RunState.COMPLETED):
        st.warning(plain(requests.ending(last[0])))
if others:
    with st.expander("Reports of other versions"):
        data_grid(signals.of_others(others), hide_index=True, height="content", alt="Other reports")
if not found:
    st.stop()

tabs = st.tabs([signals.TITLES[one.name] for one in latest.signals])
for tab, one in zip(tabs, latest.signals, strict=True):
    with tab:
        st.caption(
            "Distances are Wasserstein distances in standard deviations, from all that the "
            "champion learned or from its last 40 sessions, whichever is nearer. What chance "
            "stays below comes from past windows of the same length."
            if one.name != SignalName.DECAY
            else "Errors of forecasts over horizons 1 to 5, in widths of their 80 % band: live "
            "ones as they were shown, or, where none are old enough, replayed ones."
        )
        if one.measures:
            data_grid(
                signals.table(one),
                hide_index=True,
                height="content",
                column_config={
                    name: st.column_config.NumberColumn(format="%.3f")
                    for name in ("Now", "Reference", "Chance stays below")
                },
                placeholder="",
                alt=f"Measures of {one.name}",
            )
        else:
            st.caption(plain(str(one.reason or "")))

if len(found) > 1:
    st.subheader("Trend", anchor=False)
    st.plotly_chart(
        signals.trend(found, is_dark()),
        config=charts.SMALL,
        alt="How near each signal came to its bound, report by report",
        key="trend",
    )

pages = queries.report_pages(latest.id)
if pages:
    st.subheader("Evidently's full report", anchor=False)
    with st.container(horizontal=True):
        for name, path in pages.items():
            st.download_button(
                f"Report on {name} (HTML)",
                path.read_bytes,
                f"drift-{latest.id}-{name}.html",
                "text/html",
                key=f"page-{name}",
            )
    shown = st.segmented_control("Show here", list(pages), key="shown-page")
    if shown in pages:
        st.iframe(pages[shown], height=900, alt=f"Evidently's report on {shown}")
