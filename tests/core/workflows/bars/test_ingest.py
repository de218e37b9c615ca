"""From where each ticker comes: Taiwan from its exchanges where a person wants that."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, TickerLensError
from core.foundation.settings import Settings
from core.market_data.ingest import WantedBars
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.backfill import backfill
from core.workflows.bars.ingest import ingest, parts_of
from core.workflows.bars.track_tickers import track
from core.workflows.nightly import nightly
from monitoring.evidently_report import Measured
from tests.support.exchange.server import FakeExchange
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo

AT = datetime(2026, 11, 20, 23, tzinfo=UTC)
AAPL, TSMC, WAFER = map(Ticker.parse, ("AAPL", "2330.TW", "6488.TWO"))


@pytest.fixture
def settings(yahoo: FakeYahoo, exchange: FakeExchange, tmp_path: Path) -> Settings:
    """Both on loopback, all sessions of 2330.TW but one at Yahoo."""
    taiwan = series("2330.TW", AT)
    yahoo.frames = {"AAPL": series("AAPL", AT), "2330.TW": taiwan.drop(600).reset_index(drop=True)}
    exchange.frames = {"2330.TW": taiwan, "6488.TWO": taiwan.assign(volume=7e6)}
    return Settings(
        _env_file=None,
        home=tmp_path / "home",
        yahoo_url=yahoo.url,
        yahoo_rate=0.0,
        twse_url=exchange.url,
        twse_seconds=0.0,
    )


def sources(workspace: Workspace) -> dict[str, str]:
    """The source of the newest bar of each ticker."""
    stored = workspace.bars.load(adjusted=False).groupby("ticker")["source"].last()
    return {str(name): str(source) for name, source in stored.items()}


def with_taiwan(settings: Settings, source: str) -> Workspace:
    return Workspace(settings.model_copy(update={"tw_source": source}))


def test_yahoo_is_the_default_and_no_exchange_is_asked(
    settings: Settings, exchange: FakeExchange
) -> None:
    workspace = Workspace(settings)
    track(workspace, [AAPL, TSMC], "ann", AT)
    ingest(workspace, WantedBars(), "ann", AT)
    assert sources(workspace) == {"AAPL": "yahoo", "2330.TW": "yahoo"}
    assert exchange.requests == []


@pytest.mark.parametrize("source", ["twse", "both"])
def test_taiwan_comes_from_where_the_settings_say_and_the_rest_from_yahoo(
    settings: Settings, exchange: FakeExchange, source: str
) -> None:
    workspace = with_taiwan(settings, source)
    done = track(workspace, [AAPL, TSMC, WAFER], "ann", AT)
    wanted = {"AAPL": "yahoo", "2330.TW": source, "6488.TWO": source}
    assert sources(workspace) == wanted and done.ingested.source == f"yahoo, {source}"
    assert {one.ticker.symbol: one.source for one in workspace.watchlist.all()} == wanted
    row = workspace.audit.latest(1)[0]
    assert row.subject == f"yahoo, {source}: AAPL, 2330.TW, 6488.TWO"
    count = len(workspace.bars.load("2330.TW", adjusted=False))
    assert count == len(exchange.frames["2330.TW"])
    before = len(exchange.requests)
    night = nightly(workspace, "ann", lambda windows: Measured(), clock=lambda: AT)
    assert night["ingest"]["source"] == f"yahoo, {source}" and sources(workspace) == wanted
    assert len(exchange.requests) - before < 12
    again = ingest(workspace, WantedBars(market="tw"), "ann", AT).ingested
    assert again.source == source and set(again.written) == {"2330.TW", "6488.TWO"}


def test_a_setting_that_is_changed_later_changes_where_taiwan_comes_from(
    settings: Settings, exchange: FakeExchange
) -> None:
    ingest(Workspace(settings), WantedBars([AAPL, TSMC], "yahoo"), "ann", AT)
    workspace = with_taiwan(settings, "both")
    done = ingest(workspace, WantedBars(), "ann", AT).ingested
    assert done.written["2330.TW"].new == 1 and done.written["AAPL"].new == 0
    assert sources(workspace) == {"AAPL": "yahoo", "2330.TW": "both"}
    (entry,) = workspace.quarantine.entries("2330.TW")
    assert entry.first == exchange.frames["2330.TW"]["session"][600].date()
    assert entry.reason.startswith("Yahoo has no bar of this session; it was filled")


def test_one_exchange_that_fails_keeps_nobody_else_from_its_bars(
    settings: Settings, exchange: FakeExchange
) -> None:
    exchange.mood = "too many"
    workspace = with_taiwan(settings, "twse")
    done = track(workspace, [AAPL, TSMC], "ann", AT).ingested
    assert set(done.written) == {"AAPL"}
    assert done.errors["2330.TW"].message == (
        "TWSE asks for fewer requests; 2330.TW was not fetched."
    )
    with pytest.raises(TickerLensError, match="^TWSE asks for fewer requests; 2330.TW was not"):
        track(workspace, [TSMC], "ann", AT)


def test_a_source_that_is_named_counts(settings: Settings, exchange: FakeExchange) -> None:
    workspace = with_taiwan(settings, "twse")
    ingest(workspace, WantedBars([TSMC], "yahoo"), "ann", AT)
    assert sources(workspace) == {"2330.TW": "yahoo"} and exchange.requests == []
    ingest(workspace, WantedBars([AAPL], "yahoo"), "ann", AT)
    done = ingest(Workspace(settings), WantedBars(source="twse"), "ann", AT).ingested
    assert set(done.written) == {"2330.TW"} and done.errors == {}
    with pytest.raises(InvalidInputError, match="such as 2330.TW or 6488.TWO; AAPL is none.$"):
        ingest(workspace, WantedBars([AAPL], "twse"), "ann", AT)


def test_a_backfill_fills_the_tickers_of_one_source_at_a_time(settings: Settings) -> None:
    workspace = with_taiwan(settings, "twse")
    track(workspace, [AAPL, TSMC], "ann", AT)
    wanted = WantedBars(start=pd.Timestamp("2026-10-01"))
    with pytest.raises(InvalidInputError, match="^These tickers come from yahoo and twse; "):
        backfill(workspace, wanted, "ann", AT)
    for tickers, source in (([TSMC], "twse"), ([AAPL], "yahoo")):
        done = backfill(workspace, replace(wanted, tickers=tickers), "ann", AT)
        assert done["source"] == source and list(done["written"]) == [str(tickers[0])]


def test_where_nothing_is_tracked_the_sentence_is_that_of_one_source(settings: Settings) -> None:
    workspace = with_taiwan(settings.model_copy(update={"source": "yahoo"}), "twse")
    (part,) = parts_of(workspace, WantedBars())
    assert part.source == "yahoo"
    with pytest.raises(InvalidInputError, match="^No ticker of your own is tracked yet"):
        ingest(workspace, WantedBars(), "ann", AT)
