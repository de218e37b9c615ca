"""Experiments in its states: MLflow still loading, empty, with runs, asked nonsense, and silent."""

import time
from datetime import UTC, datetime

import pytest
from streamlit.testing.v1 import AppTest

from app import queries
from app.run_reader import RunReader
from app.stores import Stores
from core import wiring
from core.registry.experiments import Experiments
from core.registry.mlflow_client import load
from core.services.publish import publish
from core.services.train import Order, train
from tests.app.test_pages import opened, texts
from tests.ports import free_port

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]


def shown() -> AppTest:
    """The page once MLflow's code is there."""
    load()
    while not queries.mlflow_is_loaded():
        time.sleep(0.05)
    return opened("experiments")


def recorded(sample: Stores) -> None:
    """Two runs: the champion's, and that of another forecaster."""
    now = datetime.now(UTC)
    train(sample.bars, sample.registry, Order("bob", "another", name="ewma"), now)
    publish(sample.registry, wiring.open_mlflow(sample.settings), now)


def test_before_anything_was_recorded_the_champion_s_proof_stands_alone(sample: Stores) -> None:
    test = shown()
    told = texts(test)
    assert "Nothing was recorded in MLflow yet" in told and "Champion: version 1" in told
    assert "It was not asked yet" in told
    board, _, served = (one.value for one in test.dataframe)
    assert board["Forecaster"].iloc[:3].isin(["har", "random_walk", "constant_width"]).all()
    assert served["Version"].tolist() == ["1"]


def test_runs_are_listed_and_filtered_and_nonsense_is_told(sample: Stores) -> None:
    recorded(sample)
    test = shown()
    runs = test.dataframe[0].value
    assert runs["Version"].tolist() == ["2", "1"] and runs["Forecaster"].tolist() == ["ewma", "har"]
    assert runs["Reason"].tolist() == ["another", "sample data loaded"] and runs["n"].notna().all()
    said = next(one.value for one in test.dataframe if "Answer" in one.value)
    assert said[["Challenger", "Kind"]].values.tolist() == [["2", "change"]]
    assert said["Answer"].iloc[0] in ("keep", "reject")
    test.text_input[0].input("params.forecaster = 'har'").run()
    assert test.dataframe[0].value["Version"].tolist() == ["1"]
    assert "params.forecaster" in str(test.query_params["filter"])
    test.text_input[0].input("skill is good").run()
    assert not test.exception
    assert test.error[0].value.startswith("MLflow does not understand this filter")
    test.text_input[0].input("params.forecaster = 'none'").run()
    assert "No run fits this filter" in texts(test)


def test_a_silent_mlflow_leaves_the_last_table_with_its_age(sample: Stores) -> None:
    recorded(sample)
    reader = RunReader(Experiments(sample.settings.mlflow_address))
    before = reader.page("", "")
    reader._experiments = Experiments(f"http://127.0.0.1:{free_port()}")
    after = reader.page(" ", "")
    assert after.page is before.page and after.at == before.at
    assert after.trouble == "MLflow does not answer or refuses."
    assert reader.page("params.x = '1'", "").page is None
    object.__setattr__(sample, "runs_on_record", reader)
    test = shown()
    assert test.warning[0].value.startswith("MLflow does not answer or refuses\\.")
    assert "This table is as of" in test.warning[0].value
    assert test.dataframe[0].value["Version"].tolist() == ["2", "1"]
