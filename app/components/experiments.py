"""Runs as tables: a page of them, what tells some apart, and a version among its baselines."""

import numpy as np
import pandas as pd
import streamlit as st

from app.components.formats import UNKNOWN, signed_percent
from core.registry.experiments import differences

MOST_COMPARED = 6
_PERCENT = ("Skill", "Skill from", "Skill to", "Coverage")
_COLUMNS = {
    "Version": "version",
    "Started": "started",
    "Forecaster": "params.forecaster",
    "Scope": "params.scope",
    "Skill": "metrics.skill_all",
    "Skill from": "metrics.skill_low",
    "Skill to": "metrics.skill_high",
    "n": "metrics.skill_n",
    "Coverage": "metrics.coverage_80_all",
    "Window": "params.window",
    "Bars": "params.bars",
    "Seconds": "metrics.seconds",
    "MB": "metrics.memory_mb",
    "By": "params.who",
    "Reason": "params.reason",
    "Commit": "params.commit",
    "Data": "params.data_hash",
    "Spec": "params.spec_hash",
}
_SHORT = 12  # characters of a hash that a table shows
_BOARD = {
    "Horizons": "horizons",
    "Forecaster": "forecaster",
    "Pinball loss": "pinball",
    "Skill": "skill",
    "Against constant width": "constant",
    "Coverage 50 %": "coverage_50",
    "Coverage 80 %": "coverage_80",
    "Coverage 90 %": "coverage_90",
    "n": "n",
    "Dates": "dates",
    "Window": "window",
    "Sample": "sample",
}


def table(runs: pd.DataFrame, zone: str) -> pd.DataFrame:
    """One row a run, newest first; what a run does not have is empty."""
    found = pd.DataFrame({name: runs.get(column, np.nan) for name, column in _COLUMNS.items()})
    for name in _PERCENT:
        found[name] = 100.0 * found[name].astype("float64")
    found["Bars"] = pd.to_numeric(found["Bars"], errors="coerce")
    found["Started"] = found["Started"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M")
    for name in ("Commit", "Data"):
        found[name] = [_text(value)[:_SHORT] for value in found[name]]
    found["Window"] = [_text(value).replace("..", " to ") for value in found["Window"]]
    return found


def columns() -> dict[str, object]:
    """How `table` is shown."""
    percent = st.column_config.NumberColumn(format="%+.1f %%")
    return {
        "Version": st.column_config.TextColumn(pinned=True),
        "Skill": st.column_config.NumberColumn(
            format="%+.1f %%",
            help="Share of the random walk's pinball loss saved out of sample, over horizons 1 to "
            "20; its 90 % band is from a block bootstrap over dates.",
        ),
        "Skill from": percent,
        "Skill to": percent,
        "n": st.column_config.NumberColumn(format="%d", help="Pairs of ticker and as_of scored."),
        "Coverage": st.column_config.NumberColumn(
            format="%.1f %%", help="Share of what came inside the 80 % interval; 80 % is promised."
        ),
        "Bars": st.column_config.NumberColumn(format="%d"),
        "Seconds": st.column_config.NumberColumn(format="%.1f"),
        "MB": st.column_config.NumberColumn(
            format="%.0f", help="The most memory the process that trained it had held by then."
        ),
    }


def compared(runs: pd.DataFrame) -> pd.DataFrame:
    """What tells runs apart, a column a run; as text, since parameters and metrics are mixed."""
    found = differences(runs)
    found.columns = [f"{version}: {name}" for version, name in zip(runs["version"], runs["name"])]
    told = found.map(_cell)
    told.insert(0, "What", [str(name).split(".", 1)[1] for name in found.index])
    told.insert(
        1, "Kind", ["metric" if str(n).startswith("metrics.") else "parameter" for n in found.index]
    )
    return told.reset_index(drop=True)


def board(found: pd.DataFrame) -> pd.DataFrame:
    """A leaderboard as text: the best first within its horizons, bands beside the values."""
    rows = found.copy()
    for name in ("skill", "constant"):
        rows[name] = [
            _band(*values)
            for values in zip(found[name], found[f"{name}_low"], found[f"{name}_high"])
        ]
    for share in (50, 80, 90):
        rows[f"coverage_{share}"] = [_share(value) for value in found[f"coverage_{share}"]]
    rows["pinball"] = found["pinball"].map("{:.5f}".format)
    rows["window"] = found["window"].str.replace("..", " to ", regex=False)
    rows["sample"] = rows["sample"] + " of sample"
    return pd.DataFrame({name: rows[column] for name, column in _BOARD.items()})


def _band(value: float, low: float, high: float) -> str:
    if np.isnan(value):
        return UNKNOWN
    if value == low == high == 0.0:
        return "itself"
    band = "" if np.isnan(low) else f" ({signed_percent(low)} to {signed_percent(high)})"
    return signed_percent(value) + band


def _share(value: float) -> str:
    return UNKNOWN if np.isnan(value) else f"{100 * value:.1f} %"


def _text(value: object) -> str:
    """What a run of somebody else's may lack is empty."""
    return value if isinstance(value, str) else ""


def _cell(value: object) -> str:
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:.6g}"
    return "" if value is None or value is pd.NA else str(value)
