"""Stored forecasters: the same bytes back, and nothing that was touched is trusted."""

import hashlib
import io
import json
import os
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import cloudpickle
import joblib
import numpy as np
import pandas as pd
import pytest
import skops.io
import sqlalchemy as sa

from core.foundation.errors import ArtifactError
from core.models import Forecaster, create
from core.registry import artifacts
from tests.support.bars import walks
from tests.support.cards import CARD
from tests.support.homes import AT, open_home


@pytest.fixture(scope="module")
def bars() -> pd.DataFrame:
    return walks(3, 400)


@pytest.fixture(scope="module")
def fitted(bars: pd.DataFrame) -> Forecaster:
    return create("har").fit(bars)


def keep(path: Path, content: bytes) -> str:
    """Write bytes and say their true sha256, as a thief who also reaches the records would."""
    path.write_bytes(content)
    return hashlib.sha256(content).hexdigest()


def archive(head: object, **arrays: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    text = np.frombuffer(json.dumps(head).encode(), dtype=np.uint8)
    np.savez(buffer, allow_pickle=True, **{"__forecaster__": text, **arrays})
    return buffer.getvalue()


@pytest.mark.parametrize("name", ["har", "random_walk"])
def test_a_stored_forecaster_forecasts_the_same_bits(
    name: str, bars: pd.DataFrame, tmp_path: Path
) -> None:
    fitted = create(name).fit(bars)
    sha256 = artifacts.save(tmp_path / "1.npz", fitted)
    again = artifacts.load(tmp_path / "1.npz", sha256)
    assert again.params() == fitted.params() and again.name == name
    pd.testing.assert_frame_equal(again.predict(bars), fitted.predict(bars), check_exact=True)


def test_the_sha256_is_that_of_the_file(fitted: Forecaster, tmp_path: Path) -> None:
    sha256 = artifacts.save(tmp_path / "1.npz", fitted)
    assert sha256 == hashlib.sha256((tmp_path / "1.npz").read_bytes()).hexdigest()


def test_the_same_forecaster_gives_the_same_bytes(bars: pd.DataFrame, tmp_path: Path) -> None:
    for k in (1, 2):
        artifacts.save(tmp_path / f"{k}.npz", create("har").fit(bars))
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()
    artifacts.save(tmp_path / "3.npz", create("har").fit(bars.iloc[:-20]))
    assert (tmp_path / "1.npz").read_bytes() != (tmp_path / "3.npz").read_bytes()


def test_any_altered_byte_is_noticed(fitted: Forecaster, tmp_path: Path) -> None:
    path = tmp_path / "1.npz"
    sha256 = artifacts.save(path, fitted)
    content = path.read_bytes()
    for at in (0, 100, len(content) // 2, len(content) - 1):
        path.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        with pytest.raises(ArtifactError, match="^The stored model 1.npz was altered and will not"):
            artifacts.load(path, sha256)


@pytest.mark.parametrize("length", [0, 10, -1])
def test_a_truncated_file_is_refused(length: int, fitted: Forecaster, tmp_path: Path) -> None:
    path = tmp_path / "1.npz"
    sha256 = artifacts.save(path, fitted)
    cut = path.read_bytes()[:length]
    path.write_bytes(cut)
    for digest in (sha256, hashlib.sha256(cut).hexdigest()):
        with pytest.raises(ArtifactError, match="train again.$"):
            artifacts.load(path, digest)


def test_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ArtifactError, match="^The stored model 1.npz is missing; train again.$"):
        artifacts.load(tmp_path / "1.npz", "")


def test_a_file_too_large_is_not_read(tmp_path: Path) -> None:
    with (tmp_path / "1.npz").open("wb") as file:
        file.truncate(artifacts.MAX_BYTES + 1)
    with pytest.raises(ArtifactError, match="larger than a model may be"):
        artifacts.load(tmp_path / "1.npz", "")


class Payload:
    """Unpickling one of these makes a folder."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.target),)


def test_a_payload_does_run_where_pickle_is_allowed(tmp_path: Path) -> None:
    pickle.loads(pickle.dumps(Payload(tmp_path / "ran")))
    assert (tmp_path / "ran").exists(), "or the next test proves nothing"


def zipped(files: dict[str, bytes]) -> bytes:
    """An archive with these files, whatever their names."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as inside:
        for name, content in files.items():
            inside.writestr(name, content)
    return buffer.getvalue()


def dumped(write: Callable[[io.BytesIO], object]) -> bytes:
    buffer = io.BytesIO()
    write(buffer)
    return buffer.getvalue()


HOSTILE: dict[str, Callable[[Payload], bytes]] = {
    "pickle": lambda payload: pickle.dumps(payload),
    "joblib": lambda payload: dumped(lambda buffer: joblib.dump(payload, buffer)),
    "cloudpickle": lambda payload: cloudpickle.dumps(payload),
    "models from code": lambda payload: (
        f"import os\nos.mkdir({str(payload.target)!r})\n".encode()
    ),
    "skops with a foreign type": lambda payload: skops.io.dumps(payload),
    "zip traversal": lambda payload: zipped(
        {"../../../ran/x.npy": b"x", str(payload.target): b"x"}
    ),
    "pickle within the archive": lambda payload: zipped(
        {"__forecaster__.npy": pickle.dumps(payload)}
    ),
    "objects for arrays": lambda payload: archive(
        {"name": "har", "params": {}},
        **{
            name: np.array([payload], dtype=object)
            for name in ("coefficients", "intercepts", "pooled", "tickers", "own")
        },
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_artifact_never_runs_or_serves_though_its_sha256_is_on_record(
    kind: str, fitted: Forecaster, tmp_path: Path
) -> None:
    target = tmp_path / "home" / "ran"
    home = open_home(tmp_path / "home" / "deep" / "er")
    for _ in range(2):
        home.registry.register(fitted, CARD, AT)
    home.registry.promote(1, "ann", "first", AT)
    digest = keep(home.registry.artifact(2), HOSTILE[kind](Payload(target)))
    with home.database.write() as connection:
        connection.execute(
            sa.text("UPDATE model_versions SET sha256 = :digest WHERE version = 2"),
            {"digest": digest},
        )
    with pytest.raises(ArtifactError, match="is of another version; train again"):
        home.registry.promote(2, "eve", "mine", AT)
    now = home.again().registry.serving()
    assert now is not None and now.model.version == 1 and not target.exists()


ODD_HEADS = [
    {"name": "lstm", "params": {}},
    {"name": "har", "params": {"depth": 3}},
    {"name": "har", "params": {"penalty": -1.0}},
    {"name": "har", "params": []},
    {"name": ["har"], "params": {}},
    {"params": {}},
    {},
    [],
    "har",
    None,
    1,
]


@pytest.mark.parametrize("head", ODD_HEADS, ids=str)
def test_a_head_of_another_version_is_refused(
    head: object, fitted: Forecaster, tmp_path: Path
) -> None:
    path = tmp_path / "1.npz"
    with pytest.raises(ArtifactError, match="is of another version; train again"):
        artifacts.load(path, keep(path, archive(head, **fitted.to_arrays())))


# Arrays that older versions did not have, and what stands for them.
UNKNOWN = {("stride", "drop"), ("stride", "nan"), ("seasonal", "drop"), ("premium", "drop")}


@pytest.mark.parametrize("change", ["drop", "shape", "text", "nan"])
def test_arrays_of_another_version_are_refused(
    change: str, fitted: Forecaster, tmp_path: Path
) -> None:
    head, path = {"name": "har", "params": fitted.params()}, tmp_path / "1.npz"
    for name, array in fitted.to_arrays().items():
        if name == "tickers" and change in ("text", "nan"):
            continue
        if (name, change) in UNKNOWN:
            continue
        other = {
            "drop": {},
            "shape": {name: array[:-1]},
            "text": {name: np.full(array.shape, "x")},
            "nan": {name: np.full(array.shape, np.nan)},
        }[change]
        arrays = {key: value for key, value in fitted.to_arrays().items() if key != name} | other
        with pytest.raises(ArtifactError, match="is of another version; train again"):
            artifacts.load(path, keep(path, archive(head, **arrays)))


@pytest.mark.parametrize("content", [b"", b"PK", b"\x93NUMPY", b"{}"], ids=repr)
def test_what_is_no_archive_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "1.npz"
    with pytest.raises(ArtifactError, match="is of another version; train again"):
        artifacts.load(path, keep(path, content))


def test_a_plain_npy_file_is_refused(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.arange(3))
    path = tmp_path / "1.npz"
    with pytest.raises(ArtifactError, match="is of another version; train again"):
        artifacts.load(path, keep(path, buffer.getvalue()))
