"""Experiments in its states: MLflow still loading, empty, with runs, asked nonsense, and silent."""

import json
import math
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime

import pandas as pd
import pytest
from mlflow import MlflowClient
from streamlit.testing.v1 import AppTest

from app.state import queries
from app.state.mlflow_reader import RunReader
from app.state.stores import Stores
from app.views.experiments import parallel, run_charts, tables
from core.foundation.messages import Message
from core.lifecycle.publish import publish
from core.lifecycle.report_store import DriftVerdict, Measure, Report, Signal, SignalName
from core.lifecycle.train import TrainingRequest, train
from core.registry.gate import Decision
from core.registry.mlflow_client import EXPERIMENT, load
from core.registry.mlflow_runs import Experiments
from core.wiring import Workspace
from tests.app.test_main import opened, texts
from tests.support.ports import free_port

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]
SOAK = pytest.mark.soak


def shown() -> AppTest:
    """The page once MLflow's code is there."""
    load()
    while not queries.mlflow_is_loaded():
        time.sleep(0.05)
    return opened("experiments")


def recorded(sample: Stores) -> None:
    """Two runs: the champion's, and that of another forecaster."""
    now = datetime.now(UTC)
    train(sample.bars, sample.registry, TrainingRequest("bob", "another", name="ewma"), now)
    publish(sample.registry, Workspace(sample.settings).mlflow_mirror, now)


def test_before_anything_was_recorded_the_champion_s_proof_stands_alone(sample: Stores) -> None:
    test = shown()
    messages = texts(test)
    assert "Nothing was recorded in MLflow yet" in messages and "Champion: version 1" in messages
    sample.outbox.ask("publish", {}, "ann", datetime.now(UTC))
    assert "The newest version is being recorded in MLflow" in texts(shown())
    assert "It was not asked yet" in messages
    board, _, pairs, served = (one.value for one in test.dataframe)
    assert board["Forecaster"].iloc[:3].isin(["har", "random_walk", "constant_width"]).all()
    assert set(pairs["A"]) == {"version 1, har"}
    assert set(pairs["B"]) == {"the random walk", "a constant width"}
    assert served["Version"].tolist() == ["1"]


def test_runs_are_listed_and_filtered_and_nonsense_is_told(sample: Stores) -> None:
    recorded(sample)
    test = shown()
    runs = test.dataframe[0].value
    assert runs["Version"].tolist() == ["2", "1"] and runs["Forecaster"].tolist() == ["ewma", "har"]
    assert runs["Reason"].tolist() == ["another", "sample data loaded"] and runs["n"].notna().all()
    table = next(one.value for one in test.dataframe if "Answer" in one.value)
    assert table[["Challenger", "Kind"]].values.tolist() == [["2", "change"]]
    assert table["Answer"].iloc[0] in ("keep", "reject")
    test.text_input[0].input("params.forecaster = 'har'").run()
    assert test.dataframe[0].value["Version"].tolist() == ["1"]
    assert "params.forecaster" in str(test.query_params["filter"])
    test.text_input[0].input("skill is good").run()
    assert not test.exception
    assert test.error[0].value.startswith("MLflow does not understand this filter")
    test.text_input[0].input("params.forecaster = 'none'").run()
    assert "No run fits this filter" in texts(test)


def a_run(version: str, **values: object) -> dict[str, object]:
    return {
        "run_id": version,
        "name": f"har {version}",
        "version": version,
        "sha256": "ab",
    } | values


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
    found = tables.table(walk_and_har(), ["", "champion"], "UTC")
    assert found["Skill"].dtype == "float64"
    assert found["90 % band"].tolist() == ["", "−6.5 % to +2.8 %"]
    drawn = tables.shown(found).to_html()
    assert "itself" in drawn and "−1.7 %" in drawn and "-1.7" not in drawn and "14,672" in drawn


def test_a_comparison_is_in_words() -> None:
    found = tables.comparison(walk_and_har()).set_index("What differs")
    assert found.loc["Skill"].tolist() == ["itself", "−1.7 % (−6.5 % to +2.8 %)"]
    assert found.loc["n"].tolist() == ["484", "512"]
    assert found.loc["bars"].tolist() == ["14,672", "12,153"]
    assert found.loc["tickers"].tolist() == ["AAPL, FB", "AAPL"]
    assert found.index.is_unique and len(found) == 5


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
    marks = [one.text for one in figure.layout.annotations if one.bgcolor]
    assert {"12,000", "15,000", "−2"} <= set(marks) and max(ticks.x) == 1.0
    assert len(marks) == len(ticks.x)
    assert not [text for text in marks if "e" in text or "-" in text]


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


