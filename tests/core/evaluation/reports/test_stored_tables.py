"""Pairs of kept walk-forward scores: each once, on the rows that all of them share."""

import pandas as pd
import pytest

from core.evaluation.metrics.skill import KEY
from core.evaluation.reports.stored_tables import pairwise_of
from core.evaluation.walk_forward.backtest import backtests
from core.foundation.errors import InvalidInputError
from core.models import create


@pytest.fixture(scope="module")
def scores(panel_bars: pd.DataFrame) -> dict[str, pd.DataFrame]:
    names = ("har", "ewma", "constant_width")
    found = backtests({name: create(name) for name in names}, panel_bars)
    constant = found.pop("constant_width")[[*KEY, "pinball"]]
    constant = constant.rename(columns={"pinball": "constant_pinball"})
    return {name: run.merge(constant, on=KEY) for name, run in found.items()}


def test_every_pair_is_there_once(scores: dict[str, pd.DataFrame]) -> None:
    found = pairwise_of({"new": scores["har"], "old": scores["ewma"]})
    pairs = list(zip(found["forecaster"], found["baseline"], strict=True))
    baselines = {"random_walk", "constant_width"}
    expected = {("new", "old"), *((one, other) for one in ("new", "old") for other in baselines)}
    assert set(pairs) == expected and len(pairs) == 4 * len(expected)
    overall = found[found["horizons"] == "1..20"].set_index(["forecaster", "baseline"])
    gap = (
        scores["ewma"].groupby("as_of")["pinball"].mean()
        - scores["har"].groupby("as_of")["pinball"].mean()
    )
    assert overall.loc[("new", "old"), "difference"] == pytest.approx(gap.mean())
    assert (found["difference_low"] <= found["difference_high"]).all()


def test_scores_of_other_bars_are_refused(scores: dict[str, pd.DataFrame]) -> None:
    other = scores["ewma"].assign(actual=0.5)
    with pytest.raises(InvalidInputError, match="of old is of other bars"):
        pairwise_of({"new": scores["har"], "old": other})
