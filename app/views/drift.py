"""Has the world moved away from what the model learned? Three signals, each in a sentence."""

import streamlit as st

from app import actions, queries
from app.components import charts, requests, signals
from app.components.context import is_dark, person
from app.components.formats import instant, plain
from app.components.sidebar import ASSETS
from core.errors import TickerLensError
from core.storage.reports import BEYOND

st.set_page_config("Drift · TickerLens", ASSETS / "icon.svg", layout="wide")
st.title("Drift", anchor=False)
who = person()
found = queries.reports()
under_way = requests.active("monitor")

if not found:
    with st.container(border=True, key="no-report"):
        st.subheader("Nothing was measured yet", anchor=False)
        st.write(
            "Monitoring compares what the champion learned from with the latest sessions: its "
            "inputs, its outputs and its errors."
        )
else:
    latest = found[0]
    for one in latest.signals:
        tell = st.warning if one.verdict == BEYOND else st.info
        tell(plain(signals.sentence(one)))
    confirmed = (
        "Drift of inputs is confirmed by a second signal"
        + ("; a training was asked for." if latest.told else ".")
        if latest.confirmed
        else "Only inputs that move together with outputs or errors start a training."
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            plain(
                f"Version {latest.model_version}, measured {instant(latest.at)}: "
                f"{latest.current_window.replace('..', ' to ')} against "
                f"{latest.reference_window.replace('..', ' to ')}. {confirmed}"
            )
        )
        if latest.sample:
            st.badge("SAMPLE", color="orange")

if under_way is not None:
    requests.watch(under_way)
else:
    silent = requests.scheduler_state()
    if silent:
        st.info(silent)
    if st.button("Measure now", disabled=not who.may_act):
        try:
            actions.ask_for_monitoring(who)
        except TickerLensError as error:
            st.error(plain(error.message))
        else:
            st.rerun()
    if not who.may_act:
        st.caption("Sign in as a developer to measure.")
    last = queries.requests("monitor", 1)
    if last and last[0].outcome not in (None, "COMPLETED"):
        st.warning(plain(requests.ending(last[0])))
if not found:
    st.stop()

tabs = st.tabs([signals.TITLES[one.name] for one in latest.signals])
for tab, one in zip(tabs, latest.signals, strict=True):
    with tab:
        st.caption(
            "Distances are Wasserstein distances in standard deviations of the reference. What "
            "chance stays below comes from past windows of the same length."
            if one.name != "performance decay"
            else "Errors of forecasts made out of sample, over horizons 1 to 5, in widths of "
            "their 80 % band."
        )
        if one.measures:
            st.dataframe(
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
            st.caption(plain(one.why))

if len(found) > 1:
    st.subheader("Trend", anchor=False)
    st.plotly_chart(
        signals.trend(found, is_dark()),
        config=charts.CONFIG,
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
