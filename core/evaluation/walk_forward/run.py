"""Several forecasters walked forward together: one panel, one set of folds, one baseline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from core.evaluation.metrics.skill import KEY
from core.evaluation.walk_forward.provenance import ATTRIBUTE, Provenance, data_hash
from core.evaluation.walk_forward.score_quantiles import Actuals, QuantileForecasts
from core.evaluation.walk_forward.splits import Fold, last_origins, walk_forward
from core.features.panel import Panel
from core.foundation.errors import NotEnoughHistoryError
from core.models.base import Forecaster, Origins
from core.models.distribution import Distribution
from core.models.recalibration import LEARNED_FROM, recalibrate

Progress = Callable[[int, int], None]


class FoldCache(Protocol):
    """Stores finished folds, so that an interrupted walk-forward does not start anew."""

    def read(self, key: str) -> pd.DataFrame | None:
        """The scores kept under a key, to the last bit; None if there are none."""
        ...

    def keep(self, key: str, scores: pd.DataFrame) -> None:
        """Keep the scores of a finished fold, whole or not at all."""
        ...


class NoFoldCache:
    """Keeps nothing."""

    def read(self, key: str) -> pd.DataFrame | None:
        """Nothing is stored."""
        return None

    def keep(self, key: str, scores: pd.DataFrame) -> None:
        """Store nothing."""


@dataclass(frozen=True)
class WalkSettings:
    """How forecasters are walked forward.

    Parameters
    ----------
    refit_every : sessions between refits. Each refit learns only from targets that were known
        an embargo of the longest horizon before its first origin.
    recalibrated : whether each entrant is recalibrated by the scores of its own forecasts whose
        targets were known by then, see `core.models.recalibration`; the baseline is not.
    """

    refit_every: int = 60
    recalibrated: bool = False


def walk(
    entrants: Mapping[str, Forecaster],
    baseline: Forecaster,
    bars: pd.DataFrame,
    origins: Origins,
    settings: WalkSettings,
    progress: Progress | None = None,
    fold_cache: FoldCache | None = None,
) -> dict[str, pd.DataFrame]:
    """Walk every entrant forward over the same past origins.

    Parameters
    ----------
    entrants : forecasters by the name that their scores get, fitted or not; they are refitted.
    baseline : what all of them are scored against.
    bars, origins : as for `core.evaluation.walk_forward.backtest.backtests`.
    progress : called with (done, total) after every fold of every entrant.
    fold_cache : asked for each fold of each entrant before it is computed, and given it afterwards.
        Folds are named by `Provenance.key`, so bars, features or parameters that changed find
        nothing there.

    Returns
    -------
    The frame of `backtests` for each entrant that could forecast at all, in the order given, with
    its `Provenance` as a dict in `attrs["provenance"]`.

    Raises
    ------
    InvalidInputError : an origin or the bars are not usable.
    """
    panel = Panel.of(bars)
    sessions = pd.DatetimeIndex(np.unique(panel.session))
    chosen = last_origins(sessions) if origins is None else pd.DatetimeIndex(list(origins))
    folds = walk_forward(sessions, chosen, settings.refit_every)
    digest = data_hash(bars)
    sources = {
        name: Provenance.of(digest, model, baseline, settings.refit_every, settings.recalibrated)
        for name, model in entrants.items()
    }
    store = fold_cache or NoFoldCache()
    actuals = Actuals.of(panel, panel.rows_at(chosen))
    parts: dict[str, list[pd.DataFrame]] = {name: [] for name in entrants}
    before = dict.fromkeys(entrants, "")
    done, total = 0, len(folds) * len(entrants)
    # Threads that wait for each other cost more than matrices this small, tenfold on a busy
    # machine; and one thread adds up in one order, whatever the machine.
    with threadpool_limits(limits=1, user_api="blas"):
        for fold in folds:
            round_ = _Round(actuals, fold, baseline)
            for name, model in entrants.items():
                key = sources[name].key(fold, before[name])
                if settings.recalibrated:
                    before[name] = key
                found = store.read(key)
                if found is None:
                    found = round_.scores(model, parts[name] if settings.recalibrated else None)
                    if found is not None:
                        store.keep(key, found)
                if found is not None and len(found):
                    parts[name].append(found)
                done += 1
                if progress is not None:
                    progress(done, total)
    return {name: _whole(name, found, sources[name]) for name, found in parts.items() if found}


@dataclass
class _Round:
    """One fold; what all entrants share in it is computed when the first of them asks."""

    outcomes: Actuals
    fold: Fold
    baseline: Forecaster

    def scores(
        self, model: Forecaster, past: list[pd.DataFrame] | None = None
    ) -> pd.DataFrame | None:
        """Scores of one entrant refitted for this fold; None where either lacks history.

        With `past`, its scores of earlier folds, it is recalibrated by what was known.
        """
        try:
            against, actuals = self._against, self._actuals
            forecasts = against
            if (model.name, model.params()) != (self.baseline.name, self.baseline.params()):
                forecasts = self._forecasts(model)
        except NotEnoughHistoryError:
            # The first folds of a young panel; later ones may do.
            return None
        if past is None:
            scores = actuals.score(forecasts, against)
        else:
            scores = self._recalibrated(forecasts, past)
        return scores.assign(until=self.fold.until.as_unit("ns"))

    def _recalibrated(self, forecasts: QuantileForecasts, past: list[pd.DataFrame]) -> pd.DataFrame:
        actuals, parts = self._actuals, [frame[list(LEARNED_FROM)] for frame in past]
        session, scores = actuals.panel.session[actuals.rows], []
        for origin in self.fold.origins:
            at = session == origin.to_datetime64()
            distribution = Distribution(forecasts.returns[at])
            if parts:
                issued = pd.concat(parts, ignore_index=True)
                distribution = recalibrate(distribution, issued[issued["target_session"] <= origin])
            baseline = QuantileForecasts(self._against.name, self._against.returns[at])
            found = actuals.at(pd.DatetimeIndex([origin])).score(
                QuantileForecasts(forecasts.name, distribution.returns), baseline
            )
            scores.append(found)
            parts.append(found[list(LEARNED_FROM)])
        return pd.concat(scores, ignore_index=True)

    @cached_property
    def _actuals(self) -> Actuals:
        return self.outcomes.at(self.fold.origins)

    @cached_property
    def _against(self) -> QuantileForecasts:
        return self._forecasts(self.baseline)

    def _forecasts(self, model: Forecaster) -> QuantileForecasts:
        fitted = model.fit_panel(self.outcomes.panel, self.fold.until)
        return QuantileForecasts.by(fitted, self._actuals.panel, self._actuals.rows)


def _whole(name: str, parts: list[pd.DataFrame], source: Provenance) -> pd.DataFrame:
    scores = pd.concat(parts, ignore_index=True)
    scores = scores.sort_values(KEY, kind="stable", ignore_index=True)
    scores["model"] = pd.Series(name, index=scores.index, dtype="str")
    scores.attrs[ATTRIBUTE] = source.to_dict()
    return scores
