"""A leaderboard as plain text."""

import math

import pandas as pd

from core.models.leaderboard import BASELINES

_RIVALS = {column: rival for rival, column in BASELINES.items()}


def report(board: pd.DataFrame) -> str:
    """A line a forecaster, in percent, and what all of them were measured on.

    `board` is as `core.models.leaderboard.leaderboard` gives it for all horizons together.
    """
    width = max(len("forecaster"), *map(len, board["forecaster"]))
    names = ("against random walk", "against constant width")
    head = f"{'forecaster':{width}}  {names[0]:>24}  {names[1]:>24}  {'coverage 50, 80, 90':>20}"
    first = board.iloc[0]
    told = (
        f"In % of mean pinball loss saved, with 90 % bands; horizons {first['horizons']}, n "
        f"{first['n']} of {first['tickers']} tickers on {first['dates']} dates, "
        f"{first['window']}, {first['sample']} of sample."
    )
    return "\n".join([head, *(_line(row, width) for _, row in board.iterrows()), told])


def _line(row: "pd.Series[float]", width: int) -> str:
    bands = f"{_band(row, 'skill'):>24}  {_band(row, 'constant'):>24}"
    inside = " ".join(f"{100 * row[f'coverage_{share}']:.1f}" for share in (50, 80, 90))
    return f"{row['forecaster']:{width}}  {bands}  {inside:>20}"


def _band(row: "pd.Series[float]", name: str) -> str:
    if row["forecaster"] == _RIVALS[name]:
        return "itself"
    value, low, high = (100 * row[part] for part in (name, f"{name}_low", f"{name}_high"))
    if math.isnan(value):
        return "unknown"
    return f"{value:+.2f}" + ("" if math.isnan(low) else f" [{low:+.2f}, {high:+.2f}]")
