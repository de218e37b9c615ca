"""What a result was computed from: the same provenance gives the same bytes."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
import pandas as pd

from core.evaluation.metrics.skill import SEED
from core.evaluation.walk_forward.splits import Fold
from core.features.spec import HAR
from core.models.base import Forecaster
from core.reference.schema import BAR_COLUMNS, typed_bars

ATTRIBUTE = "provenance"
# Raised with every change of what a fitted forecaster says, or of how it is corrected: folds and
# forecasts that were kept by an earlier program are then made anew.
METHOD = 2
_UNHASHED = ("source", "ingested_at")
_HASHED_ROWS = 500_000  # at a time: a few hundred MB of copies, however many rows there are


def data_hash(bars: pd.DataFrame) -> str:
    """sha256 of a `bars` frame's values.

    Row order, and where and when the rows came from, do not count; `adj_factor` does if there.

    Raises
    ------
    SchemaError : a column is missing or holds another kind of value.
    """
    starts = range(0, max(len(bars), 1), _HASHED_ROWS)
    rows = np.concatenate([_hashed(bars.iloc[one : one + _HASHED_ROWS]) for one in starts])
    rows.sort()
    return hashlib.sha256(rows.data).hexdigest()


def _hashed(bars: pd.DataFrame) -> np.ndarray:
    """A number of each row's values, uint64 (rows,)."""
    values = typed_bars(bars)[[name for name in BAR_COLUMNS if name not in _UNHASHED]]
    if "adj_factor" in bars.columns:
        values = values.assign(adj_factor=bars["adj_factor"].astype("float64"))
    numbers: np.ndarray = pd.util.hash_pandas_object(values, index=False).to_numpy()
    return numbers


@dataclass(frozen=True)
class Provenance:
    """All that the scores of a walk-forward depend on, beside its origins.

    Parameters
    ----------
    data_hash : of the bars, see `data_hash`.
    spec_hash : digest of the features.
    forecaster, params : as `core.models.create` takes them, with the seed of one
        that draws numbers.
    baseline, baseline_params : of the forecaster it is scored against.
    refit_every : sessions between refits.
    recalibrated : whether the distributions were recalibrated by their own past scores.
    seed : of the bootstrap that states a skill's band.
    method : see `METHOD`.
    """

    data_hash: str
    spec_hash: str
    forecaster: str
    params: Mapping[str, float | int | str]
    baseline: str
    baseline_params: Mapping[str, float | int | str]
    refit_every: int
    recalibrated: bool = False
    seed: int = SEED
    method: int = METHOD

    @classmethod
    def of(
        cls,
        digest: str,
        model: Forecaster,
        baseline: Forecaster,
        refit_every: int,
        recalibrated: bool = False,
    ) -> "Provenance":
        """Of a forecaster and its baseline, `digest` being the `data_hash` of their bars."""
        return cls(
            data_hash=digest,
            spec_hash=HAR.digest,
            forecaster=model.name,
            params=model.params(),
            baseline=baseline.name,
            baseline_params=baseline.params(),
            refit_every=refit_every,
            recalibrated=recalibrated,
        )

    def to_dict(self) -> dict[str, object]:
        """Plain values, for JSON and for `DataFrame.attrs`."""
        return asdict(self)

    def key(self, fold: Fold, before: str = "") -> str:
        """sha256 that names the scores of one fold: another input, another name.

        `before` is the key of the fold before, where the scores of that one are an input too.
        """
        content = {
            **self.to_dict(),
            "until": fold.until.isoformat(),
            "before": before,
            "origins": [origin.isoformat() for origin in fold.origins],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
