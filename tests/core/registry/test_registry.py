"""Versions and the champion alias: nothing serves before it was promoted and read back."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy as sa

from core.foundation.errors import ArtifactError, NotFoundError, StorageError
from core.foundation.files import staging
from core.models import Forecaster, create
from core.registry.model_card import ModelCard
from core.registry.registry import ModelVersion
from tests.house.tree import ROOT
from tests.support.bars import walks
from tests.support.cards import CARD, SKILL
from tests.support.homes import AT, Home, open_home


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    return walks(2, 400)


@pytest.fixture(scope="module")
def fitted(bars: pd.DataFrame) -> Forecaster:
    return create("har").fit(bars)


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    return open_home(tmp_path, records_url)


def files(home: Home) -> list[str]:
    return sorted(path.name for path in (home.path / "models").iterdir())


def versions(home: Home) -> list[int]:
    with home.database.read() as connection:
        return list(connection.execute(sa.text("SELECT version FROM model_versions")).scalars())


def damage(home: Home, model: ModelVersion) -> None:
    path = home.path / "models" / f"{model.version}.npz"
    path.write_bytes(path.read_bytes()[:-1] + b"\x00\x01")


def test_an_empty_registry_has_no_champion(home: Home) -> None:
    assert home.registry.champion() is None
    for use in (home.registry.get, lambda version: home.registry.promote(version, "a", "b", AT)):
        with pytest.raises(NotFoundError, match="^There is no model version 1.$"):
            use(1)


KILLED = """
import os, signal, sys
from pathlib import Path
import pandas as pd
from core.models import create
from tests.support.bars import walks
from tests.support.homes import AT, open_home
from tests.support.cards import CARD

class Fatal(pd.DataFrame):
    def to_parquet(self, *names, **options):
        os.kill(os.getpid(), signal.SIGKILL)

home = open_home(Path(sys.argv[1]))
home.registry.register(create("har").fit(walks(1, 400)), CARD, AT, Fatal({"a": [1.0]}))
"""


def test_a_training_that_fails_leaves_no_file(home: Home, fitted: Forecaster) -> None:
    class Unwritable(pd.DataFrame):
        def to_parquet(self, *names: object, **options: object) -> None:  # type: ignore[override]
            raise OSError(28, "No space left on device")

    with pytest.raises((StorageError, OSError)) as raised:
        home.registry.register(fitted, CARD, AT, Unwritable({"a": [1.0]}))
    assert files(home) == [] and versions(home) == [], "whatever is said of it"
    assert isinstance(raised.value, StorageError)
    assert "No space left on the disk" in raised.value.message
    registered = home.registry.register(fitted, CARD, AT)  # PostgreSQL gives no number out twice
    assert versions(home) == [registered.version]


def test_what_a_killed_training_left_is_removed_and_a_live_one_s_is_kept(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], cwd=ROOT)
    assert done.returncode == -signal.SIGKILL and files(home) != []
    before = tmp_path / "models" / f"{'0' * 32}.npz"  # as earlier versions left them
    before.write_bytes(b"")
    os.utime(before, (0, 0))
    with staging(tmp_path / "models", "model") as mine:
        mine.write_bytes(b"")
        again = home.again()
        assert again.registry.versions() == []  # to open it takes away what was left
        assert files(again) == [mine.name] and versions(again) == []
    assert files(home) == []


def test_registering_does_not_serve_before_promotion(home: Home, fitted: Forecaster) -> None:
    model = home.registry.register(fitted, CARD, AT)
    assert home.registry.champion() is None
    home.registry.promote(model.version, "ann", "first", AT)
    assert home.registry.champion() == model


def test_versions_count_up(home: Home, fitted: Forecaster) -> None:
    made = [home.registry.register(fitted, CARD, AT + timedelta(seconds=k)) for k in range(3)]
    assert [model.version for model in made] == [1, 2, 3]
    assert files(home) == ["1.npz", "2.npz", "3.npz"]


def test_a_version_comes_back_as_it_was_registered(home: Home, fitted: Forecaster) -> None:
    made = home.registry.register(fitted, CARD, AT)
    found = home.again().registry.get(made.version)
    assert found == made and found.card == CARD
    assert (found.name, found.created_at, found.card.skill) == ("har", AT, SKILL)


def test_a_card_without_skill_comes_back_so() -> None:
    unknown = ModelCard(**{**vars(CARD), "skill": None, "skill_by_ticker": {}})
    assert ModelCard.from_dict(unknown.to_dict()) == unknown


def test_the_champion_survives_reopening_and_forecasts_the_same_bits(
    home: Home, fitted: Forecaster, bars: pd.DataFrame
) -> None:
    home.registry.promote(home.registry.register(fitted, CARD, AT).version, "ann", "first", AT)
    home.database.close()
    again = home.again().registry
    champion = again.champion()
    assert champion is not None
    found = again.forecaster(champion).predict(bars)
    pd.testing.assert_frame_equal(found, fitted.predict(bars), check_exact=True)


def test_promotion_of_a_damaged_version_leaves_the_champion(home: Home, fitted: Forecaster) -> None:
    first, second = (home.registry.register(fitted, CARD, AT) for _ in range(2))
    home.registry.promote(first.version, "ann", "first", AT)
    damage(home, second)
    with pytest.raises(ArtifactError, match="2.npz was altered"):
        home.registry.promote(second.version, "ann", "newer", AT)
    assert home.registry.champion() == first
    assert home.again().registry.forecaster(first).name == "har"


def test_promotion_reads_the_file_though_the_version_is_in_memory(
    home: Home, fitted: Forecaster
) -> None:
    model = home.registry.register(fitted, CARD, AT)
    home.registry.forecaster(model)
    damage(home, model)
    with pytest.raises(ArtifactError, match="1.npz was altered"):
        home.registry.promote(model.version, "ann", "first", AT)
    assert home.registry.champion() is None


def test_moving_back_is_a_promotion_of_the_older(home: Home, fitted: Forecaster) -> None:
    first, second = (home.registry.register(fitted, CARD, AT) for _ in range(2))
    for model in (first, second, first):
        home.registry.promote(model.version, "ann", "try", AT)
    assert home.registry.champion() == first


def test_one_in_memory_is_the_same_while_its_file_is_whole(home: Home, fitted: Forecaster) -> None:
    model = home.registry.register(fitted, CARD, AT)
    served = home.registry.forecaster(model)
    path = home.registry.artifact(model.version)
    path.write_bytes(path.read_bytes())  # touched, and the same
    assert home.registry.forecaster(model) is served
    damage(home, model)
    for registry in (home.registry, home.again().registry):
        with pytest.raises(ArtifactError, match="1.npz was altered"):
            registry.forecaster(model)


def test_a_registration_that_fails_leaves_no_version(home: Home, fitted: Forecaster) -> None:
    blocked = home.path / "models" / "1.npz"
    blocked.mkdir(parents=True)
    with pytest.raises(OSError):
        home.registry.register(fitted, CARD, AT)
    with pytest.raises(NotFoundError):
        home.registry.get(1)
    assert versions(home) == []
    blocked.rmdir()
    # PostgreSQL does not give a number out again that was given up; SQLite does.
    made = home.registry.register(fitted, CARD, AT)
    assert versions(home) == [made.version] and home.registry.get(made.version) == made
