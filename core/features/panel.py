"""Bars as ticker-major arrays: what kernels and forecasters compute on."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from core.features.earnings_season import abnormal_volatility, log_excess, season
from core.features.kernels import daily_variance, own_features
from core.features.market_state import MarketState
from core.features.spec import HAR
from core.foundation.errors import SchemaError
from core.reference.adjustments import adjustment_factors
from core.reference.schema import PRICE_COLUMNS, validate_bars
from core.reference.tickers import Ticker

FEWEST = 22  # sessions from which on `young_features` are known


@dataclass(frozen=True)
class Panel:
    """Bars of several tickers as arrays, rows sorted by (ticker, session).

    `first` is int64 (tickers + 1,), the row each ticker starts at and the number of rows;
    `session` datetime64[ns] (rows,); `close` the raw close; `log_close` the log of the adjusted
    close; `variance` the session's variance in squared log return, NaN on a first row; `gap` the
    absolute log return from the close before to the open, NaN where there is no open; `volume`
    in shares of the last session, NaN where unknown. `market` is what the features need of all
    tickers of their market, these included; None where these are all of it.
    """

    tickers: tuple[str, ...]
    first: np.ndarray
    session: np.ndarray
    close: np.ndarray
    log_close: np.ndarray
    variance: np.ndarray
    gap: np.ndarray
    volume: np.ndarray
    market: MarketState | None = None

    @classmethod
    def of(cls, bars: pd.DataFrame, market: MarketState | None = None) -> "Panel":
        """Read the `bars` contract, raw or adjusted, in any row order; the input stays as it is.

        Parameters
        ----------
        market : what `market_state` is of the panel of all tickers, these bars among them as they
            are here; everything computed is the same then, to the bit, as of that panel.

        Raises
        ------
        SchemaError : the contract is broken, or `adj_factor` has a value that is no factor.
        """
        valid = validate_bars(bars)
        if "adj_factor" in bars.columns:
            valid["adj_factor"] = _factor(bars)
        return cls.of_valid(valid, market)

    @classmethod
    def of_valid(cls, valid: pd.DataFrame, market: MarketState | None = None) -> "Panel":
        """`of` bars that were checked before, and are sorted by (ticker, session)."""
        tickers, bounds, (open_, high, low, close) = ticker_major(valid, PRICE_COLUMNS)
        if "adj_factor" in valid.columns:
            factor, shares = valid["adj_factor"].to_numpy(np.float64), np.ones(len(valid))
        else:
            factor, shares = adjustment_factors(valid)
            open_, high, low, close = (one * factor for one in (open_, high, low, close))
        log_close, before = np.log(close), np.full(len(close), np.nan)
        before[1:] = log_close[:-1]
        before[bounds[:-1]] = np.nan
        return cls(
            tickers=tickers,
            first=bounds,
            session=valid["session"].to_numpy().astype("datetime64[ns]"),
            close=close / factor,
            log_close=log_close,
            variance=daily_variance(bounds, open_, high, low, close),
            gap=np.abs(np.log(open_) - before),
            volume=valid["volume"].to_numpy(np.float64) / shares,
            market=market,
        )

    @cached_property
    def code(self) -> np.ndarray:
        """int64 (rows,): the position in `tickers` each row belongs to."""
        codes: np.ndarray = np.repeat(np.arange(len(self.tickers)), np.diff(self.first))
        return codes

    @cached_property
    def age(self) -> np.ndarray:
        """int64 (rows,): sessions of the ticker up to and including each row."""
        ages: np.ndarray = np.arange(len(self.session)) - self.first[self.code] + 1
        return ages

    @cached_property
    def market_state(self) -> MarketState:
        """The market that these tickers are."""
        names, of_ticker = self._calendars
        return MarketState.of(names, of_ticker[self.code], self.session, *self._own)

    @cached_property
    def features(self) -> np.ndarray:
        """float64 (rows, features) in the order of `HAR.names`; NaN during warm-up."""
        own, _ = self._own
        known = np.isfinite(own).all(axis=1)
        found = np.full((len(self.session), len(HAR.names)), np.nan)
        found[:, : own.shape[1]] = own
        found[known, own.shape[1] :] = self._market.means[self._cell[known]]
        return found

    def young_features(self, rows: np.ndarray) -> np.ndarray:
        """Features of rows without the warm-up, from the few sessions a ticker has up to each.

        Averages and momentum go back to its first session where they would begin before it; the
        market's means are those of the other tickers that are past theirs.

        Parameters
        ----------
        rows : int64 (rows,).

        Returns
        -------
        float64 (rows, features) in the order of `HAR.names`. NaN below `FEWEST` sessions, and where
        no other ticker of its exchange calendar has features of that session. From the end of the
        warm-up on the same as `features`.
        """
        found = np.full((len(rows), len(HAR.names)), np.nan)
        own, market = len(HAR.own_names), self._market
        for at, row in enumerate(rows):
            first, age = self.first[self.code[row]], int(self.age[row])
            itself = bool(np.isfinite(self._own[0][row]).all())
            if age < FEWEST or market.counted[self._cell[row]] - itself < 1:
                continue
            part = slice(first, row + 1)
            few = np.full((age, len(HAR.names)), np.nan)
            own_features(
                np.array([0, age]),
                self.variance[part],
                self.log_close[part],
                (
                    np.array(HAR.variance_spans),
                    np.array(HAR.leverage_spans),
                    np.minimum(HAR.momentum_windows, age - 1),
                ),
                age - 1,
                few,
            )
            found[at, :own] = few[-1, :own]
            found[at, own:] = market.means[self._cell[row]]
        return found

    def rows_at(self, origins: Sequence[pd.Timestamp] | pd.DatetimeIndex | None) -> np.ndarray:
        """Rows of these sessions for every ticker that has them; None means each last row."""
        if origins is None:
            return self.first[1:] - 1
        wanted = pd.DatetimeIndex(list(origins)).to_numpy().astype("datetime64[ns]")
        return np.flatnonzero(np.isin(self.session, wanted))

    def actual(self, rows: np.ndarray, horizons: Sequence[int]) -> np.ndarray:
        """Log total return from each row to the h-th later session, (rows, horizons), else NaN."""
        found = np.full((len(rows), len(horizons)), np.nan)
        left, now = self.first[self.code[rows] + 1] - rows, self.log_close[rows]
        for column, horizon in enumerate(horizons):
            known = horizon < left
            found[known, column] = self.log_close[rows[known] + horizon] - now[known]
        return found

    def season(self, rows: np.ndarray) -> np.ndarray:
        """Seasonal abnormal volatility over the sessions after each row, (rows, horizons).

        See `core.features.earnings_season`; 0.0 where the past holds no sign of it.
        """
        return season(self.first, self.code, self._abnormal_volatility, rows, HAR.season_lags)

    @cached_property
    def _abnormal_volatility(self) -> np.ndarray:
        _, excess = self._own
        return abnormal_volatility(self._market.beyond_others(self._cell, excess))

    @cached_property
    def _own(self) -> tuple[np.ndarray, np.ndarray]:
        """What each row adds to its market: its own features, and how far it stood out."""
        own = np.full((len(self.session), len(HAR.own_names)), np.nan)
        own_features(
            self.first,
            self.variance,
            self.log_close,
            (
                np.array(HAR.variance_spans),
                np.array(HAR.leverage_spans),
                np.array(HAR.momentum_windows),
            ),
            HAR.warm_up,
            own,
        )
        return own, log_excess(self.first, self.variance, self.gap, self.volume)

    @cached_property
    def _market(self) -> MarketState:
        return self.market_state if self.market is None else self.market

    @cached_property
    def _calendars(self) -> tuple[tuple[str, ...], np.ndarray]:
        """Codes of the exchange calendars, and the position among them of each ticker's."""
        # Taipei closes before New York opens, so a mean over both on one date would show Taipei
        # the future.
        codes = [Ticker.parse(name).market.calendar for name in self.tickers]
        names = tuple(sorted(set(codes)))
        return names, np.array([names.index(one) for one in codes], dtype=np.int64)

    @cached_property
    def _cell(self) -> np.ndarray:
        names, of_ticker = self._calendars
        return self._market.rows(names, of_ticker[self.code], self.session)


