"""Who serves and who challenges, every training on record, and how good each has shown itself."""

import pandas as pd
import streamlit as st

from app.components import charts
from app.components.address import MOST_FILTER_CHARACTERS
from app.components.context import bound, is_dark, person
from app.components.formats import counted, instant, plain, zone
from app.components.grid import data_grid
from app.components.models import versions
from app.components.sidebar import ASSETS
from app.state import alias_holders, proofs, queries
from app.state.mlflow_reader import Reading
from app.views.experiments import pairs, parallel, run_charts, specialists, tables
from core.foundation.errors import InvalidInputError
from core.registry.registry import ModelVersion

_FILTER, _TOKENS = "_run_filter", "_run_tokens"
_ROWS, _HEIGHT = 10, 400  # more rows are scrolled through, in so many pixels
_EXAMPLE = "metrics.skill_all > 0.02 and params.forecaster = 'har'"


def _nothing_recorded() -> str:
    if any(one.ended_at is None for one in queries.requests("publish", 1)):
        return (
            "The newest version is being recorded in MLflow; it is listed here once that is done."
        )
    return "Nothing was recorded in MLflow yet."


def runs() -> pd.DataFrame:
    """The filter and the page of runs; gives those that are chosen."""
    condition = st.text_input(
        "Filter",
        max_chars=MOST_FILTER_CHARACTERS,
        placeholder=_EXAMPLE,
        help="In MLflow's own language: params.NAME = 'text', metrics.NAME > 0.02, joined by and. "
        "Metrics are skill_all, skill_low, coverage_80_all, seconds, memory_mb; parameters are "
        "forecaster, scope, training_window, who, commit, data_hash and the forecaster's own; "
        "older runs have the training window in window.",
        **bound("filter"),
    )
    if condition != st.session_state.get(_FILTER, ""):
        st.session_state[_TOKENS] = [""]
    st.session_state[_FILTER] = condition
    tokens: list[str] = st.session_state.setdefault(_TOKENS, [""])
    try:
        reading = queries.experiments(condition, tokens[-1])
    except InvalidInputError as error:
        st.error(plain(error.message))
        return pd.DataFrame()
    if reading.trouble:
        st.warning(plain(f"{reading.trouble} {_age(reading)}"))
    if reading.page is None:
        return pd.DataFrame()
    found = reading.page.runs
    if found.empty:
        st.info("No run fits this filter." if condition else _nothing_recorded())
        return pd.DataFrame()
    rows = tables.table(found, tables.aliases(found, alias_holders.aliases()), zone())
    chosen = data_grid(
        tables.shown(rows),
        hide_index=True,
        height=_HEIGHT if len(found) > _ROWS else "auto",
        column_config=tables.columns(),
        on_select="rerun",
        selection_mode="multi-row",
        key=f"runs-{hash(tuple(found['run_id']))}",  # else other runs might be the chosen ones
        alt=f"{counted(len(found), 'run')} from MLflow, newest first",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Newer", disabled=len(tokens) == 1):
            st.session_state[_TOKENS] = tokens[:-1]
            st.rerun()
        if st.button("Older", disabled=not reading.page.following):
            st.session_state[_TOKENS] = [*tokens, reading.page.following]
            st.rerun()
        st.caption(
            f"Page {len(tokens)}, {counted(len(found), 'run')}. Choose 2 to "
            f"{tables.MOST_COMPARED} to compare, 1 to see how it compares with baselines."
        )
    rows = found.iloc[chosen.selection.rows]
    if len(rows) > tables.MOST_COMPARED:
        st.warning(f"At most {tables.MOST_COMPARED} runs are compared at once.")
    elif len(rows) > 1:
        st.subheader("What tells them apart", anchor=False)
        names = tables.names(rows)
        st.plotly_chart(
            run_charts.skills(rows, names, is_dark()),
            config=charts.SMALL,
            alt=f"Loss that {counted(len(rows), 'run')} save, with 90 % bands; the table below "
            "holds the numbers.",
            key="skills",
        )
        data_grid(
            tables.comparison(rows),
            hide_index=True,
            height="content",
            column_config={"What differs": st.column_config.TextColumn(pinned=True, width=170)},
            alt="Parameters and metrics that differ",
        )
        st.caption("What is the same in all of them is left out. Bands are of 90 %.")
    values = parallel.axes(found)
    if len(values) > 1 and len(values.columns) > 1:
        st.subheader("Parameters against results", anchor=False)
        st.plotly_chart(
            parallel.parallel(
                values,
                tables.names(found.loc[values.index]),
                values.index.isin(rows.index).tolist(),
                is_dark(),
            ),
            config=charts.SMALL,
            alt=f"A line for each of {len(values)} runs over its parameters and results; the table "
            "above holds the numbers.",
            key="parallel",
        )
        st.caption(
            "A line is a run, broken where it has no such number; those chosen above stand out. "
            "Point at one to see which it is."
        )
    return rows


def out_of_sample(model: ModelVersion) -> None:
    """A version among its baselines, and how evenly actuals fell into its distributions."""
    st.subheader(f"How version {model.version} compares with baselines", anchor=False)
    found = proofs.board(model)
    if found.empty:
        st.caption("Unknown: too little history to test it out of sample.")
        return
    data_grid(
        tables.board(found),
        hide_index=True,
        height="content",
        alt=f"Version {model.version} among its baselines, least loss first",
    )
    st.caption(
        "Skill is the share of the random walk's pinball loss that is saved, with its 90 % band; "
        "at single horizons the bands hold at all of them at once. Of the baselines only the loss "
        "is kept."
    )
    even = proofs.transforms(model)
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.plotly_chart(
        run_charts.evenness(even, is_dark()),
        config=charts.SMALL,
        alt=f"How many actuals fell into each tenth of the distributions of version "
        f"{model.version}; the table beside holds the numbers.",
        key="evenness",
    )
    percents = even.assign(share=100.0 * even["share"], low=100.0 * even["low"])
    shares = percents.pivot(index="low", columns="horizons", values="share")
    with right:
        data_grid(
            shares.rename_axis("From")[list(even["horizons"].unique())].reset_index(),
            hide_index=True,
            column_config={
                "From": st.column_config.NumberColumn("Tenth from", format="%.0f %%"),
                **{
                    name: st.column_config.NumberColumn(f"h = {name}", format="%.1f %%")
                    for name in even["horizons"].unique()
                },
            },
            alt="Share of actuals in each tenth of the distributions, by horizon",
        )
    left.caption("Even bars: the distributions are right. A hump: too wide. A bowl: too narrow.")


def _age(reading: Reading) -> str:
    if reading.at is None:
        return "Nothing was read from it yet; reload the page in a while to ask again."
    return f"This table is as of {instant(reading.at, seconds=True)}."


@st.fragment(run_every=1.0)
def _until_loaded() -> None:
    if queries.mlflow_is_loaded():
        st.rerun()
    st.info("MLflow is being loaded; the runs appear by themselves.")
    st.skeleton(height=240)


st.set_page_config("Experiments · TickerLens", ASSETS / "icon.svg", layout="wide")
st.title("Experiments", anchor=False)
champion, challenger = queries.champion(), queries.challenger()
if champion is None:
    st.info("No model was trained yet.")
    st.stop()
versions.side_by_side(champion, challenger)
versions.moves(person())

st.subheader("Runs", anchor=False)
proved = [champion]
if queries.mlflow_is_loaded():
    chosen = runs()
    proved = queries.versions_of(chosen) or proved
else:
    _until_loaded()

out_of_sample(proved[0])
beside = [challenger] if challenger is not None and proved == [champion] else []
pairs.draw([*proved[: tables.MOST_COMPARED], *beside])
specialists.draw(person())

st.subheader("What the gate said", anchor=False)
decisions = versions.decisions()
if decisions.empty:
    st.caption("It was not asked yet: the next training is compared with the champion.")
else:
    data_grid(decisions, hide_index=True, alt="Decisions of the gate, newest first")
versions.served()
