"""Which tickers a recipe is walked forward over, where there are more than say anything new."""

import hashlib
from collections.abc import Iterable, Mapping
from itertools import chain

import pandas as pd

from core.reference.synthetic_ticker import SYNTHETIC
from core.reference.tickers import Ticker

MARKET_TICKERS = 64  # at most so many of one exchange calendar are evaluated
YOUNG_TICKERS = 16  # of these, while there are enough with a long history
LONG_HISTORY_SESSIONS = 1_000  # the 500 that are scored, and as many to learn from before


def evaluated_tickers(sessions: Mapping[str, int]) -> tuple[str, ...]:
    """The tickers that stand for all, in alphabetical order; all, if no market has too many.

    Of each exchange calendar `MARKET_TICKERS`, of which `YOUNG_TICKERS` have fewer than
    `LONG_HISTORY_SESSIONS` sessions; where a class has fewer than its share, the other gives more.
    Within a class, those whose symbols come first in the order of their sha256. So the choice is
    the same whatever the order, a ticker that is not chosen changes nothing when it comes or goes,
    and one that is chosen takes or leaves one place. Where a market has too many, the invented
    ticker is not among them.

    Parameters
    ----------
    sessions : by ticker, how many sessions it has.

    Notes
    -----
    Tickers of a market err together: the band of a skill is as wide from 64 as from all, see
    docs/models-and-gate.md for the figures.
    """
    markets: dict[str, list[str]] = {}
    for symbol in sessions:
        markets.setdefault(Ticker.parse(symbol).market.calendar, []).append(symbol)
    if all(len(symbols) <= MARKET_TICKERS for symbols in markets.values()):
        return tuple(sorted(sessions))
    chosen = (_of_market(symbols, sessions) for symbols in markets.values())
    return tuple(sorted(chain.from_iterable(chosen)))


def evaluated_bars(bars: pd.DataFrame) -> pd.DataFrame:
    """The bars of `evaluated_tickers`; the same frame if those are all."""
    sessions = bars["ticker"].value_counts().to_dict()
    chosen = evaluated_tickers({str(symbol): int(count) for symbol, count in sessions.items()})
    return only_of(bars, chosen) if len(chosen) < len(sessions) else bars


def only_of(bars: pd.DataFrame, tickers: Iterable[str]) -> pd.DataFrame:
    """The rows of these tickers, numbered anew."""
    return bars[bars["ticker"].isin(list(tickers))].reset_index(drop=True)


def _of_market(symbols: list[str], sessions: Mapping[str, int]) -> list[str]:
    ranked = sorted((one for one in symbols if one != SYNTHETIC.symbol), key=_rank)
    young = [one for one in ranked if sessions[one] < LONG_HISTORY_SESSIONS]
    grown = [one for one in ranked if sessions[one] >= LONG_HISTORY_SESSIONS]
    of_young = max(YOUNG_TICKERS, MARKET_TICKERS - len(grown))
    return [*young[:of_young], *grown[: MARKET_TICKERS - min(len(young), of_young)]]


def _rank(symbol: str) -> str:
    return hashlib.sha256(symbol.encode()).hexdigest()