def ticker_major(
    rows: pd.DataFrame, columns: Sequence[str]
) -> tuple[tuple[str, ...], np.ndarray, list[np.ndarray]]:
    """Rows sorted by (ticker, session) as what kernels take.

    Returns
    -------
    The tickers; int64 (tickers + 1,), the row each starts at and the number of rows; and the
    columns, each float64 (rows,) and contiguous.
    """
    code, names = pd.factorize(rows["ticker"])  # in order, since the rows are
    first = np.searchsorted(code, np.arange(len(names) + 1)).astype(np.int64)
    series = [np.ascontiguousarray(rows[name].to_numpy(np.float64)) for name in columns]
    return tuple(str(name) for name in names), first, series


def _factor(bars: pd.DataFrame) -> np.ndarray:
    """By what prices were multiplied already, float64 (rows,), sorted by (ticker, session)."""
    session = pd.to_datetime(bars["session"]).to_numpy()
    order = np.lexsort((session, bars["ticker"].astype("str").to_numpy(dtype=object)))
    factor: np.ndarray = bars["adj_factor"].to_numpy(np.float64)[order]
    if not (np.isfinite(factor) & (factor > 0)).all():
        raise SchemaError(
            "bars.bad-adjustment",
            "bars: adj_factor must be a number above zero.",
            parameter="adj_factor",
        )
    return factor
