"""Experiments in its states: MLflow still loading, empty, with runs, asked nonsense, and silent."""

import time
from datetime import UTC, datetime

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from app import queries
from app.components import experiments, parallel
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


def a_run(version: str, **told: object) -> dict[str, object]:
    return {"run_id": version, "name": f"har {version}", "version": version, "sha256": "ab"} | told


def walk_and_har() -> pd.DataFrame:
    """A random walk, which is its own rival, and a forecaster that does worse."""
    names = ["skill_all", "skill_low", "skill_high", "skill_n", "constant_all"]
    rows = [
        a_run("1", **{"params.bars": "14672", "params.tickers": '["AAPL","FB"]'}),
        a_run("2", **{"params.bars": "12153", "params.tickers": '["AAPL"]'}),
    ]
    values = [[0.0, 0.0, 0.0, 484.0, -0.03], [-0.017, -0.065, 0.028, 512.0, -0.04]]
    for row, numbers in zip(rows, values):
        row |= {f"metrics.{name}": value for name, value in zip(names, numbers)}
    return pd.DataFrame(rows).assign(started=pd.Timestamp("2024-01-02", tz="UTC"))


def test_a_minus_is_a_true_one_and_the_walk_is_itself_while_skill_stays_a_number() -> None:
    found = experiments.table(walk_and_har(), ["", "champion"], "UTC")
    assert found["Skill"].dtype == "float64"
    assert found["90 % band"].tolist() == ["", "−6.5 % to +2.8 %"]
    drawn = experiments.shown(found).to_html()
    assert "itself" in drawn and "−1.7 %" in drawn and "-1.7" not in drawn and "14,672" in drawn


def test_a_comparison_is_in_words() -> None:
    told = experiments.compared(walk_and_har()).set_index("What differs")
    assert told.loc["Skill"].tolist() == ["itself", "−1.7 % (−6.5 % to +2.8 %)"]
    assert told.loc["n"].tolist() == ["484", "512"]
    assert told.loc["bars"].tolist() == ["14,672", "12,153"]
    assert told.loc["tickers"].tolist() == ["AAPL, FB", "AAPL"]
    assert told.index.is_unique and len(told) == 5


def test_parallel_axes_have_round_ticks_and_keep_runs_that_lack_a_number() -> None:
    runs = walk_and_har()
    third = a_run("3", **{"metrics.skill_all": 0.01, "params.bars": "13000"})
    runs = pd.concat([runs, pd.DataFrame([third])], ignore_index=True)
    values = parallel.axes(runs)
    assert list(values) == ["Bars", "n", "Skill, %"] and len(values) == 3
    figure = parallel.parallel(values, ["a", "b", "c"], [False, True, False], dark=True)
    *lines, ticks = figure.data
    assert [line.name for line in lines] == ["a", "c", "b"]  # the chosen one on top
    assert lines[-1].line.width > lines[0].line.width and lines[-1].text[0] == "Bars 12,153"
    assert {"12,000", "15,000", "−2"} <= set(ticks.text) and max(ticks.x) == 1.0
    assert not [text for text in ticks.text if "e" in text or "-" in text]


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
