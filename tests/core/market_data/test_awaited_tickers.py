"""What was asked for stays on the list until it comes or is taken back."""

from datetime import datetime, timedelta

import pytest

from core.foundation.errors import NotFoundError, SourceError, UnavailableError
from core.market_data.awaited_tickers import Awaited, awaited
from core.market_data.ingest import Ingested, WantedBars, ingest
from core.market_data.records.ingest_log import IngestLog, IngestOutcome
from core.market_data.records.watchlist import Watchlist
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.workflows.bars.track_tickers import track
from tests.core.market_data.test_ingest import Shelf
from tests.support.bars import walk
from tests.support.homes import AT, Home

TSM, AAPL, ZZZZ = (Ticker.parse(symbol) for symbol in ("TSM", "AAPL", "ZZZZ"))
DAY = timedelta(days=1)


class RecordingShelf(Shelf):
    """A shelf that cannot list what it has, as Yahoo cannot."""

    def tickers(self) -> None:  # type: ignore[override]
        return None


def gone_well() -> RecordingShelf:
    return RecordingShelf("yahoo", TSM=walk("TSM"), AAPL=walk("AAPL", seed=1), ZZZZ=lost())


def lost() -> NotFoundError:
    return NotFoundError("test.failure", "Yahoo knows no ticker ZZZZ.", parameter="ticker")


def slow() -> SourceError:
    return UnavailableError("test.failure", "yahoo did not answer within 10 seconds for AAPL.")


def waiting(home: Home) -> list[Awaited]:
    ingest_log, watchlist = IngestLog(home.database), Watchlist(home.database)
    return awaited(watchlist, ingest_log, home.bars.tickers(), SHIPPED)


def run(home: Home, source: Shelf, *tickers: Ticker, at: datetime = AT) -> Ingested:
    ingest_log, watchlist = IngestLog(home.database), Watchlist(home.database)
    wanted = WantedBars(list(tickers) or None)
    return ingest(source, home.gateway, at, wanted, ingest_log=ingest_log, watchlist=watchlist)


def test_what_timed_out_is_listed_and_asked_for_again_by_each_ingest(home: Home) -> None:
    source = RecordingShelf("yahoo", TSM=walk("TSM"), AAPL=slow())
    home.offer(source)
    done = track(home, [TSM, AAPL], "ann", AT)
    assert done.ingested.failed == {"AAPL": slow().sentence}
    (one,) = waiting(home.again())
    assert (one.ticker, one.source, one.given_up) == (AAPL, "yahoo", False)
    assert one.outcome is not None and one.outcome.outcome == IngestOutcome.UNAVAILABLE
    assert one.outcome.message == slow().sentence and one.outcome.at == AT
    assert run(home, source).failed == {"AAPL": slow().sentence}, "nobody named it"
    assert list(run(home, gone_well()).written) == ["AAPL", "TSM"]
    assert waiting(home) == []


def test_it_is_listed_where_nothing_at_all_came(home: Home) -> None:
    with pytest.raises(SourceError):
        run(home, RecordingShelf("yahoo", AAPL=slow()), AAPL)
    assert [one.ticker for one in waiting(home)] == [AAPL]
    assert list(run(home, gone_well()).written) == ["AAPL"]


def test_it_is_listed_though_the_work_came_to_no_end(home: Home) -> None:
    with pytest.raises(ZeroDivisionError):
        run(home, RecordingShelf("yahoo", AAPL=ZeroDivisionError()), AAPL)
    (one,) = waiting(home)
    assert (one.ticker, one.outcome, one.added_at) == (AAPL, None, AT)


def test_an_unknown_ticker_is_given_up_after_three_sessions(home: Home) -> None:
    source = gone_well()
    run(home, source, TSM, ZZZZ)
    for days in (1, 2):
        (one,) = waiting(home)
        assert not one.given_up
        assert "ZZZZ" in run(home, source, at=AT + days * DAY).failed
    (one,) = waiting(home)
    assert (
        one.given_up and one.outcome is not None and one.outcome.outcome == IngestOutcome.NOT_FOUND
    )
    assert run(home, source, at=AT + 3 * DAY).failed == {}, "it is not asked for any more"
    assert "ZZZZ" in run(home, source, TSM, ZZZZ, at=AT + 3 * DAY).failed, "but by name"
    Watchlist(home.database).remove([ZZZZ])
    assert waiting(home) == []


def test_what_can_never_come_is_not_waited_for(home: Home) -> None:
    """An exchange without a calendar, and what a file does not hold."""
    home.bars.upsert(walk("AAPL").assign(source="sample"))
    nowhere = Ticker.parse("AAPL.XX")
    done = run(home, gone_well(), TSM, AAPL, nowhere)
    assert set(done.failed) == {"AAPL.XX"} and waiting(home) == []
    file = Shelf("csv", TSM=walk("TSM"), ZZZZ=lost())
    assert run(home, file, TSM, ZZZZ).failed == {"ZZZZ": lost().sentence}
    assert waiting(home) == []


def test_another_source_s_ticker_is_left_to_it(home: Home) -> None:
    run(home, RecordingShelf("yahoo", TSM=walk("TSM"), AAPL=slow()), TSM, AAPL)
    assert run(home, RecordingShelf("mirror", TSM=walk("TSM"), AAPL=walk("AAPL"))).failed == {}
    assert [one.ticker for one in waiting(home)] == [AAPL]
