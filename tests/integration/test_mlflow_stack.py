"""A model of the laptop, on the stores of the full stack: PostgreSQL, and artifacts on S3."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest
from mlflow import MlflowClient

from core.lifecycle.train import TrainingRequest, train
from core.registry import artifacts
from core.registry.mlflow_mirror import MlflowRegistry
from tests.support.bars import walks
from tests.support.databases import postgres_database
from tests.support.homes import AT, open_home
from tests.support.mlflow_server import Server
from tests.support.ports import free_port
from tests.support.s3_server import BUCKET, s3_server

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


def test_a_model_of_the_laptop_loads_bit_for_bit_from_postgresql_and_s3(tmp_path: Path) -> None:
    laptop = open_home(tmp_path / "laptop")
    laptop.bars.upsert(walks(3, 700))
    own = train(laptop.bars, laptop.registry, TrainingRequest("ann", "on the laptop"), AT)
    address = f"sqlite:///{tmp_path / 'mlflow.db'}"
    local = MlflowRegistry(laptop.database, address, tmp_path / "logged")
    assert local.publish(laptop.registry, AT) == [1]
    logged = MlflowClient(address).download_artifacts(
        local.run_ids()[1], "model/1.npz", str(tmp_path)
    )
    found = artifacts.load(Path(logged), own.sha256)

    with postgres_database() as records, postgres_database() as store, s3_server(tmp_path) as s3:
        stack = open_home(tmp_path / "stack", records)
        moved = stack.registry.register(found, own.card, AT, laptop.registry.scores(1))
        assert moved.sha256 == own.sha256
        stack.registry.promote(moved.version, "ann", "moved", AT, instead_of=None)
        keys = {
            "AWS_ACCESS_KEY_ID": s3.key,
            "AWS_SECRET_ACCESS_KEY": s3.secret,
            "MLFLOW_S3_ENDPOINT_URL": s3.address,
            "AWS_DEFAULT_REGION": "us-east-1",
        }
        server = Server(tmp_path, free_port(), store, f"s3://{BUCKET}/mlflow", keys)
        server.start()
        try:
            mirror = MlflowRegistry(stack.database, server.url, tmp_path / "unused")
            assert mirror.publish(stack.registry, AT) == [moved.version]
            (tmp_path / "copy").mkdir()
            copy = MlflowClient(server.url).download_artifacts(
                mirror.run_ids()[moved.version],
                f"model/{moved.version}.npz",
                str(tmp_path / "copy"),
            )
        finally:
            server.kill()
        content = Path(copy).read_bytes()
        assert content == laptop.registry.artifact(1).read_bytes()
        assert hashlib.sha256(content).hexdigest() == own.sha256
        assert not (tmp_path / "unused").exists()
        bars = laptop.bars.load(adjusted=False)
        pd.testing.assert_frame_equal(
            artifacts.load(Path(copy), own.sha256).predict(bars),
            laptop.registry.read(own).predict(bars),
            check_exact=True,
        )
        stack.database.close()
