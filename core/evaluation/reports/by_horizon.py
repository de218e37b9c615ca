"""The proof of a forecaster horizon by horizon."""

import pandas as pd

COLUMNS = (
    "horizon",
    "n",
    "pinball",
    "baseline_pinball",
    "constant_pinball",
    "skill",
    "skill_against_constant",
    "coverage_50",
    "coverage_80",
    "coverage_90",
    "width_80",
)


def by_horizon(scores: pd.DataFrame) -> pd.DataFrame:
    """One row a horizon from the rows of a `backtest`.

    Parameters
    ----------
    scores : as `core.evaluation.walk_forward.backtest.backtests` gives them; a column
        `constant_pinball`, the loss of `constant_width` on the same rows, may stand beside the
        others.

    Returns
    -------
    `COLUMNS`, sorted by horizon: n counts (ticker, as_of) pairs; losses and `width_80` are means
    in log return; skills are 1 - loss / baseline's loss; coverages are realised shares. What was
    not measured, or has a baseline without loss, is NaN.
    """
    rows = scores.assign(constant_pinball=scores.get("constant_pinball", float("nan")))
    found = rows.groupby("horizon", sort=True).agg(
        n=("pinball", "size"),
        pinball=("pinball", "mean"),
        baseline_pinball=("baseline_pinball", "mean"),
        constant_pinball=("constant_pinball", "mean"),
        coverage_50=("inside_50", "mean"),
        coverage_80=("inside_80", "mean"),
        coverage_90=("inside_90", "mean"),
        width_80=("width_80", "mean"),
    )
    for name, baseline in (("skill", "baseline"), ("skill_against_constant", "constant")):
        loss = found[f"{baseline}_pinball"]
        found[name] = (1.0 - found["pinball"] / loss).where(loss > 0)
    return found.reset_index()[list(COLUMNS)]
