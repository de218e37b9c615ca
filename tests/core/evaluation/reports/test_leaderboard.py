"""Leaderboard and duels against numbers worked out by hand."""

import numpy as np
import pandas as pd
import pytest

from core.evaluation.metrics.skill import skill
from core.evaluation.reports.calibration import COLUMNS as CALIBRATION_COLUMNS
from core.evaluation.reports.calibration import calibration
from core.evaluation.reports.leaderboard import COLUMNS, leaderboard
from core.evaluation.reports.pairwise import COLUMNS as PAIR_COLUMNS
from core.evaluation.reports.pairwise import pairwise
from core.evaluation.walk_forward.backtest import backtests
from core.foundation.errors import InvalidInputError
from core.models import create

DATES = pd.to_datetime(["2024-01-02", "2024-01-03"])
ROWS = pd.DataFrame(
    {
        "ticker": ["A", "A", "B", "B"],
        "as_of": [*DATES, *DATES],
        "horizon": 1,
        "target_session": [*pd.to_datetime(["2024-01-03", "2024-01-04"])] * 2,
        "actual": [0.01, -0.01, 0.02, 0.0],
        "median": [0.01, 0.01, 0.01, 0.01],
        "pinball": [0.01, 0.02, 0.03, 0.02],
        "baseline_pinball": [0.04, 0.04, 0.02, 0.02],
        "crps": [0.02, 0.03, 0.04, 0.03],
        "scaled_error": [0.0, 1.0, 0.5, np.nan],
        "inside_50": [1.0, 0.0, 0.0, 1.0],
        "inside_80": [1.0, 1.0, 0.0, 1.0],
        "inside_90": 1.0,
        "width_50": 0.02,
        "width_80": [0.03, 0.05, 0.04, 0.04],
        "width_90": 0.05,
        "model": "ours",
        "baseline": "random_walk",
        "until": pd.Timestamp("2023-12-01"),
    }
)
OTHER = ROWS.assign(pinball=0.025, model="theirs")


def test_a_row_by_hand() -> None:
    found = leaderboard({"theirs": OTHER, "ours": ROWS})
    assert tuple(found.columns) == COLUMNS
    assert found["forecaster"].tolist() == ["ours", "theirs"], "least loss first"
    row = found.iloc[0]
    assert (row["n"], row["tickers"], row["dates"], row["horizons"]) == (4, 2, 2, "1..1")
    assert (row["window"], row["sample"]) == ("2024-01-02..2024-01-03", "out")
    assert row["pinball"] == pytest.approx(0.02) and row["crps"] == pytest.approx(0.03)
    assert row["mase"] == pytest.approx(0.5) and row["hit_rate"] == pytest.approx(2 / 3)
    assert row[["coverage_50", "coverage_80", "coverage_90"]].tolist() == [0.5, 0.75, 1.0]
    assert row["width_80"] == pytest.approx(0.04)
    assert row["skill"] == pytest.approx(1 - 0.08 / 0.12)
    assert row["baselines"] == "random_walk"


def test_what_was_not_measured_is_unknown() -> None:
    found = leaderboard({"ours": ROWS.drop(columns=["crps", "until"])}).iloc[0]
    assert np.isnan(found["crps"]) and found["sample"] == "unknown"
    assert found[["constant", "constant_low", "skill_low", "skill_high"]].isna().all()


def test_a_forecast_of_what_was_learned_from_is_in_sample() -> None:
    assert leaderboard({"ours": ROWS.assign(until=DATES[0])})["sample"].tolist() == ["in"]


def test_a_pair_by_hand() -> None:
    found = pairwise({"ours": ROWS, "theirs": OTHER})
    assert tuple(found.columns) == PAIR_COLUMNS
    pairs = list(zip(found["forecaster"], found["baseline"], strict=True))
    assert pairs == [
        ("ours", "theirs"),
        ("ours", "random_walk"),
        ("theirs", "ours"),
        ("theirs", "random_walk"),
    ]
    assert found["loss_reduction"].tolist() == pytest.approx(
        [1 - 8 / 10, 1 - 8 / 12, 1 - 10 / 8, 1 - 10 / 12]
    )
    assert found["ahead"].tolist() == [0.5, 0.5, 0.0, 0.5]
    assert found[["statistic", "p"]].isna().all().all(), "two dates say nothing"


