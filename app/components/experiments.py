"""Runs as tables: a page of them, what tells some apart, and a version among its baselines."""

import numpy as np
import pandas as pd
import streamlit as st

from app.components.formats import UNKNOWN, signed_percent
from core.registry.experiments import differences
from core.registry.registry import ModelVersion

MOST_COMPARED = 6
_PERCENT = ("Skill", "Coverage")
_COLUMNS = {
    "Version": "version",
    "Alias": "alias",
    "Forecaster": "params.forecaster",
    "Scope": "params.scope",
    "Skill": "metrics.skill_all",
    "n": "metrics.skill_n",
    "Coverage": "metrics.coverage_80_all",
    "Window": "params.window",
    "Started": "started",
    "Bars": "params.bars",
    "Seconds": "metrics.seconds",
    "MB": "metrics.memory_mb",
    "By": "params.who",
    "Reason": "params.reason",
    "Commit": "params.commit",
    "Data": "params.data_hash",
    "Spec": "params.spec_hash",
}
_LABELS = {
    "skill_all": "Skill",
    "skill_low": "Skill, low end of its band",
    "skill_high": "Skill, high end of its band",
    "constant_all": "Against constant width",
    "constant_low": "Against constant width, low end",
    "constant_high": "Against constant width, high end",
    "coverage_80_all": "Coverage of the 80 % interval",
    "memory_mb": "MB",
    "who": "by",
}
_SHARES = ("metrics.skill", "metrics.constant")
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


def aliases(runs: pd.DataFrame, pointed: dict[str, ModelVersion]) -> list[str]:
    """By which alias, if any, the version serves or challenges here that each run is of."""
    named = {(str(model.version), model.sha256): alias for alias, model in pointed.items()}
    return [named.get(key, "") for key in zip(runs["version"], runs["sha256"])]


def table(runs: pd.DataFrame, alias: list[str], zone: str) -> pd.DataFrame:
    """One row a run, newest first; what a run does not have is empty."""
    told = runs.assign(alias=alias)
    found = pd.DataFrame({name: told.get(column, np.nan) for name, column in _COLUMNS.items()})
    for name in _PERCENT:
        found[name] = 100.0 * found[name].astype("float64")
    bands = zip(
        told.get("metrics.skill_low", found["n"]), told.get("metrics.skill_high", found["n"])
    )
    found.insert(list(found).index("Skill") + 1, "90 % band", [_range(*band) for band in bands])
    found["Bars"] = pd.to_numeric(found["Bars"], errors="coerce")
    found["Started"] = found["Started"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M")
    for name in ("Commit", "Data"):
        found[name] = [_text(value)[:_SHORT] for value in found[name]]
    found["Window"] = [_text(value).replace("..", " to ") for value in found["Window"]]
    return found


def columns() -> dict[str, object]:
    """How `table` is shown."""
    return {
        "Version": st.column_config.TextColumn(pinned=True),
        "Skill": st.column_config.NumberColumn(
            format="%+.1f %%",
            help="Share of the random walk's pinball loss saved out of sample, over horizons 1 to "
            "20.",
        ),
        "90 % band": st.column_config.TextColumn(help="From a block bootstrap over dates."),
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


def names(runs: pd.DataFrame) -> list[str]:
    """What to call each of some runs, no two the same."""
    told = [
        f"Version {one}" if one else str(name) for one, name in zip(runs["version"], runs["name"])
    ]
    return [
        one if told.count(one) == 1 else f"{one} ({run_id[:6]})"
        for one, run_id in zip(told, runs["run_id"])
    ]


def compared(runs: pd.DataFrame) -> pd.DataFrame:
    """What tells runs apart, a column a run, in words; as text, since kinds are mixed."""
    found = differences(runs)
    told = pd.DataFrame(
        [
            [_cell(str(name), value) for value in row]
            for name, row in zip(found.index, found.values)
        ],
        columns=names(runs),
        dtype="str",
    )
    told.insert(0, "What differs", [_label(str(name)) for name in found.index])
    return told


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


def _label(column: str) -> str:
    bare = column.split(".", 1)[1]
    return _LABELS.get(bare, bare.replace("_", " "))


def _cell(column: str, value: object) -> str:
    if value is None or value != value or value == "":
        return UNKNOWN
    if column.startswith("metrics.") and column.split("_")[0] in _SHARES:
        return signed_percent(float(str(value)))
    if column.startswith("metrics.coverage"):
        return _share(float(str(value)))
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def _range(low: float, high: float) -> str:
    known = not (np.isnan(low) or np.isnan(high))
    return f"{signed_percent(low)} to {signed_percent(high)}" if known else ""
