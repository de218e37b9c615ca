"""The mirror in MLflow, with the real MLflow on SQLite."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from mlflow import MlflowClient

from core.foundation.audit import Action
from core.foundation.errors import OfflineError
from core.lifecycle.publish import publish
from core.market_data.records.rename_log import Rename
from core.models import NAMES, Forecaster, create
from core.registry.mlflow_client import EXPERIMENT
from core.registry.mlflow_mirror import NAME, MlflowRegistry
from core.registry.registry import ModelVersion
from tests.support.backtests import backtest
from tests.support.bars import walks
from tests.support.cards import CARD
from tests.support.homes import AT, Home, open_home

pytestmark = [
    # MLflow's own, on its way in: nothing of ours is deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return create("har").fit(walks(2, 700))


@pytest.fixture(scope="module")
def mlflow_url(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return open_home(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def mirror(home: Home, mlflow_url: str) -> MlflowRegistry:
    return MlflowRegistry(home.database, mlflow_url, home.path / "artifacts")


@pytest.fixture(scope="module")
def versions(home: Home, mirror: MlflowRegistry, fitted: Forecaster) -> list[ModelVersion]:
    """Two versions, the first the champion and the second its challenger, both published."""
    scores = backtest("har", walks(2, 700))
    card = replace(CARD, params=fitted.params())
    models = [home.registry.register(fitted, card, AT, scores) for _ in range(2)]
    home.registry.promote(1, "ann", "first", AT)
    home.registry.challenge(2, "bob", "again", AT)
    assert mirror.publish(home.registry, AT) == [1, 2]
    return models


@pytest.fixture
def client(mlflow_url: str, versions: list[ModelVersion]) -> MlflowClient:
    return MlflowClient(tracking_uri=mlflow_url, registry_uri=mlflow_url)


def test_versions_carry_our_numbers_and_hashes(
    client: MlflowClient, versions: list[ModelVersion]
) -> None:
    for model in versions:
        found = client.get_model_version(NAME, str(model.version))
        assert found.tags["tickerlens.version"] == str(model.version)
        assert found.tags["tickerlens.sha256"] == model.sha256


def test_aliases_are_as_here_and_move_along(
    client: MlflowClient, home: Home, mirror: MlflowRegistry
) -> None:
    assert client.get_model_version_by_alias(NAME, "champion").version == 1
    assert client.get_model_version_by_alias(NAME, "challenger").version == 2
    home.registry.promote(2, "ann", "better", AT)
    assert mirror.publish(home.registry, AT) == []
    assert client.get_model_version_by_alias(NAME, "champion").version == 2
    assert set(client.get_registered_model(NAME).aliases) == {"champion"}
    home.registry.promote(1, "ann", "back", AT)
    mirror.publish(home.registry, AT)


def test_a_run_says_what_was_trained_and_how_good_it_was(
    client: MlflowClient, mirror: MlflowRegistry, versions: list[ModelVersion]
) -> None:
    run_id = mirror.run_ids()[1]
    run = client.get_run(run_id)
    assert run.info.status == "FINISHED"
    assert run.data.params["data_hash"] == CARD.data_hash
    assert run.data.params["spec_hash"] == CARD.spec_hash
    assert run.data.params["training_window"] == CARD.window
    assert run.data.params["forecaster"] == "har"
    assert run.data.metrics["skill_n"] == 180
    for name in ("pinball", "baseline_pinball", "coverage_80", "n"):
        history = client.get_metric_history(run_id, name)
        assert [one.step for one in history] == list(range(1, 21))
        assert all(one.value > 0 for one in history)
    assert client.get_metric_history(run_id, "constant_pinball") == []  # was not measured


def test_no_parameter_of_a_forecaster_hides_or_is_hidden(
    client: MlflowClient, mirror: MlflowRegistry, fitted: Forecaster
) -> None:
    found = client.get_run(mirror.run_ids()[1]).data.params
    own = fitted.params()
    assert {key: found[key] for key in own} == {key: str(value) for key, value in own.items()}
    ours = set(found) - set(own)
    for name in NAMES:
        assert not ours & set(create(name).params())


def test_the_artifact_is_the_file_that_serves(
    client: MlflowClient, home: Home, mirror: MlflowRegistry, tmp_path: Path
) -> None:
    copy = client.download_artifacts(mirror.run_ids()[2], "model/2.npz", str(tmp_path))
    assert Path(copy).read_bytes() == home.registry.artifact(2).read_bytes()


def test_a_publication_cut_short_is_finished_without_a_second_run(
    client: MlflowClient, home: Home, mlflow_url: str, fitted: Forecaster
) -> None:
    other = open_home(home.path / "forgetful")
    other.registry.register(fitted, CARD, AT)
    mirror = MlflowRegistry(other.database, mlflow_url, other.path / "artifacts")
    assert mirror.publish(other.registry, AT) == [1]
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    assert len(client.search_runs([experiment.experiment_id])) == 2
    assert len(client.search_model_versions(f"name = '{NAME}'")) == 2


def test_a_silent_mlflow_is_one_sentence_and_nothing_is_lost(
    home: Home, fitted: Forecaster, tmp_path: Path, mlflow_url: str
) -> None:
    mine = open_home(tmp_path)
    model = mine.registry.register(fitted, CARD, AT)
    gone = MlflowRegistry(mine.database, "http://127.0.0.1:9", tmp_path)
    with pytest.raises(OfflineError, match="^MLflow does not answer or refused; the model is kept"):
        gone.publish(mine.registry, AT)
    assert str(publish(mine.registry, gone, AT).error).startswith("MLflow does not answer")
    assert mine.registry.versions() == [model] and gone.run_ids() == {}
    url = f"sqlite:///{tmp_path / 'later.db'}"
    assert publish(mine.registry, MlflowRegistry(mine.database, url, tmp_path), AT).versions == (1,)


def test_one_that_lost_all_gets_all_again(fitted: Forecaster, tmp_path: Path) -> None:
    mine, url = open_home(tmp_path / "mine"), f"sqlite:///{tmp_path / 'mlflow.db'}"
    mirror = MlflowRegistry(mine.database, url, tmp_path / "artifacts")
    for _ in range(2):
        mine.registry.register(fitted, CARD, AT)
    mine.registry.promote(1, "ann", "first", AT)
    assert mirror.publish(mine.registry, AT) == [1, 2] and mirror.publish(mine.registry, AT) == []
    mine.registry.artifact(2).unlink()  # what is broken is on record all the same
    new = f"{url}.new"
    moved = MlflowRegistry(mine.database, new, tmp_path / "artifacts")
    assert moved.publish(mine.registry, AT) == [1, 2] and moved.publish(mine.registry, AT) == []
    client = MlflowClient(tracking_uri=new, registry_uri=new)
    found = client.get_model_version_by_alias(NAME, "champion")
    assert found.run_id == moved.run_ids()[1]
    mine.registry.register(fitted, CARD, AT)
    assert moved.publish(mine.registry, AT) == [3]
    mine.registry.promote(3, "ann", "newer", AT)
    # The old one is put back: it lacks the third, and has the others as runs of its own.
    assert (
        mirror.publish(mine.registry, AT) == [1, 2, 3] and mirror.publish(mine.registry, AT) == []
    )
    client = MlflowClient(tracking_uri=url, registry_uri=url)
    found = client.get_model_version_by_alias(NAME, "champion")
    assert found.tags["tickerlens.version"] == "3"
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None and len(client.search_runs([experiment.experiment_id])) == 3


def test_a_specialist_has_a_registered_model_of_its_own(
    client: MlflowClient, fitted: Forecaster, tmp_path: Path, mlflow_url: str
) -> None:
    mine = open_home(tmp_path / "mine")
    mirror = MlflowRegistry(mine.database, mlflow_url, tmp_path / "artifacts")
    own = replace(CARD, scope="T0", tickers=("T0",), reason="its own")
    mine.registry.register(fitted, replace(CARD, reason="general"), AT)
    mine.registry.promote(1, "ann", "first", AT)
    special = mine.registry.register(create("ewma").fit(walks(1, 400)), own, AT)
    mine.registry.challenge(2, "ann", "try", AT, ticker="T0")
    mirror.publish(mine.registry, AT)
    found = client.get_model_version_by_alias("forecaster.T0", "challenger")
    assert found.tags["tickerlens.sha256"] == special.sha256
    assert found.run_id == mirror.run_ids()[2]
    mine.registry.promote(2, "ann", "better there", AT, ticker="T0")
    mirror.publish(mine.registry, AT)
    assert client.get_registered_model("forecaster.T0").aliases == {"champion": found.version}
    mine.registry.promote(None, "ann", "no longer", AT, ticker="T0")
    mirror.publish(mine.registry, AT)
    # Nobody's challenger since it served, it challenges again.
    assert client.get_registered_model("forecaster.T0").aliases == {"challenger": found.version}


def test_the_specialist_of_a_renamed_ticker_is_found_under_its_new_symbol(
    client: MlflowClient, tmp_path: Path, mlflow_url: str
) -> None:
    mine = open_home(tmp_path / "mine")
    mirror = MlflowRegistry(mine.database, mlflow_url, tmp_path / "artifacts")
    own = replace(CARD, scope="FB", tickers=("FB",))
    mine.registry.register(create("ewma").fit(walks(1, 410)), own, AT)
    mine.registry.promote(1, "ann", "better there", AT, ticker="FB")
    mirror.publish(mine.registry, AT)
    rename = Rename("FB", "META", AT, "ann", "a new symbol")
    mine.rename_log.add(rename, Action(AT, "ann", "rename", "FB to META"))
    assert mirror.publish(mine.registry, AT) == []
    found = client.get_model_version_by_alias("forecaster.META", "champion")
    assert found.run_id == mirror.run_ids()[1]
    assert client.get_registered_model("forecaster.FB").aliases == {}
    mine.rename_log.take_back(rename, Action(AT, "ann", "take back rename", "FB to META"))
    mirror.publish(mine.registry, AT)
    assert client.get_registered_model("forecaster.META").aliases == {}
    assert list(client.get_registered_model("forecaster.FB").aliases) == ["champion"]


def test_two_that_publish_together_add_each_version_once(
    client: MlflowClient, tmp_path: Path, mlflow_url: str
) -> None:
    mine = open_home(tmp_path / "mine")
    other = create("har").fit(walks(2, 400, seed=9))
    for reason in ("one", "another"):
        mine.registry.register(other, replace(CARD, reason=f"together {reason}"), AT)

    def run(_: int) -> list[int]:
        again = mine.again()
        mirror = MlflowRegistry(again.database, mlflow_url, tmp_path / "artifacts")
        done = publish(again.registry, mirror, AT)
        assert not done.error
        return list(done.versions)

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(run, range(2))) == [[], [1, 2]]
    experiment = client.get_experiment_by_name(EXPERIMENT)
    assert experiment is not None
    found = client.search_runs([experiment.experiment_id], "params.reason LIKE 'together%'")
    assert len(found) == 2
