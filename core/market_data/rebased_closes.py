"""Closes of several tickers on one scale: each 100 on the first session that all of them have."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.market_data.history import History


@dataclass(frozen=True)
class Rebased:
    """Several tickers from the first session they share.

    Parameters
    ----------
    values : float64 (session x ticker), ascending, 100.0 in every column of the first row; NaN
        where a ticker has no readable bar of a session: nothing is filled forward, backward or
        between.
    gaps : of each ticker, the sessions of its own exchange between its bars that have none.
    apart : of each ticker that is left out, because it shares no session with those before it,
        the first and the last session it has; None if it has none since then.
    """

    values: pd.DataFrame
    gaps: dict[str, pd.DatetimeIndex]
    apart: dict[str, tuple[pd.Timestamp, pd.Timestamp] | None]

    @property
    def ended(self) -> dict[str, pd.Timestamp]:
        """The last session of each ticker that ends before another does."""
        last = {
            str(name): pd.Timestamp(one.dropna().index[-1]) for name, one in self.values.items()
        }
        return {name: at for name, at in last.items() if at < self.values.index[-1]}


def rebase(found: Sequence[History], since: pd.Timestamp) -> Rebased:
    """Tickers beside the first of them, after `since`; it has to have a bar there.

    Parameters
    ----------
    found : histories in the order in which they are wanted; a later one that shares no session
        with those before it is left out.
    """
    closes: dict[str, pd.Series] = {}
    apart: dict[str, tuple[pd.Timestamp, pd.Timestamp] | None] = {}
    shared: pd.DatetimeIndex | None = None
    for one in found:
        bars = one.bars[one.bars["session"] > since]
        own = pd.DatetimeIndex(bars["session"])
        both = own if shared is None else own.intersection(shared)
        if len(both):
            shared = both
            closes[one.ticker.symbol] = pd.Series(bars["close"].to_numpy(), own)
        else:
            apart[one.ticker.symbol] = (own[0], own[-1]) if len(own) else None
    assert shared is not None, "the first ticker has no bar after that session"
    base = shared.min()
    side_by_side = pd.DataFrame(closes).sort_index().loc[base:]
    gaps = {
        one.ticker.symbol: _between(one, side_by_side[one.ticker.symbol].dropna().index)
        for one in found
        if one.ticker.symbol in closes
    }
    return Rebased(side_by_side / side_by_side.loc[base] * 100.0, gaps, apart)


def _between(one: History, sessions: pd.Index) -> pd.DatetimeIndex:
    none = one.missing.union(one.held_back)
    return pd.DatetimeIndex(none[(none > sessions[0]) & (none < sessions[-1])])
