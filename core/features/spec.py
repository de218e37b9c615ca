"""Which features exist, declared once and named by a stable digest."""

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class FeatureSpec:
    """The features of one session, all free of the price's scale.

    Parameters
    ----------
    variance_spans : sessions over which log variance is averaged exponentially
        (weight 2 / (span + 1) on the newest), shortest first.
    leverage_spans : sessions over which signed returns in volatility units are averaged.
    momentum_windows : sessions whose total return is stated in volatility units.
    season_lags : sessions back to which the coming ones are compared, one to four quarters, see
        `core.features.earnings_season`; no column of the frame, since it differs by horizon.
    warm_up : sessions a ticker needs before its first features.
    """

    variance_spans: tuple[int, ...] = (1, 3, 10, 35, 130)
    leverage_spans: tuple[int, ...] = (1, 5, 20)
    momentum_windows: tuple[int, ...] = (20, 120)
    season_lags: tuple[int, ...] = (63, 126, 189, 252)
    warm_up: int = 130

    @property
    def own_names(self) -> tuple[str, ...]:
        """Features of the ticker itself, in column order."""
        return (
            *(f"log_variance_{span}" for span in self.variance_spans),
            *(f"leverage_{span}" for span in self.leverage_spans),
            *(f"momentum_{window}" for window in self.momentum_windows),
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Every feature in column order: the ticker's own, then the market's means of them."""
        return (*self.own_names, *(f"market_{name}" for name in self.own_names))

    @property
    def digest(self) -> str:
        """Twelve hex characters that change if and only if a feature changes."""
        content = json.dumps({**asdict(self), "names": self.names}, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:12]


HAR = FeatureSpec()
