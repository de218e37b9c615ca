"""Cached reads of how versions were proved, from the scores kept with each."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.state.stores import stores
from core.evaluation.reports.stored_tables import calibration_of, leaderboard_of, pairwise_of
from core.reference.renames import Renames
from core.registry.registry import ModelVersion


def board(model: ModelVersion) -> pd.DataFrame:
    """A version among its baselines, from the scores kept with it; empty if there are none."""
    return _board(model.version, model.sha256, stores().renames())


def pairs(models: Sequence[ModelVersion]) -> pd.DataFrame:
    """Every two of some versions and their baselines, from the scores kept; empty without any.

    Raises
    ------
    InvalidInputError : what the versions forecast cannot be compared.
    """
    return _pairs(tuple((one.version, one.sha256) for one in models), stores().renames())


def transforms(model: ModelVersion) -> pd.DataFrame:
    """PIT histograms of a version, as `board`."""
    return _transforms(model.version, model.sha256, stores().renames())


@st.cache_data(max_entries=20, show_spinner=False)
def _board(version: int, sha256: str, renames: Renames) -> pd.DataFrame:
    scores, name = stores().registry.scores(version), stores().registry.get(version).name
    return pd.DataFrame() if scores is None else leaderboard_of(name, scores)


@st.cache_data(max_entries=20, show_spinner=False)
def _pairs(versions: tuple[tuple[int, str], ...], renames: Renames) -> pd.DataFrame:
    registry = stores().registry
    found = {number: registry.scores(number) for number, _ in versions}
    known = {
        f"version {number}, {registry.get(number).name}": scores
        for number, scores in found.items()
        if scores is not None
    }
    return pairwise_of(known) if known else pd.DataFrame()


@st.cache_data(max_entries=20, show_spinner=False)
def _transforms(version: int, sha256: str, renames: Renames) -> pd.DataFrame:
    scores, name = stores().registry.scores(version), stores().registry.get(version).name
    return pd.DataFrame() if scores is None else calibration_of(name, scores)
