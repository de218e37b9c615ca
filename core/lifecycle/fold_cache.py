"""Finished folds of a walk-forward, stored until all of it is done."""

import io
from pathlib import Path

import pandas as pd

from core.foundation.files import sweep, write_atomic

_ENDING = ".parquet"


class FileFoldCache:
    """One Parquet file a fold in a folder, named by its key; see
    `core.evaluation.walk_forward.run.FoldCache`.

    A key stands for its content, so two writers write the same.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        sweep(folder)

    def read(self, key: str) -> pd.DataFrame | None:
        """The scores kept under a key, to the last bit; None if there are none that can be read."""
        try:
            return pd.read_parquet(io.BytesIO(self._path(key).read_bytes()))
        except (OSError, ValueError):  # pyarrow's own errors are one of these
            return None

    def keep(self, key: str, scores: pd.DataFrame) -> None:
        """Keep the scores of a finished fold, whole or not at all.

        Raises
        ------
        StorageError : the disk refused.
        """
        write_atomic(self._path(key), lambda path: scores.to_parquet(path, index=False))

    def clear(self) -> None:
        """Delete every fold."""
        for path in self._folder.glob(f"*{_ENDING}"):
            path.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / f"{key}{_ENDING}"
