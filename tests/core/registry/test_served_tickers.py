"""Which tickers the serving version learned, which it never did, and which the fallback serves."""

from dataclasses import replace

import pandas as pd
import pytest

from core.foundation.errors import NotFoundError
from core.lifecycle.monitor import build_report, monitoring_input
from core.market_data.lake.bar_origins import sources
from core.models import create
from core.reference.tickers import Ticker
from core.registry.model_card import ModelCard
from core.registry.served_tickers import served_tickers
from tests.core.forecasts.ledger.test_ledger import CARD
from tests.support.bars import walk
from tests.support.homes import AT, Home


def version(home: Home, *tickers: str, sample: bool = False, last: str = "2024-06-28") -> None:
    """A champion that learned from these tickers, up to a session."""
    fitted = create("random_walk").fit(walk())
    card: ModelCard = replace(CARD, tickers=tickers, sample=sample, window=f"2010-01-04..{last}")
    model = home.registry.register(fitted, card, AT)
    home.registry.promote(model.version, "ann", "newer", AT)


def store(
    home: Home, ticker: str, source: str, sessions: int = 700, end: str = "2024-06-28"
) -> None:
    home.bars.upsert(walk(ticker, sessions, len(ticker), end=end).assign(source=source))


def test_a_champion_of_the_sample_is_not_measured_in_the_fallback_s_place(home: Home) -> None:
    """Three calm boxes about 2013 while it served fifteen tickers of today it never learned."""
    store(home, "AAPL", "sample", end="2013-03-01")
    version(home, "AAPL", sample=True, last="2013-03-01")
    assert served_tickers(home.registry, sources(home.bars)).learned == ("AAPL",)
    for ticker in ("2330.TW", "2317.TW"):
        store(home, ticker, "csv")
    found = served_tickers(home.registry, sources(home.bars))
    assert (found.version, found.fallback) == (None, ("2317.TW", "2330.TW"))
    with pytest.raises(NotFoundError, match="^No version can serve 2 tickers, so the fallback "):
        monitoring_input(home.bars, home.registry)


def test_own_bars_of_a_sample_ticker_are_not_what_the_sample_s_model_learned(home: Home) -> None:
    store(home, "AAPL", "csv")
    version(home, "AAPL", sample=True)
    assert served_tickers(home.registry, sources(home.bars)).fallback == ("AAPL",)


def test_the_current_window_is_of_what_is_served_learned_or_not(home: Home) -> None:
    """A version of 2013 that serves other tickers of 2024: measured on these, and said."""
    store(home, "IBM", "csv", end="2013-03-01")
    version(home, "IBM", last="2013-03-01")
    for ticker in ("AAPL", "MSFT"):
        store(home, ticker, "csv")
    windows = monitoring_input(home.bars, home.registry)
    assert set(windows.states.reference["ticker"]) == {"IBM"}
    assert set(windows.states.current["ticker"]) == {"AAPL", "MSFT"}
    assert windows.states.current["session"].min() > pd.Timestamp("2024-01-01")
    report = build_report(windows, {}, {}, AT)
    assert report.unlearned == ("AAPL", "MSFT") and not report.sample
    for ticker in ("AAPL", "MSFT"):
        home.bars.remove(Ticker(ticker))
    assert monitoring_input(home.bars, home.registry).unlearned == ()


def test_a_ticker_with_its_own_specialist_is_not_the_champion_s(home: Home) -> None:
    for ticker in ("AAPL", "MSFT"):
        store(home, ticker, "csv")
    version(home, "AAPL")
    card = replace(CARD, tickers=("MSFT",), scope="MSFT")
    home.registry.register(create("random_walk").fit(walk()), card, AT)
    home.registry.promote(2, "ann", "its own", AT, ticker="MSFT")
    found = served_tickers(home.registry, sources(home.bars))
    assert (found.version, found.learned, found.unlearned) == (1, ("AAPL",), ())


def test_while_the_champion_is_damaged_what_serves_is_monitored(home: Home) -> None:
    store(home, "AAPL", "csv")
    version(home, "AAPL")
    version(home, "AAPL")
    home.registry.artifact(2).write_bytes(b"no model")
    assert monitoring_input(home.bars, home.registry).model.version == 1
