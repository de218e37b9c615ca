"""Compiled loops over a ticker-major panel: rows of a ticker are contiguous, oldest first."""

import numpy as np

from core.features.compiled import compiled

# Below one basis point in a session, prices stand still as far as a forecast is concerned.
MIN_VARIANCE = 1e-8
# A quiet session has a log variance near minus infinity; it is floored at this share of usual.
QUIET_SHARE = 0.02
_GARMAN_KLASS = 2.0 * np.log(2.0) - 1.0


@compiled()
def daily_variance(
    first: np.ndarray,
    open_: np.ndarray,
    high: np.ndarray,
    low: np.ndarray,
    close: np.ndarray,
) -> np.ndarray:
    """Variance of each session's log return, from its range where there is one.

    Parameters
    ----------
    first : int64 (tickers + 1,), row at which each ticker starts, and the number of rows.
    open_, high, low, close : float64 (rows,), adjusted prices; all but close may be NaN.

    Returns
    -------
    float64 (rows,), squared log return per session: Garman-Klass plus the squared overnight
    return, or the squared return where open, high or low is NaN. A ticker's first row is NaN.

    Notes
    -----
    Garman and Klass (1980), On the estimation of security price volatilities.
    """
    variance = np.full(len(close), np.nan)
    for ticker in range(len(first) - 1):
        for row in range(first[ticker] + 1, first[ticker + 1]):
            before = close[row - 1]
            if np.isnan(open_[row]) or np.isnan(high[row]) or np.isnan(low[row]):
                variance[row] = np.log(close[row] / before) ** 2
                continue
            # Vendors print opens outside the range; widening it keeps the estimate positive.
            top = max(high[row], open_[row], close[row])
            bottom = min(low[row], open_[row], close[row])
            inside = 0.5 * np.log(top / bottom) ** 2
            inside -= _GARMAN_KLASS * np.log(close[row] / open_[row]) ** 2
            variance[row] = max(inside, 0.0) + np.log(open_[row] / before) ** 2
    return variance


@compiled()
def own_features(
    first: np.ndarray,
    variance: np.ndarray,
    log_close: np.ndarray,
    windows: tuple[np.ndarray, np.ndarray, np.ndarray],
    warm_up: int,
    features: np.ndarray,
) -> None:
    """Log variances, leverage and momentum of each row from it and earlier rows alone.

    Parameters
    ----------
    first, variance : as `daily_variance` takes and gives them.
    log_close : float64 (rows,), log of the adjusted close.
    windows : the variance spans, leverage spans and momentum windows of `FeatureSpec`, each int64,
        in sessions.
    warm_up : earlier rows of the ticker a row needs.
    features : float64 (rows, at least as many), written in the order of `FeatureSpec.own_names`
        from its first column on; what it holds stays during warm-up.
    """
    variance_spans, leverage_spans, momentum_windows = windows
    spans, levers = len(variance_spans), len(leverage_spans)
    averages = np.zeros(spans)
    leverage = np.zeros(levers)
    for ticker in range(len(first) - 1):
        start = first[ticker]
        averages[:] = 0.0
        leverage[:] = 0.0
        expected = 0.0
        for row in range(start + 1, first[ticker + 1]):
            age = row - start
            # Weights of a short past are scaled up to one, as if it had always been so.
            gain = max(2.0 / (variance_spans[-1] + 1.0), 1.0 / age)
            expected += gain * (variance[row] - expected)
            floor = max(MIN_VARIANCE, QUIET_SHARE * expected)
            logged = np.log(max(variance[row], floor))
            for k in range(spans):
                gain = max(2.0 / (variance_spans[k] + 1.0), 1.0 / age)
                averages[k] += gain * (logged - averages[k])
            volatility = np.sqrt(max(expected, MIN_VARIANCE))
            step = (log_close[row] - log_close[row - 1]) / volatility
            for k in range(levers):
                gain = 2.0 / (leverage_spans[k] + 1.0)
                leverage[k] += gain * (step - leverage[k])
            if age < warm_up:
                continue
            features[row, :spans] = averages
            features[row, spans : spans + levers] = leverage
            for k in range(len(momentum_windows)):
                window = momentum_windows[k]
                moved = log_close[row] - log_close[row - window]
                features[row, spans + levers + k] = moved / (volatility * np.sqrt(window))
