"""Versions and their baselines two by two: is the difference more than chance?"""

import math

import pandas as pd
import streamlit as st

from app.components.formats import UNKNOWN
from app.components.grid import data_grid
from app.state import proofs
from core.forecasts.claims import NAMES
from core.foundation.errors import InvalidInputError
from core.reference.windows import window_in_words
from core.registry.registry import ModelVersion


def draw(models: list[ModelVersion]) -> None:
    """Every two of these versions, and each beside its baselines, on the same forecasts."""
    st.subheader("One against another", anchor=False)
    try:
        found = proofs.pairs(models)
    except InvalidInputError:
        st.caption("These versions have no forecasts of the same bars in common to compare.")
        return
    if found.empty:
        st.caption("Unknown: too little history to compare forecasts out of sample.")
        return
    data_grid(
        table(found),
        hide_index=True,
        height="content",
        alt="Every two of these versions and their baselines, with the test of their difference",
    )
    st.caption(
        "Loss difference is the mean pinball loss of B less that of A, in log return: above zero A "
        "is ahead. The test is that of Diebold and Mariano on the mean losses of each date; p is "
        "the chance of a difference so large if the two were equally good. A band that holds zero "
        "shows no difference. n counts pairs of ticker and as_of."
    )


def table(found: pd.DataFrame) -> pd.DataFrame:
    """What `core.evaluation.reports.stored_tables.pairwise_of` gives, as text."""
    bands = zip(found["difference_low"], found["difference_high"])
    return pd.DataFrame(
        {
            "A": [str(NAMES.get(name, name)) for name in found["forecaster"]],
            "B": [str(NAMES.get(name, name)) for name in found["baseline"]],
            "Horizons": found["horizons"],
            "Loss difference": [_loss(value) for value in found["difference"]],
            "90 % band": [
                f"{_loss(low)} to {_loss(high)}" if math.isfinite(low + high) else UNKNOWN
                for low, high in bands
            ],
            "Diebold-Mariano p": [_chance(value) for value in found["p"]],
            "n": found["n"],
            "Window": [window_in_words(one) for one in found["window"]],
        }
    )


def _loss(value: float) -> str:
    """Such as +0.00012, with a true minus."""
    return f"{value:+.5f}".replace("-", "\u2212") if math.isfinite(value) else UNKNOWN


def _chance(value: float) -> str:
    if not math.isfinite(value):
        return UNKNOWN
    return f"{value:.3f}" if value >= 0.001 else "below 0.001"
