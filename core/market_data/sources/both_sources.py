"""Yahoo and Taiwan's exchanges beside each other: session by session, one of the two is believed.

The exchange is, wherever it has a bar: its prices are those traded there, and its tables are those
by which its members pay. Yahoo's bars are taken where the exchange's reports do not reach, and what
is believed of the two is said of each session on which they differ.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from core.foundation.errors import NotFoundError
from core.foundation.messages import Message
from core.market_data.checks.finding import runs
from core.market_data.sources.source_contract import Source
from core.reference.bar_sources import BarSource
from core.reference.schema import BAR_COLUMNS, PRICE_COLUMNS, empty_bars
from core.reference.tickers import Ticker

# Yahoo rounds a price to 32 bits and more often to cents; a tick is at least 0.05 % of a price.
_ALIKE = 4e-4
_ACTIONS_ALIKE = 2e-3  # of a ratio, or of a dividend: reference prices are in hundredths
_FILLED = Message(
    "sources.filled", "Yahoo has no bar of this session; it was filled from the exchange."
)
_BEFORE = Message(
    "sources.before",
    "The exchange's reports do not reach back to this session; Yahoo's bar was taken.",
)
_AFTER = Message("sources.after", "The exchange has no bar of this session yet; Yahoo's was taken.")


class BothSource:
    """Taiwan's exchanges, with Yahoo beside them.

    Parameters
    ----------
    exchange, yahoo : both are asked for every ticker. Where Yahoo does not know it, the exchange is
        enough; any other failure of either is one of this source.
    """

    name: str = BarSource.BOTH

    def __init__(self, exchange: Source, yahoo: Source) -> None:
        self._exchange, self._yahoo = exchange, yahoo

    def tickers(self) -> None:
        """None: neither can be listed."""

    def fetch(
        self,
        ticker: Ticker,
        start: pd.Timestamp | None,
        end: pd.Timestamp | None,
        at: datetime,
    ) -> pd.DataFrame:
        """Bars as traded, reconciled as `reconciled` has it. Raises as both sources do."""
        try:
            yahoo = self._yahoo.fetch(ticker, start, end, at)[list(BAR_COLUMNS)]
        except NotFoundError:
            yahoo = empty_bars()
        exchange = self._exchange.fetch(ticker, start, end, at)
        return reconciled(exchange, yahoo).assign(source=self.name)


def reconciled(exchange: pd.DataFrame, yahoo: pd.DataFrame) -> pd.DataFrame:
    """One ticker's bars out of two sources.

    Parameters
    ----------
    exchange, yahoo : the `bars` contract in columns and types, raw, ascending by session; the
        exchange's with at least one row, and a dividend of NaN where it is not known.

    Returns
    -------
    Every row of the exchange. Of Yahoo's, those before its first and after its last, as far as the
    two agree on the session next to them: Yahoo may be in other units. A column `note` more: a
    `Message` where they differ, saying which was believed and why; None where they agree. Volumes
    are the exchange's, which counts odd lots and blocks; they are not compared.
    """
    own = exchange.reset_index(drop=True)
    yahoo = yahoo[yahoo["close"].notna()]
    beside = yahoo.set_index("session").reindex(own["session"]).reset_index()
    both = beside["close"].notna().to_numpy()
    notes = _Notes(own["session"])
    notes.add(~both, lambda row: _FILLED)
    apart = _compare_prices(own, beside, notes)
    own = _believe_actions(own, beside, both, notes)
    first, last = own["session"].iloc[[0, -1]]
    traded = yahoo[yahoo["volume"] > 0]  # Yahoo goes on through a halt with none
    early, late = traded[traded["session"] < first], traded[traded["session"] > last]
    inside = yahoo[yahoo["session"].between(first, last)]
    notes.left_out(inside[~inside["session"].isin(own["session"])], _untraded)
    agreed = ~apart[both]
    if not agreed[:1].any():
        notes.left_out(early, _of_other_prices)
        early = early.iloc[:0]
    if not agreed[-1:].any():
        notes.left_out(late, _of_other_prices)
        late = late.iloc[:0]
    parts = (early.assign(note=_BEFORE), own.assign(note=notes.column()), late.assign(note=_AFTER))
    found: pd.DataFrame = pd.concat([one for one in parts if len(one)], ignore_index=True)
    return found


class _Notes:
    """What is said of each row of the exchange."""

    def __init__(self, sessions: pd.Series) -> None:
        self._sessions = sessions
        self._of: list[list[Message]] = [[] for _ in sessions]

    def add(self, rows: np.ndarray, message: Callable[[int], Message]) -> None:
        """Say something of the rows where `rows` (bool) holds: of a run what its first row says."""
        for run in runs(np.flatnonzero(rows)):
            of_run = message(int(run[0]))
            for row in run:
                self._of[row].append(of_run)

    def left_out(self, stretch: pd.DataFrame, message: Callable[[dict[str, Any]], Message]) -> None:
        """Say on the nearest row since then that Yahoo's bars of a stretch were left out."""
        places = np.minimum(self._sessions.searchsorted(stretch["session"]), len(self._of) - 1)
        for row in np.unique(places):
            days = stretch["session"][places == row].dt.date
            values = {"count": len(days), "first": days.iloc[0], "last": days.iloc[-1]}
            self._of[row].append(message(values))

    def column(self) -> pd.Series:
        """One message a row, None where there is nothing to say."""
        return pd.Series(list(map(_together, self._of)), dtype=object)


