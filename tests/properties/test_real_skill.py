"""On real stocks, what is claimed of the default forecaster and of its mends holds."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics.skill import skill
from core.evaluation.walk_forward.score_quantiles import scored
from core.features.panel import Panel
from core.models import create, recalibration
from core.models.short_history import Averaged
from tests.support.backtests import backtest
from tests.support.evaluation import FOLDER, large_us

pytestmark = [
    pytest.mark.evaluation,
    pytest.mark.skipif(not FOLDER, reason="TICKERLENS_EVALUATION_DATA is not set"),
]


@pytest.fixture(scope="module")
def panel() -> pd.DataFrame:
    return large_us()


def every(panel: pd.DataFrame, step: int, first: int = 0) -> list[str]:
    return [str(one) for one in sorted(panel["ticker"].unique())[first::step]]


def test_har_beats_the_random_walk_on_twelve_stocks(panel: pd.DataFrame) -> None:
    chosen = every(panel, 3)
    bars = panel[panel["ticker"].isin(chosen) & (panel["session"] < "2014")]
    sessions = pd.DatetimeIndex(bars["session"].unique()).sort_values()
    origins = sessions[sessions >= "2008"][:-20:12]
    scores = backtest("har", bars, origins=origins)
    found = skill(scores)
    assert len(chosen) == 12 and len(origins) > 100
    assert found.low > 0 and found.value > 0.03
    by_horizon = scores.groupby("horizon")["inside_80"].mean()
    assert by_horizon.loc[[1, 5, 20]].between(0.75, 0.85).all()


@pytest.mark.soak
def test_recalibration_costs_next_to_nothing_where_nothing_is_wrong(
    panel: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In calm years, and its dead zone is why; costs are in points of skill."""
    between = (panel["session"] >= "2008") & (panel["session"] < "2018")
    bars = panel[panel["ticker"].isin(every(panel, 6)) & between]
    sessions = pd.DatetimeIndex(bars["session"].unique()).sort_values()
    origins = sessions[sessions >= "2012"][:-20:4]

    def points(recalibrated: bool) -> float:
        scores = backtest("har", bars, origins=origins, refit_every=250, recalibrated=recalibrated)
        return 100.0 * skill(scores).value

    as_it_is = points(recalibrated=False)
    cost = as_it_is - points(recalibrated=True)
    monkeypatch.setattr(recalibration, "_CHANCE_LOG_WIDTH", 0.0)
    bare = as_it_is - points(recalibrated=True)
    print(f"recalibration costs {cost:.3f} points, without its dead zone {bare:.3f}")
    assert cost <= 0.03
    assert 0.10 <= bare <= 0.17


def test_a_young_ticker_loses_less_by_the_mean_of_both(panel: pd.DataFrame) -> None:
    """Twelve stocks as if each were listed anew every January, beside twelve old ones."""
    old, new = every(panel, 3), every(panel, 3, first=1)
    fallback, parts = create("random_walk_gauss"), []
    for year in range(2006, 2014):
        listed = pd.Timestamp(year, 1, 1)
        since = np.where(panel["ticker"].isin(new), listed, listed - pd.Timedelta(days=1100))
        wanted = panel["ticker"].isin([*old, *new]) & (panel["session"] >= since)
        bars = panel[wanted & (panel["session"] < listed + pd.Timedelta(days=260))]
        beside = Panel.of(bars.reset_index(drop=True))
        trained = create("har").fit_panel(beside, listed)
        young = np.isin(beside.code, [k for k, one in enumerate(beside.tickers) if str(one) in new])
        rows = np.flatnonzero(young & (beside.age >= 22) & (beside.age <= 130))[::6]
        scores = scored(beside, rows, Averaged(trained, fallback), fallback)
        ages = pd.DataFrame(
            {
                "ticker": [str(beside.tickers[code]) for code in beside.code[rows]],
                "as_of": beside.session[rows],
                "age": beside.age[rows],
            }
        )
        parts.append(scores.merge(ages, on=["ticker", "as_of"]))
    found = pd.concat(parts, ignore_index=True)
    assert len(found) > 30_000
    for least, rows in ((0.005, found), (0.008, found[found["age"] < 41])):
        gain = 1.0 - rows["pinball"].mean() / rows["baseline_pinball"].mean()
        inside = rows["inside_80"].mean()
        print(f"{100 * gain:.2f} % less loss, {100 * inside:.1f} % inside, n {len(rows)}")
        assert gain > least and 0.78 <= inside <= 0.84