def test_only_shared_rows_count_and_other_bars_are_refused() -> None:
    found = leaderboard({"ours": ROWS, "theirs": OTHER.iloc[1:]})
    assert found["n"].tolist() == [3, 3]
    assert found.set_index("forecaster").loc["ours", "pinball"] == pytest.approx(0.07 / 3)
    with pytest.raises(InvalidInputError, match="of theirs is of other bars"):
        leaderboard({"ours": ROWS, "theirs": OTHER.assign(actual=0.5)})
    with pytest.raises(InvalidInputError, match="share no origin"):
        leaderboard({"ours": ROWS.iloc[:1], "theirs": OTHER.iloc[1:]})
    with pytest.raises(InvalidInputError, match="at least one"):
        leaderboard({})
    with pytest.raises(InvalidInputError, match="Horizon 5 was not scored"):
        leaderboard({"ours": ROWS}, (5,))


def test_transforms_are_counted_per_forecaster_and_horizon() -> None:
    found = calibration({"ours": ROWS.assign(pit=[0.1, 0.2, 0.3, 0.9]), "theirs": OTHER}, bins=2)
    assert tuple(found.columns) == CALIBRATION_COLUMNS and len(found) == 4
    ours, theirs = (found[found["forecaster"] == name] for name in ("ours", "theirs"))
    assert ours["count"].tolist() == [3, 1] and ours["share"].tolist() == [0.75, 0.25]
    assert (ours["n"] == 4).all() and (ours["sample"] == "out").all()
    assert (theirs["count"] == 0).all() and theirs["share"].isna().all()


def test_tables_of_real_backtests_agree_with_skill(panel_bars: pd.DataFrame) -> None:
    names = ("har", "constant_width", "random_walk")
    runs = backtests({name: create(name) for name in names}, panel_bars)
    before = {name: run.copy() for name, run in runs.items()}
    overall = leaderboard(runs).set_index("forecaster")
    expected = skill(runs["har"], runs["constant_width"])
    assert expected.against_constant is not None
    har = overall.loc["har"]
    assert har["skill"] == pytest.approx(expected.value)
    assert har["skill_low"] == pytest.approx(expected.low)
    assert har["skill_high"] == pytest.approx(expected.high)
    assert har["constant_low"] == pytest.approx(expected.against_constant.low)
    assert har["sample"] == "out" and har["window"] == expected.window and har["n"] == expected.n
    assert overall.loc["random_walk", ["skill", "skill_low", "skill_high"]].tolist() == [0, 0, 0]
    alone = leaderboard(runs, (1, 5, 20))
    assert alone["horizons"].tolist() == ["1"] * 3 + ["5"] * 3 + ["20"] * 3
    assert alone.notna().all().all() and (alone["baselines"] == "random_walk, constant_width").all()
    assert (calibration(runs, (1,)).groupby("forecaster")["count"].sum() == expected.n).all()
    pairs = pairwise(runs, (1, 20))
    assert len(pairs) == 12 and pairs["p"].between(0, 1).all()
    # Every fourth session: at 20 sessions ahead five successive dates overlap.
    lags = pairs.groupby("horizons")["lag"].first()
    assert lags["20"] == 2 * (5 - 1) and lags["1"] < 5
    mirrored = pairs.merge(
        pairs, left_on=["horizons", "baseline"], right_on=["horizons", "forecaster"]
    )
    mirrored = mirrored[mirrored["forecaster_x"] == mirrored["baseline_y"]]
    np.testing.assert_allclose(mirrored["statistic_x"], -mirrored["statistic_y"])
    for name, run in runs.items():
        pd.testing.assert_frame_equal(run, before[name], check_exact=True)
