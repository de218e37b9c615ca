"""Rank forecasters on what is stored."""

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from core.errors import InvalidInputError
from core.invented import SYNTHETIC
from core.models.splits import last_origins
from core.services.progress import Progress, silent
from core.services.prove import Proof, prove
from core.services.scope import ALL, in_scope
from core.services.walked import CONSTANT
from core.storage.bars import ParquetBars

COMPARED = ("har", "ewma", "random_walk_gauss", "drift")  # where nobody is named


def compare(
    bars: ParquetBars,
    folder: Path,
    names: Sequence[str],
    scope: str = ALL,
    span: int = 500,
    every: int = 4,
    progress: Progress = silent,
) -> Proof:
    """Walk forecasters forward over stored bars, beside the random walk and a constant width.

    Parameters
    ----------
    folder : where finished folds wait if this is interrupted; the next call goes on from them.
    names : of forecasters; `constant_width`, which every claim has to beat, is always among them.
    scope : which tickers, see `core.services.scope`; an invented one only if it is named.
    span, every : every `every`-th of the last `span` sessions is an origin.

    Raises
    ------
    InvalidInputError : a name, the scope or a number is not usable.
    NotFoundError : no bars are stored for the scope.
    NotEnoughHistoryError : nobody can forecast from any origin.
    StorageError : bars cannot be read, or the disk refused.
    """
    if span < 1:
        raise InvalidInputError("The count of sessions to look at must be above zero.", "sessions")
    if every < 1:
        told = "The count of sessions from origin to origin must be above zero."
        raise InvalidInputError(told, "every")
    tickers = in_scope(scope, bars.tickers())
    real = [ticker for ticker in tickers if ticker.symbol != SYNTHETIC.symbol]
    frame = bars.load(real or tickers, adjusted=False)
    sessions = pd.DatetimeIndex(frame["session"].unique()).sort_values()
    origins = last_origins(sessions, span, every)
    return prove(list(dict.fromkeys((*names, CONSTANT))), frame, folder, origins, progress=progress)
