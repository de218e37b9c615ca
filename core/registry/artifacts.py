"""The files of model versions: their walk-forward scores, and fitted forecasters.

A forecaster is a file that holds numbers only: no pickle, nothing that can run.
"""

import hashlib
import io
import json
import re
import zipfile
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np
import pandas as pd

from core.foundation.errors import ArtifactError, InvalidInputError
from core.foundation.files import age_seconds, sweep, write_atomic
from core.models import Forecaster, restore
from core.reference.renames import Renames

_STAGED = re.compile(r"[0-9a-f]{32}\.npz")
_OLD_SECONDS = 86_400  # no training lasts a day
MAX_BYTES = 64 * 1024 * 1024
_HEAD = "__forecaster__"
# What numpy, zipfile, json and `restore` raise for bytes that are not a forecaster of ours.
_UNREADABLE = (
    *(ValueError, KeyError, TypeError, AttributeError, EOFError, OSError),
    *(zipfile.BadZipFile, zlib.error, InvalidInputError),
)


def save(path: Path, forecaster: Forecaster) -> str:
    """Write a fitted forecaster and return the sha256 of its bytes.

    The file is an npz archive of `to_arrays()` plus one array of JSON with name and parameters;
    the same forecaster gives the same bytes.
    """
    head = json.dumps({"name": forecaster.name, "params": forecaster.params()}, sort_keys=True)
    arrays = {_HEAD: np.frombuffer(head.encode(), dtype=np.uint8), **forecaster.to_arrays()}
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    content = buffer.getvalue()
    write_atomic(path, lambda temporary: temporary.write_bytes(content))
    return hashlib.sha256(content).hexdigest()


def load(path: Path, sha256: str) -> Forecaster:
    """Bring a forecaster back, if the file still has the bytes recorded when it was saved.

    Raises
    ------
    ArtifactError : the file is missing, larger than `MAX_BYTES`, altered, or not a forecaster.
    """
    try:
        with np.load(io.BytesIO(content(path, sha256)), allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
        head = json.loads(arrays.pop(_HEAD).tobytes())
        return restore(head["name"], head["params"], arrays)
    except _UNREADABLE:
        raise ArtifactError(
            "model.other-format",
            "The stored model {file} is of another version; train again.",
            {"file": path.name},
        ) from None


def content(path: Path, sha256: str) -> bytes:
    """The bytes recorded under a sha256.

    Raises
    ------
    ArtifactError : the file is missing, larger than `MAX_BYTES`, or altered.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise ArtifactError(
                "model.too-large", "{file} is larger than a model may be.", {"file": path.name}
            )
        found = path.read_bytes()
    except OSError:
        raise ArtifactError(
            "model.missing", "The stored model {file} is missing; train again.", {"file": path.name}
        ) from None
    if hashlib.sha256(found).hexdigest() != sha256:
        raise ArtifactError(
            "model.altered",
            "The stored model {file} was altered and will not serve; train again.",
            {"file": path.name},
        )
    return found


def sweep_staged(folder: Path) -> None:
    """Remove what trainings that failed or were killed have left in a folder of models."""
    sweep(folder)
    for path in folder.glob("*.npz"):
        # Earlier versions named a file so until it had its place.
        if _STAGED.fullmatch(path.name) and age_seconds(path) > _OLD_SECONDS:
            path.unlink(missing_ok=True)


class VersionFiles:
    """Two files a version in one folder; the scores are there where there are any."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with suppress(OSError):  # a folder that can only be read is read
            sweep_staged(folder)

    def numbers(self, version: int) -> Path:
        """Where the numbers of a version are."""
        return self.folder / f"{version}.npz"

    def put(self, version: int, staged: Path, scores: pd.DataFrame | None) -> None:
        """Give a version the numbers of a staged file, and its scores."""
        path = self._scores(version)
        path.unlink(missing_ok=True)
        if scores is not None:
            write_atomic(path, lambda to: scores.to_parquet(to, index=False))
        staged.replace(self.numbers(version))

    def scores(self, version: int, renames: Renames) -> pd.DataFrame | None:
        """The scores of a version by the symbols that its tickers have now; None without any.

        Where several tickers became one, those of the newest symbol count.
        """
        path = self._scores(version)
        if not path.is_file():
            return None
        found = pd.read_parquet(path)
        symbols = {one: one for one in found["ticker"].unique()}
        counted = renames.by_present_symbol(symbols)
        if counted == symbols:
            return found
        now_of = {symbol: now for now, symbol in counted.items()}
        found = found[found["ticker"].isin(list(now_of))].reset_index(drop=True)
        return found.assign(ticker=found["ticker"].map(now_of).astype(found["ticker"].dtype))

    def _scores(self, version: int) -> Path:
        return self.folder / f"{version}.scores.parquet"
