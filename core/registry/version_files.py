"""The files of model versions: their numbers, and their walk-forward scores."""

from contextlib import suppress
from pathlib import Path

import pandas as pd

from core.foundation.files import write_atomic
from core.reference.renames import Renames
from core.registry import artifacts


class VersionFiles:
    """Two files a version in one folder; the scores are there where there are any."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with suppress(OSError):  # a folder that can only be read is read
            artifacts.sweep_staged(folder)

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