SPAN = "2012-06-01..2013-03-01"
STRANGE = (math.inf, -math.inf, math.nan, 1e300, 1e16, -1.0)


def test_strange_numbers_of_other_runs_leave_the_page_whole(sample: Stores) -> None:
    recorded(sample)
    client = MlflowClient(sample.settings.mlflow_address)
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    for place, value in enumerate(STRANGE):
        run = client.create_run(experiment.experiment_id, run_name=f"other {place}").info.run_id
        for name in ("skill_all", "skill_low", "seconds", "memory_mb", "skill_n"):
            client.log_metric(run, name, value)
        for name in ("bars", "window", "penalty", "tickers"):
            client.log_param(run, name, ["Infinity", "NaN", "many", "9" * 400, "[1", "{}"][place])
    client.create_run(experiment.experiment_id, start_time=10**17)  # with nothing, far away
    test = shown()
    assert [one.value for one in test.subheader][-2:] == ["What the gate said", "Who served when"]
    runs = test.dataframe[0].value
    assert len(runs) == 2 + len(STRANGE) + 1
    known = runs[runs["Version"] != ""]
    assert known["Skill"].notna().all() and len(known) == 2
    others = runs[runs["Version"] == ""]
    assert others["Skill"].dropna().tolist() == [-100.0] and others["n"].dropna().tolist() == [-1]


def test_strange_runs_are_compared_and_drawn_without_what_is_no_number() -> None:
    runs = walk_and_har()
    runs["metrics.skill_all"] = [math.inf, "much"]
    runs["metrics.skill_low"] = [math.nan, 1e308]
    runs["params.bars"] = ["9" * 5000, "Infinity"]
    runs["metrics.seconds"] = [1.0, 1.0 + 1e-15]
    assert tables.table(runs, ["", ""], "UTC")[["Skill", "Bars"]].isna().all().all()
    found = tables.comparison(runs).set_index("What differs")
    assert found.loc["Skill"].tolist() == ["unknown", "unknown"]
    assert list(parallel.axes(runs)) == ["n"]
    figure = run_charts.skills(runs, ["a", "b"], dark=False)
    assert all(math.isnan(one) for one in figure.data[0].x)


@pytest.mark.parametrize(
    "value",
    [math.nan, *(pytest.param(one, marks=SOAK) for one in (math.inf, "much", None, 1e300, {}))],
)
def test_strange_numbers_on_record_leave_every_page_whole(sample: Stores, value: object) -> None:
    now, band = datetime.now(UTC), {"value": value, "low": value, "high": 0.01}
    sample.registry.decisions.add(
        now, 1, 1, Decision("change", "keep", (Message.from_stored("It is not better."),))
    )
    measures = (Measure("coverage_80", 0.8, 0.7, 0.8), Measure("loss", 1.0))
    signals = tuple(
        Signal(name, DriftVerdict.IN_BAND, 100, 500, measures=measures)
        for name in (SignalName.DATA, SignalName.PREDICTION, SignalName.DECAY)
    )
    for _ in range(2):
        sample.reports.add(Report(now, 1, True, SPAN, SPAN, signals), {})
    wrong = [{"name": "coverage_80", "value": value, "bound": value, "reference": value}]
    with closing(sqlite3.connect(sample.settings.home / "records.db")) as records, records:
        for table, column, change in (
            ("model_versions", "card", lambda card: card["skill"].update(band, coverage=value)),
            ("decisions", "told", lambda decision: decision.update(saved=band)),
            ("monitor_reports", "signals", lambda all: [one.update(measures=wrong) for one in all]),
        ):
            result = json.loads(records.execute(f"SELECT {column} FROM {table}").fetchone()[0])
            change(result)
            records.execute(f"UPDATE {table} SET {column} = ?", (json.dumps(result),))
    for page in (None, "experiments", "drift", "retrain"):
        test = opened(page)
        assert not test.error, [one.value for one in test.error]
