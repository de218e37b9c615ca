"""Pooled HAR regression of log volatility, scaled by the quantiles of what it left over."""

from copy import copy
from typing import ClassVar, Self

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from core.features.kernels import MIN_VARIANCE
from core.features.panel import Panel
from core.features.spec import HAR
from core.foundation.errors import InvalidInputError
from core.models.base import Forecaster, Location
from core.models.close_to_range import against_others, mean_log_close_to_range
from core.models.premium import as_array, placed, premium, stored_premium
from core.models.random_walk import quantiles_of_sorted
from core.models.ridge import ridge
from core.models.targets import learnable, log_volatility
from core.models.width_drivers import DRIVERS, QUARTER, driver_of
from core.reference.renames import Renames
from core.reference.schema import HORIZONS, LEVELS

_OUTERMOST = 0.9975
_ROWS_AT_ONCE = 500_000  # of a fit: what is computed on the way takes a kilobyte a row
_TOGETHER = 0.5  # how alike two tickers err, in direction and in size


class Har(Forecaster):
    """The width of the coming h sessions from the widths of the past, for all tickers at once.

    Parameters
    ----------
    window : newest sessions of each ticker that are learned from.
    penalty : of the ridge regression, on standardised features.
    prior_observations : independent h-session returns at which a ticker's own quantiles weigh
        as much as the pooled ones.

    Notes
    -----
    Corsi (2009), A simple approximate long-memory model of realized volatility. One penalised
    regression per horizon on the pooled panel, target half the log of the mean daily variance
    of the next h sessions, inputs the features and the ticker's volatility over the same
    sessions of the quarters before; then the quantiles of return / (volatility * sqrt(h)),
    at levels a little further out, as split conformal prediction asks for that few independent
    h-session windows (Vovk, Gammerman and Shafer 2005). Tickers move together: at a correlation of
    one half, any number of them is worth less than two. A ticker unknown at fit has no quantiles of
    its own; it gets the pooled ones, times how much further its closes go for its ranges. All are
    then moved to one premium, see `core.models.premium`: what is learned of a direction is luck.
    """

    name: ClassVar[str] = "har"
    location: ClassVar[Location] = Location.PREMIUM
    min_observations: ClassVar[int] = HAR.warm_up + 1
    # Behind the warm-up and the purge this leaves about half a year to learn from.
    min_fit_observations: ClassVar[int] = 280

    def __init__(
        self, window: int = 2000, penalty: float = 10.0, prior_observations: float = 1000.0
    ) -> None:
        if not (window > 0 and penalty > 0 and prior_observations > 0):
            raise InvalidInputError(
                "har.bad-parameters",
                "window, penalty and prior_observations must be above zero.",
                parameter="params",
            )
        self.window = int(window)
        self.penalty = float(penalty)
        self.prior_observations = float(prior_observations)
        self._state: dict[str, np.ndarray] = {}
        self._indexed: tuple[np.ndarray | None, dict[str, int]] = (None, {})

    def params(self) -> dict[str, float | int | str]:
        """The three numbers of the constructor."""
        return {
            "window": self.window,
            "penalty": self.penalty,
            "prior_observations": self.prior_observations,
        }

    def to_arrays(self) -> dict[str, np.ndarray]:
        """Coefficients, intercepts, pooled quantiles and those of each ticker."""
        return {name: array.copy() for name, array in self._state.items()}

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> Self:
        """Take over a state that `to_arrays` gave.

        Raises
        ------
        InvalidInputError : an array is missing, not finite or of another shape than expected.
        """
        features, horizons, levels = len(HAR.names), len(HORIZONS), len(LEVELS)
        # Models of before there was a season predict without one, as when they were fitted.
        arrays = {"seasonal": np.zeros(horizons), **arrays}
        tickers = arrays["tickers"].shape if "tickers" in arrays else (0,)
        expected = {
            "coefficients": (features, horizons),
            "seasonal": (horizons,),
            "intercepts": (horizons,),
            "pooled": (horizons, levels),
            "tickers": tickers,
            "own": (*tickers, horizons, levels),
        }
        for name, shape in expected.items():
            valid = name in arrays and arrays[name].shape == shape
            if valid and name != "tickers":
                valid = arrays[name].dtype == np.float64 and bool(np.isfinite(arrays[name]).all())
            if not valid:
                raise InvalidInputError(
                    "har.unusable-array",
                    "The stored har model has no usable {name}.",
                    {"name": name},
                    parameter=name,
                )
        self._state = {name: np.array(arrays[name]) for name in expected}
        ratio = arrays.get("stride", np.array([np.nan]))  # older models go on without it
        if ratio.shape != (1,) or ratio.dtype != np.float64:
            raise InvalidInputError(
                "har.unusable-close-to-range",
                "The stored har model has no usable close-to-range ratio.",
                parameter="stride",
            )
        self._state["stride"] = np.array(ratio)
        self._state["premium"] = stored_premium(arrays, self.name)
        return self

    def renamed(self, renames: Renames) -> Self:
        """As `Forecaster.renamed`: a ticker's own quantiles are found by its symbol."""
        symbols = [str(one) for one in self._state.get("tickers", ())]
        if all(renames.now(one) == one for one in symbols):
            return self
        own = renames.by_present_symbol(dict(zip(symbols, self._state["own"], strict=True)))
        other = copy(self)
        known = {"tickers": np.array(list(own)), "own": np.array(list(own.values()))}
        other._state = self._state | known
        return other

    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        """Learn from rows whose targets at all horizons are known by `until`."""
        used = learnable(panel, until, self.min_fit_observations, self.window)
        self._state = self._fitted_width(panel, used)
        standardised = panel.actual(used, HORIZONS)
        for start in range(0, len(used), _ROWS_AT_ONCE):
            part = slice(start, start + _ROWS_AT_ONCE)
            standardised[part] /= self._reach(panel, used[part])
        windows = _independent(panel, used) / np.array(HORIZONS)
        pooled = _conformal(standardised, windows)
        names, own = [], []
        codes, starts = np.unique(panel.code[used], return_index=True)
        for code, mine in zip(codes, np.split(standardised, starts[1:]), strict=True):
            # Overlapping returns repeat each other: n of them are worth n / h.
            effective = len(mine) / np.array(HORIZONS)
            weight = (effective / (effective + self.prior_observations))[:, None]
            found = _conformal(mine, windows)
            names.append(panel.tickers[code])
            own.append(pooled + weight * (found - pooled))
        newest = np.append(used[starts[1:] - 1], used[-1])
        self._state |= {"pooled": pooled, "tickers": np.array(names), "own": np.array(own)}
        self._state["stride"] = np.array([mean_log_close_to_range(panel, newest)])
        self._state["premium"] = as_array(premium(panel, used))
        return self

    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """Quantiles as `Forecaster.quantiles` states."""
        if not self._state:
            raise InvalidInputError(
                "forecaster.not-fitted",
                "This {name} forecaster is not fitted yet.",
                {"name": self.name},
                parameter="model",
            )
        distributions = np.repeat(self._state["pooled"][None], len(panel.tickers), axis=0)
        place = np.array([self._place.get(ticker, -1) for ticker in panel.tickers], dtype=np.int64)
        distributions[place >= 0] = self._state["own"][place[place >= 0]]
        scaled: np.ndarray = self._reach(panel, rows)[:, :, None] * distributions[panel.code[rows]]
        strange = (place < 0)[panel.code[rows]]
        if strange.any():
            scaled[strange] *= self._against_others(panel, rows[strange])
        return placed(scaled, float(self._state["premium"][0]))

    def young_quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray | None:
        """As `Forecaster.young_quantiles` states, by the pooled quantiles.

        NaN below `core.features.panel.FEWEST` sessions, and where none of the others has features.
        """
        reach = np.exp(self._log_width(panel.young_features(rows), panel.season(rows)))
        reach *= np.sqrt(np.array(HORIZONS))
        scaled = reach[:, :, None] * self._state["pooled"] * self._against_others(panel, rows)
        return placed(scaled, float(self._state["premium"][0]))

    @property
    def _place(self) -> dict[str, int]:
        """Where the own quantiles of each ticker are; built once for each fitted state."""
        known = self._state["tickers"]
        if self._indexed[0] is not known:
            self._indexed = known, {str(name): at for at, name in enumerate(known)}
        return self._indexed[1]

    def _against_others(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        expected = float(self._state["stride"][0])
        factor: np.ndarray = against_others(panel, rows, expected)[:, None, None]
        return factor

    def log_width_terms(self, panel: Panel, rows: np.ndarray) -> dict[str, np.ndarray] | None:
        """Inputs times coefficients, added up over those of a driver."""
        terms = {name: np.zeros((len(rows), len(HORIZONS))) for name in DRIVERS}
        terms[QUARTER] += panel.season(rows) * self._state["seasonal"]
        inputs = panel.features[rows]
        for column, name in enumerate(HAR.names):
            weights = self._state["coefficients"][column]
            terms[driver_of(name)] += inputs[:, column, None] * weights
        return terms

    def _reach(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """Foretold deviation of the log return, (rows, horizons)."""
        reach = self._predicted(panel, rows)
        np.exp(reach, out=reach)
        reach *= np.sqrt(np.array(HORIZONS))
        return reach

    def _fitted_width(self, panel: Panel, rows: np.ndarray) -> dict[str, np.ndarray]:
        # How many threads share a product decides how it is rounded: one, on every machine.
        with threadpool_limits(limits=1, user_api="blas"):
            coefficients, seasonal, intercepts = ridge(
                panel.features[rows], panel.season(rows), log_volatility(panel, rows), self.penalty
            )
        return {"coefficients": coefficients, "seasonal": seasonal, "intercepts": intercepts}

    def _predicted(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        return self._log_width(panel.features[rows], panel.season(rows))

    def _log_width(self, inputs: np.ndarray, season: np.ndarray) -> np.ndarray:
        # A sum in fixed order: a matrix product may round otherwise for another number of rows,
        # and a forecast must not change because others are made beside it.
        predicted: np.ndarray = self._state["intercepts"] + season * self._state["seasonal"]
        for feature, coefficients in enumerate(self._state["coefficients"]):
            predicted += inputs[:, feature, None] * coefficients
        return predicted


class ConstantWidth(Har):
    """`har` without its regression: the same distribution, as wide as the ticker was on average.

    On a true random walk its longer, pooled memory alone beats `random_walk`, whose quantiles are
    noisy. Whoever claims to foresee a width has to beat this one too.

    Notes
    -----
    The volatility is the root mean variance of the last 2,000 sessions, for every horizon alike.
    """

    name: ClassVar[str] = "constant_width"

    def _fitted_width(self, panel: Panel, rows: np.ndarray) -> dict[str, np.ndarray]:
        features, horizons = len(HAR.names), len(HORIZONS)
        return {
            "coefficients": np.zeros((features, horizons)),
            "seasonal": np.zeros(horizons),
            "intercepts": np.zeros(horizons),
        }

    def young_quantiles(self, panel: Panel, rows: np.ndarray) -> None:
        """None: what it adds to a fallback was never measured."""

    def log_width_terms(self, panel: Panel, rows: np.ndarray) -> None:
        """Nothing drives a width that stays as it is."""

    def _predicted(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        mean = np.empty(len(panel.session))
        # Ticker by ticker: one running sum over all would round by what came before.
        for first, after in zip(panel.first[:-1], panel.first[1:], strict=True):
            known = pd.Series(panel.variance[first:after])
            mean[first:after] = known.rolling(self.window, min_periods=1).mean()
        predicted = 0.5 * np.log(np.maximum(mean[rows], MIN_VARIANCE))
        return np.repeat(predicted[:, None], len(HORIZONS), axis=1)


def _independent(panel: Panel, rows: np.ndarray) -> float:
    """How many sessions of one ticker these rows are worth."""
    sessions = len(np.unique(panel.session[rows]))
    beside = len(rows) / sessions  # tickers on a usual session
    return sessions * beside / (1.0 + (beside - 1.0) * _TOGETHER)


def _conformal(standardised: np.ndarray, windows: np.ndarray) -> np.ndarray:
    """Quantiles at `LEVELS` as wide as so few independent windows ask for, (horizons, levels).

    `standardised` is (rows, horizons), `windows` (horizons,). No level goes beyond a share of
    1 / 400 on either side, where even the largest of few values would not do.
    """
    level, count = np.array(LEVELS), windows[:, None]
    outer = np.minimum((count + 1.0) / count * np.maximum(level, 1.0 - level), _OUTERMOST)
    outer = np.where(level == 0.5, 0.5, outer)
    own = np.where(level > 0.5, outer, 1.0 - outer)
    return quantiles_of_sorted(np.sort(standardised.T, axis=-1), own)
