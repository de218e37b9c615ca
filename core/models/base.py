"""The contract of a forecaster: fitted on bars, it predicts distributions of returns."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from enum import StrEnum
from typing import ClassVar, Self

import numpy as np
import pandas as pd

from core.features.market_state import MarketState
from core.features.panel import Panel
from core.foundation.errors import NotEnoughHistoryError
from core.models.distribution import Distribution, check_levels
from core.reference.renames import Renames
from core.reference.schema import FORECAST_COLUMNS, HORIZONS, LEVELS, validate_horizon
from core.reference.sessions import SHIPPED, Calendars
from core.reference.tickers import Ticker

Origins = Sequence[pd.Timestamp] | pd.DatetimeIndex | None


class Location(StrEnum):
    """Where a forecaster's distributions lie, which says what its P(up) is worth."""

    PREMIUM = "the same long-run premium for all tickers"
    CLOSE = "around the last close"
    OWN_PAST = "the ticker's own past returns"
    PREDICTED = "predicted for each ticker"


class Forecaster(ABC):
    """Pure: the same bars give the same bytes, and no bars are kept.

    `min_observations` is the number of sessions a ticker needs up to an origin; `location` is where
    its distributions lie.
    """

    name: ClassVar[str]
    min_observations: ClassVar[int]
    location: ClassVar[Location]

    @abstractmethod
    def params(self) -> dict[str, float | int | str]:
        """What `create` needs to make it again, JSON-able."""

    @abstractmethod
    def fit_panel(self, panel: Panel, until: pd.Timestamp | None = None) -> Self:
        """`fit` on arrays: only rows whose target is known by the session `until` are used."""

    @abstractmethod
    def quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray:
        """Log total returns at `LEVELS` for every horizon of `HORIZONS`.

        Parameters
        ----------
        panel : the bars; only rows up to each origin are looked at.
        rows : int64 (rows,), the panel's rows that are origins.

        Returns
        -------
        float64 (rows, horizons, levels), not decreasing along the last axis; NaN where the
        ticker has fewer than `min_observations` sessions.
        """

    def young_quantiles(self, panel: Panel, rows: np.ndarray) -> np.ndarray | None:
        """`quantiles` of tickers with fewer than `min_observations` sessions, from what they have.

        NaN where they have too few even for that; None if it has no way to forecast them.
        """
        return None

    def log_width_terms(self, panel: Panel, rows: np.ndarray) -> dict[str, np.ndarray] | None:
        """Terms of the log of the predicted width, whose sum it is but for a constant.

        By driver, see `core.models.width_drivers`, each (rows, horizons); None if it knows of none.
        """
        return None

    def to_arrays(self) -> dict[str, np.ndarray]:
        """The fitted state as plain arrays (no object dtype): `restore` makes it live again."""
        return {}

    def load_arrays(self, arrays: dict[str, np.ndarray]) -> Self:
        """Take over a state that `to_arrays` gave."""
        return self

    def renamed(self, renames: Renames) -> Self:
        """The forecaster that knows its tickers by the symbols they have now.

        It is this one where it knows none by its symbol, or none was renamed.
        """
        return self

    def fit(self, bars: pd.DataFrame, until: pd.Timestamp | None = None) -> Self:
        """Learn from bars.

        Parameters
        ----------
        bars : the `bars` contract, raw or adjusted, in any row order; it is not changed.
        until : the last session that may be used, targets included; None means all.

        Raises
        ------
        NotEnoughHistoryError : no ticker has enough sessions.
        """
        return self.fit_panel(Panel.of(bars), until)

    def predict(
        self,
        bars: pd.DataFrame,
        origins: Origins = None,
        horizons: Sequence[int] = HORIZONS,
        quantiles: Sequence[float] = LEVELS,
        tickers: Sequence[str] | None = None,
        calendars: Calendars = SHIPPED,
        market: MarketState | None = None,
    ) -> pd.DataFrame:
        """Forecast from each origin, with rows up to that origin alone.

        Parameters
        ----------
        bars : the `bars` contract, raw or adjusted, in any row order; it is not changed.
        origins : sessions, each applied to every ticker that has it; None means the last
            session of each ticker.
        horizons : sessions ahead.
        quantiles : nominal levels; others than `LEVELS` are read off the `Distribution`.
        tickers : whom to forecast, everyone when None; the others are their market all the same.
        calendars : the sessions that count, for `target_session`.
        market : of all tickers, these bars' own among them, see `Panel.of`. When None it is made
            from the bars, so hand on the whole panel then.

        Returns
        -------
        The `forecast` contract sorted by (ticker, as_of, horizon, quantile). `price` is the raw
        close times the exponential of the log total return; `model_version` is this forecaster's
        name and `created_at` NaT, for the caller to fill.

        Raises
        ------
        InvalidInputError : a horizon, a quantile or the bars are not usable.
        NotEnoughHistoryError : a ticker has too few sessions up to an origin.
        """
        panel = Panel.of(bars, market)
        return self.predict_panel(panel, origins, horizons, quantiles, tickers, calendars)

    def predict_panel(
        self,
        panel: Panel,
        origins: Origins = None,
        horizons: Sequence[int] = HORIZONS,
        quantiles: Sequence[float] = LEVELS,
        tickers: Sequence[str] | None = None,
        calendars: Calendars = SHIPPED,
    ) -> pd.DataFrame:
        """`predict` on arrays, for several forecasters of the same bars."""
        ahead = sorted({validate_horizon(horizon) for horizon in horizons})
        levels = sorted(set(quantiles))
        check_levels(levels)
        rows = panel.rows_at(origins)
        if tickers is not None:
            rows = rows[np.isin(np.array(panel.tickers)[panel.code[rows]], list(tickers))]
        self._check_history(panel, rows)
        returns = self.returns(panel, rows, ahead, levels)
        targets = _targets(panel, rows, ahead, calendars)
        return self._frame(panel, rows, ahead, levels, returns, targets)

    def returns(
        self,
        panel: Panel,
        rows: np.ndarray,
        horizons: Sequence[int] = HORIZONS,
        levels: Sequence[float] = LEVELS,
    ) -> np.ndarray:
        """`predict` on arrays, (rows, horizons, levels); NaN where history is too short."""
        quantiles = self.quantiles(panel, rows)[:, np.asarray(horizons, dtype=np.int64) - 1]
        if tuple(levels) == LEVELS:
            return quantiles
        return Distribution(quantiles).quantile(levels)

    def _check_history(self, panel: Panel, rows: np.ndarray) -> None:
        short = rows[panel.age[rows] < self.min_observations]
        if len(short):
            ticker, sessions = panel.tickers[panel.code[short[0]]], panel.age[short[0]]
            raise NotEnoughHistoryError(
                "ticker.too-young",
                "{ticker} needs at least {least} sessions, has {sessions}.",
                {"ticker": ticker, "least": self.min_observations, "sessions": sessions},
                parameter="ticker",
            )

    def _frame(
        self,
        panel: Panel,
        rows: np.ndarray,
        horizons: list[int],
        levels: list[float],
        returns: np.ndarray,
        targets: np.ndarray,
    ) -> pd.DataFrame:
        a_row, a_horizon = len(horizons) * len(levels), len(levels)
        symbols = np.array(panel.tickers, dtype=object)[panel.code[rows]]
        columns = {
            "ticker": pd.array(symbols.repeat(a_row), dtype="str"),
            "as_of": panel.session[rows].repeat(a_row),
            "horizon": np.tile(np.repeat(horizons, a_horizon), len(rows)).astype(np.int64),
            "target_session": targets.ravel().repeat(a_horizon),
            "quantile": np.tile(np.array(levels, dtype=np.float64), targets.size),
            "price": (panel.close[rows][:, None, None] * np.exp(returns)).ravel(),
            "model_version": pd.array([self.name] * returns.size, dtype="str"),
            "created_at": pd.array([pd.NaT] * returns.size, dtype="datetime64[ns, UTC]"),
        }
        return pd.DataFrame({name: columns[name] for name in FORECAST_COLUMNS})


def _targets(
    panel: Panel, rows: np.ndarray, horizons: list[int], calendars: Calendars
) -> np.ndarray:
    """The session at each horizon after each row, datetime64[ns] (rows, horizons)."""
    codes = np.array([Ticker.parse(name).market.calendar for name in panel.tickers])
    own = codes[panel.code[rows]] if len(rows) else np.zeros(0, dtype=str)
    targets = np.empty((len(rows), len(horizons)), dtype="datetime64[ns]")
    for code in np.unique(own):
        of = own == code
        targets[of] = calendars[str(code)].shift_many(panel.session[rows[of]], horizons)
    return targets
