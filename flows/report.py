"""A leaderboard as plain text."""

from collections.abc import Sequence
from typing import Any

from core.evaluation.reports.leaderboard import BASELINES

_BASELINE_OF = {column: baseline for baseline, column in BASELINES.items()}


def report(board: Sequence[dict[str, Any]]) -> str:
    """A line a forecaster, in percent, and what all of them were measured on.

    `board` holds the rows of `core.evaluation.reports.leaderboard.leaderboard` for all horizons
    together, None where something is unknown.
    """
    width = max(len("forecaster"), *(len(row["forecaster"]) for row in board))
    names = ("against random walk", "against constant width")
    head = f"{'forecaster':{width}}  {names[0]:>24}  {names[1]:>24}  {'coverage 50, 80, 90':>20}"
    first = board[0]
    note = (
        f"In % of mean pinball loss saved, with 90 % bands; horizons {first['horizons']}, n "
        f"{first['n']} of {first['tickers']} tickers on {first['dates']} dates, "
        f"{first['window']}, {first['sample']} of sample."
    )
    return "\n".join([head, *(_line(row, width) for row in board), note])


def _line(row: dict[str, Any], width: int) -> str:
    bands = f"{_band(row, 'skill'):>24}  {_band(row, 'constant'):>24}"
    inside = " ".join(f"{100 * row[f'coverage_{share}']:.1f}" for share in (50, 80, 90))
    return f"{row['forecaster']:{width}}  {bands}  {inside:>20}"


def _band(row: dict[str, Any], name: str) -> str:
    if row["forecaster"] == _BASELINE_OF[name]:
        return "itself"
    value, low, high = (row[part] for part in (name, f"{name}_low", f"{name}_high"))
    if value is None:
        return "unknown"
    band = "" if low is None else f" [{100 * low:+.2f}, {100 * high:+.2f}]"
    return f"{100 * value:+.2f}{band}"
