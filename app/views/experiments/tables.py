"""Runs as tables: a page of them, what tells some apart, and a version among its baselines."""

import json
from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from app.components.formats import UNKNOWN, banded, is_itself, signed_percent, written
from core.foundation.stored_numbers import number, numbers
from core.reference.schema import INTERVALS
from core.reference.windows import window_in_words
from core.registry.mlflow_runs import differences
from core.registry.registry import ModelVersion

if TYPE_CHECKING:
    from pandas.io.formats.style import Styler

MOST_COMPARED = 6
_NONE = "none"  # a parameter that other forecasters have
_PERCENT, _COUNTS = ("Skill", "Coverage"), ("n", "Bars", "Seconds", "MB")
_COLUMNS = {
    "Version": "version",
    "Alias": "alias",
    "Forecaster": "params.forecaster",
    "Scope": "params.scope",
    "Skill": "metrics.skill_all",
    "n": "metrics.skill_n",
    "Coverage": "metrics.coverage_80_all",
    "Training window": "params.training_window",
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
    "skill_n": "n",
    "constant_all": "Against constant width",
    "coverage_80_all": "Coverage, 80 %",
    "memory_mb": "MB",
    "who": "by",
}
_ENDS = ("_low", "_high")  # told with the value between them
_NUMBERS = {"bars": "{:,.0f}", "skill_n": "{:,.0f}", "memory_mb": "{:,.0f}", "seconds": "{:.1f}"}
_HASHES = ("commit", "data_hash")
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
    rows = runs.assign(alias=alias)
    found = pd.DataFrame({name: rows.get(column, np.nan) for name, column in _COLUMNS.items()})
    for name in _PERCENT:
        found[name] = 100.0 * numbers(found[name])
    unknown = pd.Series(np.nan, index=rows.index)
    ends = (rows.get(f"metrics.skill_{end}", unknown) for end in ("all", "low", "high"))
    bands = zip(*map(numbers, ends))
    found.insert(list(found).index("Skill") + 1, "90 % band", [_range(*band) for band in bands])
    for name in _COUNTS:
        found[name] = numbers(found[name])
    found["Started"] = found["Started"].dt.tz_convert(zone).dt.strftime("%Y-%m-%d %H:%M")
    for name in ("Commit", "Data"):
        found[name] = [_text(value)[:_SHORT] for value in found[name]]
    window = found["Training window"]
    found["Training window"] = [window_in_words(_text(value)) for value in window]
    return found


def shown(found: pd.DataFrame) -> "Styler":
    """What `table` gives, its numbers as they are written elsewhere; they sort as numbers."""
    forms = {
        "Skill": lambda value: signed_percent(value / 100.0),
        "Coverage": "{:.1f} %".format,
        "n": "{:,.0f}".format,
        "Bars": "{:,.0f}".format,
        "Seconds": "{:.1f}".format,
        "MB": "{:,.0f}".format,
    }
    itself = (found["90 % band"] == "") & (found["Skill"] == 0.0)
    styled = written(found, forms)
    return (
        styled.format("itself", subset=(found.index[itself], ["Skill"])) if any(itself) else styled
    )


def columns() -> dict[str, object]:
    """How `table` is shown."""
    return {
        "Version": st.column_config.TextColumn(pinned=True),
        "Alias": st.column_config.TextColumn(width=140),
        "Skill": st.column_config.NumberColumn(
            help="Share of the random walk's pinball loss saved out of sample, over horizons 1 to "
            "20.",
        ),
        "90 % band": st.column_config.TextColumn(help="From a block bootstrap over dates."),
        "n": st.column_config.NumberColumn(help="Pairs of ticker and as_of scored."),
        "Coverage": st.column_config.NumberColumn(
            help="Share of actuals inside the 80 % interval; 80 % is promised."
        ),
        "Training window": st.column_config.TextColumn(
            help="First and last session of the bars it was trained on."
        ),
        "MB": st.column_config.NumberColumn(
            help="The most memory the process that trained it had held by then."
        ),
    }


def names(runs: pd.DataFrame) -> list[str]:
    """What to call each of some runs, no two the same."""
    labels = [
        f"Version {one}" if one else str(name) for one, name in zip(runs["version"], runs["name"])
    ]
    return [
        one if labels.count(one) == 1 else f"{one} ({run_id[:6]})"
        for one, run_id in zip(labels, runs["run_id"])
    ]


def comparison(runs: pd.DataFrame) -> pd.DataFrame:
    """What tells runs apart, a column a run, in words; as text, since kinds are mixed."""
    heads = list(dict.fromkeys(_head(str(name)) for name in differences(runs).index))
    rows = pd.DataFrame(
        [[_cell(name, run) for run in runs.to_dict("records")] for name in heads],
        columns=names(runs),
        dtype="str",
    )
    rows.insert(0, "What differs", [_label(name) for name in heads])
    return rows


def board(found: pd.DataFrame) -> pd.DataFrame:
    """A leaderboard as text: the best first within its horizons, bands beside the values."""
    rows = found.copy()
    for name in ("skill", "constant"):
        rows[name] = [
            banded(*values)
            for values in zip(found[name], found[f"{name}_low"], found[f"{name}_high"])
        ]
    for share in INTERVALS:
        rows[f"coverage_{share}"] = [_share(value) for value in found[f"coverage_{share}"]]
    rows["pinball"] = found["pinball"].map("{:.5f}".format)
    rows["window"] = found["window"].map(window_in_words, na_action="ignore")
    rows["sample"] = rows["sample"] + " of sample"
    return pd.DataFrame({name: rows[column] for name, column in _BOARD.items()})


def _share(value: float) -> str:
    return UNKNOWN if np.isnan(value) else f"{100 * value:.1f} %"


def _text(value: object) -> str:
    """What a run of somebody else's may lack is empty."""
    return value if isinstance(value, str) else ""


def _head(column: str) -> str:
    """The metric a band's end is told with, else the column itself."""
    if column.startswith("metrics.") and column.endswith(_ENDS):
        return f"{column.rpartition('_')[0]}_all"
    return column


def _label(column: str) -> str:
    bare = column.split(".", 1)[1]
    return _LABELS.get(bare, bare.replace("_", " "))


def _cell(column: str, run: dict[Hashable, object]) -> str:
    value, bare = run.get(column), column.split(".", 1)[1]
    if value is None or value != value or value == "":
        return UNKNOWN if column.startswith("metrics.") else _NONE
    if column in ("metrics.skill_all", "metrics.constant_all"):
        ends = (run.get(column.removesuffix("_all") + end, np.nan) for end in _ENDS)
        return banded(*map(number, (value, *ends)))
    if column.startswith("metrics.coverage"):
        return _share(number(value))
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    if bare in _NUMBERS:
        known = number(value)
        return text if np.isnan(known) else _NUMBERS[bare].format(known)
    if bare in _HASHES:
        changed = " and changes" if text.endswith("-dirty") else ""
        return text[:_SHORT] + changed
    if bare == "tickers":
        return _tickers(text)
    return window_in_words(text) if bare == "training_window" else text


def _tickers(text: str) -> str:
    """A list as JSON, in words; as it is if it was cut or is somebody else's."""
    try:
        return ", ".join(map(str, json.loads(text)))
    except (ValueError, TypeError):
        return text


def _range(value: float, low: float, high: float) -> str:
    known = not (np.isnan(low) or np.isnan(high) or is_itself(value, low, high))
    return f"{signed_percent(low)} to {signed_percent(high)}" if known else ""