def _together(notes: list[Message]) -> Message | None:
    if len(notes) > 1:
        return Message("sources.several", "{notes: }", {"notes": notes})
    return notes[0] if notes else None


def _compare_prices(own: pd.DataFrame, beside: pd.DataFrame, notes: _Notes) -> np.ndarray:
    """Where a price of Yahoo's is not the exchange's; bool, one a row."""
    ours, theirs = (one[list(PRICE_COLUMNS)].to_numpy(float) for one in (own, beside))
    far = np.abs(theirs / ours - 1.0) > _ALIKE  # False where either is NaN

    def message(row: int) -> Message:
        at = int(np.flatnonzero(far[row])[0])
        return Message(
            "sources.prices",
            "On {session}, Yahoo has {yahoo:.10g} for {price} and the exchange {exchange:.10g}; "
            "the exchange is believed, since the shares are traded there.",
            {
                "session": own["session"][row].date(),
                "yahoo": float(theirs[row, at]),
                "exchange": float(ours[row, at]),
                "price": PRICE_COLUMNS[at],
            },
        )

    apart: np.ndarray = far.any(axis=1)
    notes.add(apart, message)
    return apart


def _believe_actions(
    own: pd.DataFrame, beside: pd.DataFrame, both: np.ndarray, notes: _Notes
) -> pd.DataFrame:
    """The exchange's rows with the actions that are believed: its own where it knows them."""
    paid, ratio = own["dividend"].to_numpy(float), own["split_ratio"].to_numpy(float)
    others = beside["dividend"].to_numpy(float), beside["split_ratio"].to_numpy(float)
    listed = both & ((others[0] != 0.0) | (others[1] != 1.0))
    taken = np.isnan(paid) & listed
    differ = np.abs(others[1] / ratio - 1.0) > _ACTIONS_ALIKE
    differ |= np.abs(others[0] - paid) > _ACTIONS_ALIKE * np.maximum(paid, others[0])

    def values(row: int) -> dict[str, Any]:
        named = {"session": own["session"][row].date(), "split": float(others[1][row])}
        return named | {"dividend": float(others[0][row])}

    notes.add(
        taken,
        lambda row: Message(
            "sources.action-taken",
            "The exchange compares {session} with no session before and lists no action; Yahoo's "
            "dividend of {dividend:.6g} and split of {split:.6g} were taken.",
            values(row),
        ),
    )
    notes.add(
        differ & both & ~np.isnan(paid),
        lambda row: Message(
            "sources.actions",
            "On {session}, Yahoo lists a dividend of {dividend:.6g} and a split of {split:.6g}, "
            "the exchange {own_dividend:.6g} and {own_split:.6g}; the exchange is believed, since "
            "it sets the price after them.",
            values(row) | {"own_dividend": float(paid[row]), "own_split": float(ratio[row])},
        ),
    )
    return own.assign(
        dividend=np.where(taken, others[0], paid), split_ratio=np.where(taken, others[1], ratio)
    )


def _untraded(values: dict[str, Any]) -> Message:
    return Message(
        "sources.untraded",
        "Yahoo has {count:,} bars from {first} to {last} of sessions for which the exchange lists "
        "no trade; they were left out, since the exchange is believed.",
        values,
    )


def _of_other_prices(values: dict[str, Any]) -> Message:
    return Message(
        "sources.other-prices",
        "Yahoo's {count:,} bars from {first} to {last}, which the exchange does not have, were "
        "left out: on the session next to them its prices are not those of the exchange.",
        values,
    )
