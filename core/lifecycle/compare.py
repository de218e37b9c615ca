"""Rank forecasters on what is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from core.evaluation.walk_forward.evaluated_tickers import evaluated_bars
from core.evaluation.walk_forward.splits import last_origins
from core.evaluation.walk_forward.walk_recipe import CONSTANT
from core.foundation.errors import InvalidInputError
from core.foundation.progress import Progress, silent
from core.lifecycle.compare_folds import Comparison, compare_folds
from core.market_data.lake.bar_store import ParquetBars
from core.reference.scope import ALL, in_scope
from core.reference.synthetic_ticker import SYNTHETIC

DEFAULT_FORECASTERS = ("har", "ewma", "random_walk_gauss", "drift")  # where nobody is named


@dataclass(frozen=True)
class ComparedRows:
    """Which past forecasts forecasters are compared on.

    Parameters
    ----------
    scope : which tickers, see `core.reference.scope`; an invented one only if it is named.
    span, every : every `every`-th of the last `span` sessions is an origin.
    evaluate_all : every ticker of the scope, and not only those that stand for all, see
        `core.evaluation.walk_forward.evaluated_tickers`.
    """

    scope: str = ALL
    span: int = 500
    every: int = 4
    evaluate_all: bool = False


def compare(
    bars: ParquetBars,
    folder: Path,
    names: Sequence[str],
    rows: ComparedRows = ComparedRows(),
    progress: Progress = silent,
) -> Comparison:
    """Walk forecasters forward over stored bars, beside the random walk and a constant width.

    Parameters
    ----------
    folder : where finished folds wait if this is interrupted; the next call goes on from them.
    names : of forecasters; `constant_width`, which every claim has to beat, is always among them.

    Raises
    ------
    InvalidInputError : a name, the scope or a number is not usable.
    NotFoundError : no bars are stored for the scope.
    NotEnoughHistoryError : nobody can forecast from any origin.
    StorageError : bars cannot be read, or the disk refused.
    """
    if rows.span < 1:
        raise InvalidInputError(
            "compare.bad-span",
            "The count of sessions to look at must be above zero.",
            parameter="sessions",
        )
    if rows.every < 1:
        raise InvalidInputError(
            "compare.bad-spacing",
            "The count of sessions from origin to origin must be above zero.",
            parameter="every",
        )
    tickers = in_scope(rows.scope, bars.tickers())
    real = [ticker for ticker in tickers if ticker.symbol != SYNTHETIC.symbol]
    frame = bars.load(real or tickers, adjusted=False)
    frame = frame if rows.evaluate_all else evaluated_bars(frame)
    sessions = pd.DatetimeIndex(frame["session"].unique()).sort_values()
    origins = last_origins(sessions, rows.span, rows.every)
    return compare_folds(
        list(dict.fromkeys((*names, CONSTANT))), frame, folder, origins, progress=progress
    )
