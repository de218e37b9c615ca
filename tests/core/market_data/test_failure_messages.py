"""What went wrong with several tickers, said once for those it is the same for."""

from datetime import datetime, timedelta

import pytest

from core.foundation.errors import (
    NotFoundError,
    RateLimitedError,
    TickerLensError,
    UnavailableError,
)
from core.foundation.sql.database import Database
from core.market_data.failure_messages import denied_sessions, together, with_denials
from core.market_data.ingest import outcomes_of, retold
from core.market_data.records.ingest_log import IngestAttempt, IngestLog, IngestOutcome
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.core.market_data.test_ingest import Shelf

ZZZZ = Ticker.parse("ZZZZ")


def silent(ticker: str) -> UnavailableError:
    return UnavailableError(
        "test.silent", "It cannot be reached; {ticker} was not fetched.", {"ticker": ticker}
    )


def busy(ticker: str) -> RateLimitedError:
    return RateLimitedError(
        "test.busy", "It is busy; {ticker} was not fetched.", {"ticker": Ticker.parse(ticker)}
    )


def unknown(ticker: str) -> NotFoundError:
    return NotFoundError("test.unknown", "There is no {ticker}.", {"ticker": ticker})


def test_alike_sentences_are_said_once_and_name_every_ticker() -> None:
    failures: dict[str, TickerLensError] = {
        name: silent(name) for name in ("A", "2330.TW", "BRK-B")
    }
    error = together(failures)
    assert type(error) is UnavailableError
    assert error.message == (
        "It cannot be reached; A was not fetched. So it was with 2330.TW, BRK-B."
    )
    assert error.sentence.parameters["tickers"] == ["2330.TW", "BRK-B"]


def test_different_sentences_follow_each_other() -> None:
    error = together({"A": busy("A"), "ZZZZ": unknown("ZZZZ"), "B": busy("B")})
    assert type(error) is RateLimitedError
    assert error.message == ("It is busy; A was not fetched. So it was with B. There is no ZZZZ.")


def test_what_is_within_a_sentence_counts_as_alike_too() -> None:
    def denied(ticker: str) -> NotFoundError:
        return NotFoundError.of(with_denials(unknown(ticker).sentence, 3))

    sentence = "There is no A. Not found on 3 sessions: possibly delisted; its history stays."
    assert together({"A": denied("A"), "B": denied("B")}).message == f"{sentence} So it was with B."


def test_one_alone_keeps_its_sentence() -> None:
    assert together({"A": silent("A")}).message == silent("A").message
    bar = NotFoundError("test.bar", "A bar is missing.")
    assert together({"A": bar}).message == "A bar is missing."
    assert together({"A": bar, "B": bar}).message == "A bar is missing. So it was with B."


@pytest.mark.parametrize(
    ("times", "expected"),
    [
        ([], 0),
        (["2026-11-20 22:00", "2026-11-20 23:00"], 1),
        (["2026-11-20 22:00", "2026-11-21 12:00", "2026-11-22 12:00", "2026-11-23 15:00"], 1),
        (["2026-11-20 22:00", "2026-11-23 22:00", "2026-11-24 22:00"], 3),
        (["2026-11-25 22:00", "2026-11-26 22:00"], 1),  # Thanksgiving
    ],
)
def test_a_weekend_and_a_holiday_are_no_further_session(times: list[str], expected: int) -> None:
    denied = [datetime.fromisoformat(f"{time}+00:00") for time in times]
    assert denied_sessions(SHIPPED[ZZZZ.market.calendar], denied) == expected


def test_possibly_delisted_is_said_from_the_third_session_on_and_not_after_an_answer(
    records_url: str,
) -> None:
    ingest_log, source = IngestLog(Database(records_url)), Shelf("yahoo")
    at = datetime.fromisoformat("2026-11-02T22:00+00:00")  # a Monday

    def message(day: int, error: TickerLensError | None = unknown("ZZZZ")) -> str:
        then = at + timedelta(days=day)
        found = None if error is None else retold(source, then, ZZZZ, error, ingest_log, SHIPPED)
        ingest_log.add(outcomes_of(source, then, {ZZZZ: found}))
        return "" if found is None else found.message

    plain = "There is no ZZZZ."
    assert [message(0), message(0), message(1)] == [plain] * 3
    assert message(2, silent("ZZZZ")) == silent("ZZZZ").message
    third = f"{plain} Not found on 3 sessions: possibly delisted; its history stays."
    assert message(3) == third and str(ingest_log.latest("ZZZZ")[0].message) == third
    assert message(4, None) == "" and message(7) == plain
    kinds = [one.outcome for one in ingest_log.latest("ZZZZ")]
    assert kinds == [
        IngestOutcome.NOT_FOUND,
        IngestOutcome.OK,
        IngestOutcome.NOT_FOUND,
        IngestOutcome.UNAVAILABLE,
        IngestOutcome.NOT_FOUND,
        IngestOutcome.NOT_FOUND,
        IngestOutcome.NOT_FOUND,
    ]
    ingest_log.add([IngestAttempt(at + timedelta(days=30), "ZZZZ", "csv", IngestOutcome.OK)])
    assert len(ingest_log.denials("ZZZZ", "yahoo")) == 1  # another source's answer says nothing


def test_two_denials_say_no_more_than_one() -> None:
    assert with_denials(unknown("A").sentence, 2) == unknown("A").sentence
