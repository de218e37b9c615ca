"""A home that was copied or moved, with the real MLflow on SQLite: nothing goes to the original."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from mlflow import MlflowClient

from core.lifecycle.publish import publish
from core.models import create
from core.registry.mlflow_mirror import MlflowRegistry
from core.registry.moved_artifacts import relocate
from tests.support.bars import walks
from tests.support.cards import CARD
from tests.support.homes import AT, Home, open_home

pytestmark = [
    # MLflow's own, on its way in: nothing of ours is deprecated.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:mlflow"),
    pytest.mark.filterwarnings("ignore::FutureWarning:mlflow"),
]


def address(home: Path) -> str:
    return f"sqlite:///{home / 'mlflow.db'}"


def mirror(home: Home) -> MlflowRegistry:
    return MlflowRegistry(home.database, address(home.path), home.path / "mlflow-artifacts")


def train(home: Home) -> dict[str, Any]:
    home.registry.register(create("har").fit(walks(2, 700)), CARD, AT)
    return publish(home.registry, mirror(home), AT).to_dict()


def files(folder: Path) -> dict[Path, int]:
    return {one: one.stat().st_mtime_ns for one in folder.rglob("*") if one.is_file()}


def places(home: Path) -> set[str]:
    client = MlflowClient(tracking_uri=address(home), registry_uri=address(home))
    return {str(one.source) for one in client.search_model_versions()}


@pytest.mark.parametrize("name", ["copy", "a copy % of häuser 家"])
def test_a_copied_home_records_in_its_own_folder_and_says_so(tmp_path: Path, name: str) -> None:
    original = open_home(tmp_path / "original")
    assert train(original) == {"added": [1], "error": ""}
    original.database.close()
    copied = tmp_path / name
    shutil.copytree(original.path, copied)
    before = files(original.path)
    copy = open_home(copied)
    trained = train(copy)
    assert trained["added"] == [2] and trained["moved"].startswith("MLflow named artifacts under ")
    assert files(original.path) == before, "nothing was written into the original"
    assert len(list((copied / "mlflow-artifacts").rglob("*.npz"))) == 2
    folder = (copied / "mlflow-artifacts").as_uri()
    assert len(places(copied)) == 2 and all(one.startswith(folder) for one in places(copied))
    (once,) = [one for one in copy.audit.latest() if one.action == "move MLflow's artifacts"]
    assert f"named artifacts under {original.path.as_uri()}/mlflow-artifacts" in once.reason
    assert train(copy) == {"added": [3], "error": ""} and len(copy.audit.latest()) == 1


def test_artifacts_of_a_moved_home_are_read(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    train(home)
    home.database.close()
    home.path.rename(tmp_path / "moved")
    assert relocate(address(tmp_path / "moved"), tmp_path / "moved" / "mlflow-artifacts")
    uri = address(tmp_path / "moved")
    (version,) = MlflowClient(uri, uri).search_model_versions()
    assert [one.path for one in MlflowClient(uri, uri).list_artifacts(version.run_id)]


def test_what_is_not_of_this_home_alone_is_left_as_it_is(tmp_path: Path) -> None:
    home = open_home(tmp_path / "home")
    train(home)
    elsewhere = tmp_path / "other" / "mlflow-artifacts"
    assert relocate(address(home.path), elsewhere) is None, "a database that others share"
    assert relocate(address(home.path), home.path / "mlflow-artifacts") is None, "as it should be"
    assert relocate("http://127.0.0.1:5000", elsewhere) is None
    assert relocate(address(tmp_path / "none"), tmp_path / "none" / "a") is None
    (tmp_path / "new").mkdir()
    sa.create_engine(address(tmp_path / "new")).connect().close()
    assert relocate(address(tmp_path / "new"), tmp_path / "new" / "a") is None
