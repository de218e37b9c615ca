"""A recipe's walk-forward over stored bars, and the skill it shows."""

from collections.abc import Callable
from dataclasses import replace

import pandas as pd

from core.evaluation.metrics.skill import KEY, Skill, skill, skill_by_ticker
from core.evaluation.walk_forward.backtest import backtests
from core.evaluation.walk_forward.splits import last_origins
from core.foundation.errors import NotEnoughHistoryError
from core.foundation.progress import Progress
from core.models import Forecaster, create
from core.reference.synthetic_ticker import real

CONSTANT = "constant_width"


YearGroup = tuple[list[str], pd.DatetimeIndex]


def walk_recipe(
    make: Callable[[], Forecaster],
    frame: pd.DataFrame,
    progress: Progress,
    over: YearGroup | None = None,
) -> pd.DataFrame | None:
    """Out-of-sample scores of a recipe, refitted as it goes, beside the two baselines.

    Parameters
    ----------
    make : gives the forecaster anew, not fitted.
    frame : the `bars` contract, raw.
    over : tickers to score, the others are their market, and the origins to do so from; if not
        given, they follow from the bars alone, so that two recipes are scored on the same ones.

    Returns
    -------
    As `core.evaluation.walk_forward.backtest.backtests` gives them, with the loss of
    `constant_width` in `constant_pinball`. None where there is too little history.
    """
    groups, name = _year_groups(frame) if over is None else [over], make().name
    scores: dict[str, list[pd.DataFrame]] = {name: [], CONSTANT: []}
    for number, (tickers, origins) in enumerate(groups):

        def report_progress(done: int, total: int, number: int = number) -> None:
            progress("Walk-forward", number * total + done, len(groups) * total)

        try:
            entrants = {CONSTANT: create(CONSTANT), name: make()}
            found = backtests(entrants, frame, origins, progress=report_progress)
        except NotEnoughHistoryError:
            continue  # unknown is said to be unknown; the forecast itself may still stand
        for each, run in found.items():
            scores[each].append(run[run["ticker"].isin(tickers)])
    if not (scores[name] and scores[CONSTANT]):
        return None
    constant = pd.concat(scores[CONSTANT], ignore_index=True)[[*KEY, "pinball"]]
    return pd.concat(scores[name], ignore_index=True).merge(
        constant.rename(columns={"pinball": "constant_pinball"}),
        on=KEY,
        how="left",
        validate="one_to_one",
    )


def skills_on_same_rows(
    own: pd.DataFrame | None, other: pd.DataFrame | None
) -> tuple[Skill | None, Skill | None]:
    """Skill of each of two over all horizons, on the forecasts that both were scored on."""
    if own is None or other is None:
        return None, None
    shared = own[KEY].merge(other[KEY], on=KEY)
    found = (_overall(scores.merge(shared, on=KEY)) for scores in (own, other))
    first, second = (one and replace(one, horizons=()) for one in found)
    return first, second


def skills(scores: pd.DataFrame | None) -> tuple[Skill | None, dict[str, Skill]]:
    """Skill over all real tickers and of each, from what `walk_recipe` gave; None where unknown."""
    if scores is None:
        return None, {}
    return _overall(scores), skill_by_ticker(scores, _constant(scores))


def _overall(scores: pd.DataFrame) -> Skill | None:
    try:
        return skill(real(scores), _constant(scores))
    except NotEnoughHistoryError:
        return None


def _constant(scores: pd.DataFrame) -> pd.DataFrame:
    constant = scores[[*KEY, "constant_pinball"]].dropna()
    return constant.rename(columns={"constant_pinball": "pinball"})


def _year_groups(frame: pd.DataFrame) -> list[YearGroup]:
    """Tickers whose bars end in the same year, each group with origins out of its own sessions."""
    ends = frame.groupby("ticker")["session"].max().dt.year
    found = []
    for year in sorted(ends.unique()):
        tickers = ends.index[ends == year].tolist()
        own = frame.loc[frame["ticker"].isin(tickers), "session"]
        origins = last_origins(pd.DatetimeIndex(own.unique()).sort_values())
        if len(origins):
            found.append((tickers, origins))
    return found
