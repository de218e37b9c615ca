"""A ticker that is removed while it is worked on stays removed; no stump of it is left."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import RemovedError
from core.market_data.backfill import backfill
from core.market_data.fetch import fetch_and_store
from core.market_data.ingest import WantedBars, ingest
from core.market_data.lake.bar_store import ParquetBars, Upserted
from core.market_data.records.backfill_log import Backfills
from core.market_data.records.ingest_log import IngestLog
from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.review import quality, release
from core.market_data.sources.source_contract import Source
from core.market_data.sources.yahoo import YahooSource
from core.market_data.validate import BarGateway, recheck, validate_and_store
from core.reference.tickers import Ticker
from tests.core.market_data.test_fetch import AT, evening
from tests.support.check_rows import AAPL, quiet, scaled
from tests.support.homes import Home, open_home
from tests.support.places import Place
from tests.support.yahoo.series import series
from tests.support.yahoo.server import FakeYahoo

MESSAGE = "^AAPL was removed while its bars were on their way; nothing was stored.$"


class Interrupted(YahooSource):
    """Yahoo, and somebody who acts when its answer is there."""

    then: Callable[[], object] = staticmethod(lambda: None)

    def fetch(self, *arguments: object) -> pd.DataFrame:
        found = super().fetch(*arguments)  # type: ignore[arg-type]
        self.then()
        return found


@pytest.fixture
def source(yahoo: FakeYahoo, home: Home) -> Interrupted:
    """All but the last session of AAPL is stored, and the last is there to be fetched."""
    source = Interrupted(home.path / "yahoo", yahoo.url, pause=0.01)
    whole = series("AAPL", AT)
    yahoo.frames["AAPL"] = whole.iloc[:-1]
    ingest(source, home.gateway, evening(whole["session"].iloc[-2]), WantedBars([AAPL]))
    yahoo.frames["AAPL"] = whole
    return source


def test_removed_during_an_ingest(home: Home, source: Interrupted) -> None:
    source.then = lambda: home.bars.remove(AAPL)
    ingest_log = IngestLog(home.database)
    with pytest.raises(RemovedError, match=MESSAGE):
        ingest(source, home.gateway, AT, WantedBars([AAPL]), ingest_log=ingest_log)
    assert home.bars.tickers() == [] and ingest_log.latest("AAPL") == []


def test_removed_during_a_backfill(home: Home, source: Interrupted) -> None:
    source.then = lambda: home.bars.remove(AAPL)
    start, done = pd.Timestamp("2026-11-02"), Backfills(home.database)
    with pytest.raises(RemovedError, match=MESSAGE):
        backfill(
            source,
            home.gateway,
            done,
            IngestLog(home.database),
            AT,
            WantedBars([AAPL], start=start),
        )
    assert home.bars.tickers() == []
    source.then = lambda: None
    filled = backfill(
        source, home.gateway, done, IngestLog(home.database), AT, WantedBars([AAPL], start=start)
    )
    assert filled.written == {"AAPL": Upserted(15)}, "what was not stored is not done"


def test_removed_and_tracked_anew_during_an_ingest(home: Home, source: Interrupted) -> None:
    """What was stored instead is whole, and the rows under way are among its own."""
    other = YahooSource(home.path / "yahoo", source._url, pause=0.01)

    def act() -> None:
        home.bars.remove(AAPL)
        ingest(other, home.gateway, AT, WantedBars([AAPL]))

    source.then = act
    ingest(source, home.gateway, AT, WantedBars([AAPL]))
    assert len(home.bars.load(adjusted=False)) == len(series("AAPL", AT))


class Vanishing(ParquetBars):
    """A lake from which somebody removes a ticker right before the next write."""

    def upsert(
        self, bars: pd.DataFrame, onto_stored: bool = False, in_place_of: str = ""
    ) -> Upserted:
        self.remove(AAPL)
        return super().upsert(bars, onto_stored, in_place_of)


def vanishing(home: Home) -> BarGateway:
    return replace(home.gateway, bars=Vanishing(home.path / "bars"))


def recheck_one(gateway: BarGateway) -> None:
    with pytest.raises(RemovedError, match=MESSAGE):
        recheck(gateway, AAPL, AT)


@pytest.fixture
def doubted(home: Home) -> Home:
    """A crash on row 40 of 60 that waits for a word."""
    bars = scaled(quiet(), slice(40, 60), 0.45)
    bars.loc[40, "volume"] *= 9
    validate_and_store(home.gateway, AAPL, bars, AT)
    return home


def test_removed_between_the_checks_and_the_write(doubted: Home) -> None:
    bars = quiet(61)[60:].assign(session=pd.Timestamp("2024-07-01"), volume=0.0)
    with pytest.raises(RemovedError, match=MESSAGE):
        validate_and_store(vanishing(doubted), AAPL, bars, AT)
    assert doubted.bars.tickers() == []
    assert (
        doubted.quarantine.entries("AAPL", (QuarantineStatus.OPEN, QuarantineStatus.REPAIRED)) == []
    )


def test_removed_during_a_decision(doubted: Home) -> None:
    (jump,) = doubted.quarantine.entries("AAPL", (QuarantineStatus.OPEN,))
    with pytest.raises(RemovedError, match=MESSAGE):
        release(vanishing(doubted), doubted.audit, jump.id, "ann", "true", AT)
    assert doubted.bars.tickers() == []


@pytest.mark.parametrize("check", [recheck_one, lambda gateway: quality(gateway, AT)])
def test_removed_while_it_is_checked_again(
    home: Home, check: Callable[[BarGateway], object]
) -> None:
    home.bars.upsert(quiet().assign(held="all"))
    check(vanishing(home))
    assert home.bars.tickers() == []


def test_rows_that_continue_what_is_gone_are_refused(place: Place) -> None:
    """In a folder and in a bucket, whatever lies there already."""
    lake, rows = place.open(), series("AAPL", AT)
    with pytest.raises(RemovedError, match=MESSAGE):
        lake.upsert(rows.tail(11), onto_stored=True)
    assert lake.tickers() == []
    lake.upsert(rows.iloc[:-1])
    assert lake.upsert(rows.tail(11), onto_stored=True) == Upserted(1, 0, 10)


def stump(yahoo: FakeYahoo, home: Home, nights: int) -> Source:
    """Eleven sessions of a long history, and some nights after that."""
    whole = yahoo.frames["AAPL"] = series("AAPL", AT)
    source = YahooSource(home.path / "yahoo", yahoo.url, pause=0.01)
    for night in range(nights + 1):
        rows = whole.iloc[-11 - nights :][: 11 + night]
        last = pd.Timestamp(evening(rows["session"].iloc[-1]))
        home.bars.upsert(rows.assign(ingested_at=last))
    return source


@pytest.mark.parametrize("nights", [0, 30])
def test_a_stump_is_filled_by_the_next_ingest_and_only_once(
    yahoo: FakeYahoo, home: Home, tmp_path: Path, nights: int
) -> None:
    source = stump(yahoo, home, nights)
    whole = len(yahoo.frames["AAPL"])
    done = ingest(source, home.gateway, AT, WantedBars([AAPL]))
    assert done.written == {"AAPL": Upserted(whole - 11 - nights, 0, 11 + nights)}
    again = ingest(source, home.gateway, AT, WantedBars([AAPL]))
    assert again.written == {"AAPL": Upserted(0, 0, 10)}, "an increment, as ever"
    fresh = open_home(tmp_path / "fresh")
    ingest(source, fresh.gateway, AT, WantedBars([AAPL]))
    found, wanted = (one.bars.load(adjusted=False) for one in (home, fresh))
    pd.testing.assert_frame_equal(
        found.drop(columns="ingested_at"), wanted.drop(columns="ingested_at"), check_exact=True
    )


def test_a_range_that_was_asked_for_is_no_stump(yahoo: FakeYahoo, home: Home) -> None:
    whole = yahoo.frames["AAPL"] = series("AAPL", AT)
    source = YahooSource(home.path / "yahoo", yahoo.url, pause=0.01)
    ingest(source, home.gateway, AT, WantedBars([AAPL], start=whole["session"].iloc[-60]))
    ((_, taken),) = fetch_and_store(source, home.gateway, AT, [Ticker.parse("AAPL")])
    assert not isinstance(taken, Exception) and taken.written == Upserted(0, 0, 10)
