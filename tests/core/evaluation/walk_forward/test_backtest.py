"""Backtests: shape, honesty about time, and skill with its band."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics.skill import skill, skill_by_ticker
from core.evaluation.walk_forward.splits import last_origins, walk_forward
from core.foundation.errors import InvalidInputError, NotEnoughHistoryError
from core.models import create
from core.reference.schema import LEVELS
from tests.support.backtests import backtest
from tests.support.bars import walk


def test_one_score_by_hand(panel_bars: pd.DataFrame, scores: pd.DataFrame) -> None:
    score = scores[(scores["ticker"] == "T1") & (scores["horizon"] == 5)].iloc[-1]
    sessions = pd.DatetimeIndex(panel_bars["session"].unique()).sort_values()
    fold = walk_forward(sessions, last_origins(sessions))[-1]
    known = panel_bars[panel_bars["session"] <= fold.until]
    past = panel_bars[panel_bars["session"] <= score["as_of"]]
    predicted = create("har").fit(known).predict(past, horizons=[5])
    closes = panel_bars[panel_bars["ticker"] == "T1"].set_index("session")["close"]
    returns = np.log(predicted[predicted["ticker"] == "T1"]["price"] / closes[score["as_of"]])
    actual = np.log(closes[score["target_session"]] / closes[score["as_of"]])
    gaps = actual - returns.to_numpy()
    expected = np.mean([max(q * gap, (q - 1) * gap) for q, gap in zip(LEVELS, gaps)])
    assert sessions.get_loc(score["target_session"]) - sessions.get_loc(score["as_of"]) == 5
    assert score["actual"] == pytest.approx(actual)
    assert score["pinball"] == pytest.approx(expected)
    low, high = returns.iloc[1], returns.iloc[5]
    assert score["inside_80"] == float(low <= actual <= high)
    assert score["width_80"] == pytest.approx(high - low)


def test_scores_are_whole_and_sorted(scores: pd.DataFrame) -> None:
    keys = ["ticker", "as_of", "horizon"]
    assert len(scores) and not scores.duplicated(keys).any()
    assert scores[keys].equals(scores[keys].sort_values(keys, ignore_index=True))
    assert scores.notna().all().all()
    assert (scores["inside_50"] <= scores["inside_80"]).all()
    assert (scores["inside_80"] <= scores["inside_90"]).all()


def test_baseline_against_itself_has_no_skill(panel_bars: pd.DataFrame) -> None:
    found = skill(backtest("random_walk", panel_bars))
    assert (found.value, found.low, found.high) == (0.0, 0.0, 0.0)


def test_skill_by_hand(scores: pd.DataFrame) -> None:
    found = skill(scores)
    assert found.value == pytest.approx(
        1 - scores["pinball"].sum() / scores["baseline_pinball"].sum()
    )
    assert found.low < found.value < found.high
    assert found.n == len(scores) / 20
    assert found.baseline == "random_walk"
    assert found.window == f"{scores['as_of'].min():%Y-%m-%d}..{scores['as_of'].max():%Y-%m-%d}"
    assert found.coverage == pytest.approx(scores["inside_80"].mean())
    assert skill(scores) == found, "the draw is seeded"
    shuffled = skill(scores.sample(frac=1, random_state=0))
    assert (shuffled.low, shuffled.high) == pytest.approx((found.low, found.high))


def test_skill_of_each_ticker_is_of_its_own_rows(scores: pd.DataFrame) -> None:
    found = skill_by_ticker(scores)
    assert list(found) == ["T0", "T1", "T2"]
    assert found["T1"] == skill(scores[scores["ticker"] == "T1"])


def test_band_holds_what_a_hundred_samples_scatter_over() -> None:
    dates = pd.bdate_range("2020-01-01", periods=480)[::4]
    values, halves = [], []
    for seed in range(100):
        source = np.random.default_rng(seed)
        frame = pd.DataFrame({"ticker": "A", "as_of": dates, "horizon": 1, "inside_80": 1.0})
        frame["baseline"] = "random_walk"
        frame["baseline_pinball"] = source.uniform(0.5, 1.5, len(dates))
        frame["pinball"] = frame["baseline_pinball"] * source.uniform(0.7, 1.3, len(dates))
        found = skill(frame)
        values.append(found.value)
        halves.append((found.high - found.low) / 2)
    assert np.mean(halves) == pytest.approx(1.645 * np.std(values), rel=0.3)


def test_too_few_origins_state_no_skill(scores: pd.DataFrame) -> None:
    few = scores[scores["as_of"] >= scores["as_of"].unique()[-12]]
    with pytest.raises(NotEnoughHistoryError, match="needs at least 44 origins"):
        skill(few)
    with pytest.raises(NotEnoughHistoryError):
        skill(scores.iloc[:0])
    part = pd.concat([scores[scores["ticker"] == "T0"], few[few["ticker"] == "T1"]])
    assert list(skill_by_ticker(part)) == ["T0"]


def test_progress_is_told_to_the_end(panel_bars: pd.DataFrame) -> None:
    calls: list[tuple[int, int]] = []
    backtest("har", panel_bars, progress=lambda done, total: calls.append((done, total)))
    assert calls == [(k, len(calls)) for k in range(1, len(calls) + 1)] and calls


def test_a_young_ticker_is_scored_where_it_can_be() -> None:
    bars = pd.concat([walk("A", 700, 1), walk("B", 250, 2), walk("C", 1)])
    scores = backtest("har", bars)
    counts = scores.drop_duplicates(["ticker", "as_of"])["ticker"].value_counts()
    assert counts["A"] > counts["B"] > 0 and "C" not in counts


def test_a_backtest_without_history_says_so() -> None:
    with pytest.raises(NotEnoughHistoryError, match="backtest of har needs at least 131"):
        backtest("har", walk("A", 150))
    with pytest.raises(InvalidInputError, match="not a session"):
        backtest("har", walk("A", 400), origins=[pd.Timestamp("2024-06-29")])
