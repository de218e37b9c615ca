"""Runs read back from a real MLflow: paged, filtered, compared; and a silent one."""

import socket
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from mlflow import MlflowClient

from core.evaluation.reports.stored_tables import calibration_of, leaderboard_of
from core.evaluation.walk_forward.walk_recipe import walk_recipe
from core.foundation.errors import InvalidInputError, OfflineError
from core.foundation.progress import silent
from core.models import create
from core.registry.mlflow_client import EXPERIMENT
from core.registry.mlflow_runs import Experiments, differences
from tests.support.bars import walks
from tests.support.ports import free_port

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]
RUNS = 12


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Runs 1 to 12, each with a penalty and a skill that follow from its number."""
    folder = tmp_path_factory.mktemp("mlflow")
    found = f"sqlite:///{folder / 'mlflow.db'}"
    client = MlflowClient(found)
    experiment = client.create_experiment(EXPERIMENT, (folder / "artifacts").as_uri())
    for number in range(1, RUNS + 1):
        run = client.create_run(
            experiment,
            start_time=1_700_000_000_000 + 1000 * number,
            run_name=f"har {number}",
            tags={"tickerlens.version": str(number)},
        )
        name = "har" if number % 2 else "ewma"
        client.log_param(run.info.run_id, "forecaster", name)
        client.log_param(run.info.run_id, "penalty", str(number))
        if number == 2:
            client.log_param(run.info.run_id, "window", "2020-01-02..2023-10-31")
        if number == 4:
            client.log_param(run.info.run_id, "window", "2500")
            client.log_param(run.info.run_id, "training_window", "2020-01-02..2023-10-31")
        client.log_metric(run.info.run_id, "skill_all", number / 100)
        client.log_metric(run.info.run_id, "pinball", number / 100, step=20)
        if number > 1:
            client.log_metric(run.info.run_id, "seconds", 2.0)
        client.set_terminated(run.info.run_id)
    return found


def test_pages_hold_every_run_once_newest_first(address: str) -> None:
    experiments, token, seen = Experiments(address), "", []
    for _ in range(3):
        page = experiments.search("", token, most=5)
        seen += page.runs["version"].astype(int).tolist()
        token = page.following
    assert token == "" and seen == list(range(RUNS, 0, -1))


def test_a_run_is_told_with_its_parameters_and_metrics(address: str) -> None:
    page = Experiments(address).search("params.penalty = '1'")
    row = page.runs.iloc[0]
    assert (row["name"], row["status"], row["params.forecaster"]) == ("har 1", "FINISHED", "har")
    assert row["metrics.skill_all"] == 0.01 and "metrics.seconds" not in page.runs
    assert row["started"] == pd.Timestamp("2023-11-14 22:13:21", tz="UTC")


def test_the_training_window_of_older_runs_stands_with_that_of_others(address: str) -> None:
    runs = Experiments(address).search("params.penalty != '0'").runs.set_index("version")
    assert set(runs.loc[["2", "4"], "params.training_window"]) == {"2020-01-02..2023-10-31"}
    assert runs.loc["4", "params.window"] == "2500" and np.isnan(runs.loc["2", "params.window"])


def test_a_condition_chooses(address: str) -> None:
    condition = "metrics.skill_all > 0.055 and params.forecaster = 'har'"
    found = Experiments(address).search(condition).runs
    assert found["version"].tolist() == ["11", "9", "7"]
    assert Experiments(address).search("params.forecaster = 'none'").runs.empty


@pytest.mark.parametrize(
    "condition",
    [
        *("skill >", "metrics.skill_all > 'x'", "¿", "a = b or c = d", 9000 * "("),
        "attributes.created != 99999999999999999999999999",  # which only the database refuses
    ],
)
def test_a_condition_without_sense_is_told_in_one_line(address: str, condition: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        Experiments(address).search(condition)
    assert caught.value.message and "\n" not in caught.value.message
    assert len(caught.value.message) < 300
    assert "INVALID_PARAMETER_VALUE" not in caught.value.message


def test_only_what_differs_tells_runs_apart(address: str) -> None:
    runs = Experiments(address).search("params.forecaster = 'har'").runs
    found = differences(runs)
    assert found.index.tolist() == ["params.penalty", "metrics.seconds", "metrics.skill_all"]
    assert list(found.columns) == runs["name"].tolist()
    assert found.loc["params.penalty", "har 11"] == "11"
    assert np.isnan(float(found.loc["metrics.seconds", "har 1"]))
    assert differences(runs.iloc[[0, 0]]).empty


def test_a_database_that_was_moved_away_is_said_and_a_new_one_is_read(tmp_path: Path) -> None:
    made = tmp_path / "mlflow.db"
    experiments = Experiments(f"sqlite:///{made}", lambda: {1})
    with pytest.raises(OfflineError, match="^MLflow's database is gone; put it back, or"):
        experiments.search()
    for runs in (1, 2):
        client = MlflowClient(f"sqlite:///{tmp_path / f'of-{runs}.db'}")
        experiment = client.create_experiment(EXPERIMENT, (tmp_path / "artifacts").as_uri())
        for _ in range(runs):
            client.create_run(experiment)
        (tmp_path / f"of-{runs}.db").rename(made)
        assert len(experiments.search().runs) == runs


def test_without_an_experiment_there_are_no_runs(tmp_path: Path) -> None:
    found = Experiments(f"sqlite:///{tmp_path / 'empty.db'}").search()
    assert found.runs.empty and found.following == ""


def test_a_silent_mlflow_is_told_within_seconds() -> None:
    for port in (free_port(), None):
        started = time.monotonic()
        with socket.create_server(("127.0.0.1", 0)) as listening:
            closed = f"http://127.0.0.1:{port or listening.getsockname()[1]}"
            with pytest.raises(OfflineError, match="^MLflow does not answer or refuses.$"):
                Experiments(closed).search()
        assert time.monotonic() - started < 30  # where the default is minutes


def test_kept_scores_give_a_leaderboard_and_a_calibration() -> None:
    scores = walk_recipe(lambda: create("har"), walks(3, 900), silent)
    assert scores is not None
    board = leaderboard_of("har", scores)
    assert board["horizons"].unique().tolist() == ["1..20", "1", "5", "20"]
    assert set(board["forecaster"]) == {"har", "random_walk", "constant_width"}
    whole = board[board["horizons"] == "1..20"].set_index("forecaster")
    assert whole.loc["har", "pinball"] == pytest.approx(scores["pinball"].mean(), rel=1e-12)
    expected = 1.0 - scores["pinball"].sum() / scores["constant_pinball"].sum()
    assert whole.loc["har", "constant"] == pytest.approx(expected, rel=1e-9)
    assert whole["skill"]["random_walk"] == 0.0 and np.isnan(whole["coverage_80"]["random_walk"])
    even = calibration_of("har", scores)
    assert even.groupby("horizons")["share"].sum().tolist() == pytest.approx([1.0, 1.0, 1.0])
