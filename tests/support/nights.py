"""A home with tickers of one's own whose bars come session by session, as a clock goes on."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.foundation.errors import UnavailableError
from core.market_data.sources.closed_sessions import closed_sessions
from core.models import create
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.workflows.nightly import nightly
from monitoring.evidently_report import Measured
from tests.support.bars import frame
from tests.support.cards import CARD
from tests.support.homes import AT, Home, open_home

BEFORE = 300  # sessions a ticker has before the first night
NEW_YORK, TAIWAN = ("AAPL", "MSFT"), ("2330.TW", "2317.TW")


class Exchange:
    """A source with the bars of every session that had closed when it was asked.

    Parameters
    ----------
    untraded : dates on which a calendar is wrong: no bar of them ever comes.
    """

    name = "yahoo"

    def __init__(self, tickers: tuple[str, ...], start: str, end: str, *untraded: str) -> None:
        self.frames = {name: _bars(name, start, end, untraded) for name in tickers}
        self.away: set[str] = set()
        self.asked_for: list[str] = []

    def tickers(self) -> list[Ticker]:
        return [Ticker.parse(name) for name in self.frames]

    def fetch(
        self, ticker: Ticker, start: pd.Timestamp | None, end: pd.Timestamp | None, at: datetime
    ) -> pd.DataFrame:
        self.asked_for.append(ticker.symbol)
        if ticker.symbol in self.away:
            raise UnavailableError("test.away", "The source is away.")
        bars = self.frames[ticker.symbol].assign(ingested_at=pd.Timestamp(at))
        return closed_sessions(bars, ticker.market, at, SHIPPED)


def _bars(name: str, start: str, end: str, untraded: tuple[str, ...]) -> pd.DataFrame:
    sessions = SHIPPED[Ticker.parse(name).market.calendar].between(
        pd.Timestamp(start), pd.Timestamp(end)
    )
    dates = sessions[~sessions.isin(pd.DatetimeIndex(untraded))]
    steps = np.random.default_rng(len(name)).standard_normal(len(dates))
    close = 100.0 * np.exp(0.01 * np.cumsum(steps))
    return frame(
        name,
        dates,
        close,
        open=close,
        high=close * 1.01,
        low=close * 0.99,
        source="yahoo",
        volume=1e6 + np.arange(len(dates)),
    )


def night_home(path: Path, exchange: Exchange, first: datetime, url: str = "") -> Home:
    """A home that tracks the tickers of an exchange up to an instant, with a champion."""
    home = open_home(path, url)
    home.settings = home.settings.model_copy(update={"source": "yahoo"})
    home.offer(exchange)
    for ticker in exchange.tickers():
        home.bars.upsert(exchange.fetch(ticker, None, None, first))
    own = tuple(exchange.frames)
    bars = home.bars.load(adjusted=False)
    card = replace(CARD, tickers=own, skill_by_ticker={})
    model = home.registry.register(create("random_walk").fit(bars), card, AT)
    home.registry.promote(model.version, "ann", "first", AT)
    exchange.asked_for.clear()
    return home


def night(home: Home, at: datetime, market: str = "us", **more: Any) -> dict[str, Any]:
    """One night at an instant, which stands still meanwhile."""
    measure = more.pop("measure", lambda windows: Measured())
    return nightly(home, "ann", measure, clock=lambda: at, market=market, **more)


def made_live(home: Home) -> list[tuple[str, str]]:
    """Ticker and session of every forecast in the ledger, oldest first."""
    rows = home.ledger.served(home.ledger.tickers())
    return [(row["ticker"], str(row["as_of"])) for row in rows if row["kind"] == "live"]
