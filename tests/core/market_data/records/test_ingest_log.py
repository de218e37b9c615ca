"""How ingests went: counted by outcome, what never happened left out."""

from datetime import timedelta

import sqlalchemy as sa

from core.foundation.messages import Message
from core.foundation.sql.database import Database, metadata
from core.market_data.records.ingest_log import IngestAttempt, IngestLog, IngestOutcome
from tests.support.homes import AT


def test_outcomes_are_counted_and_the_last_success_is_known(records_url: str) -> None:
    ingest_log = IngestLog(Database(records_url))
    assert ingest_log.counts() == {} and ingest_log.last_success() is None
    ingest_log.add([])
    later = AT + timedelta(hours=1)
    ingest_log.add(
        [
            IngestAttempt(AT, "A", "csv", IngestOutcome.OK),
            IngestAttempt(AT, "B", "csv", IngestOutcome.NOT_FOUND, Message("", "B is unknown.")),
        ]
    )
    ingest_log.add(
        [
            IngestAttempt(later, "A", "csv", IngestOutcome.UNAVAILABLE, Message("", "Silent.")),
            IngestAttempt(AT, "C", "csv", IngestOutcome.OK),
        ]
    )
    assert ingest_log.counts() == {
        IngestOutcome.OK: 2,
        IngestOutcome.NOT_FOUND: 1,
        IngestOutcome.UNAVAILABLE: 1,
    }
    assert ingest_log.last_success() == AT


def test_what_came_last_of_each_ticker_and_of_a_source(records_url: str) -> None:
    ingest_log = IngestLog(Database(records_url))
    assert ingest_log.last_of_each() == {} and ingest_log.latest_run("yahoo") == []
    later = AT + timedelta(hours=1)
    first = [
        IngestAttempt(AT, "A", "yahoo", IngestOutcome.OK),
        IngestAttempt(AT, "B", "yahoo", IngestOutcome.UNAVAILABLE, Message("", "Silent.")),
    ]
    second = [
        IngestAttempt(later, "B", "yahoo", IngestOutcome.OK),
        IngestAttempt(later, "C", "csv", IngestOutcome.NOT_FOUND, Message("", "No.")),
    ]
    ingest_log.add(first)
    ingest_log.add(second)
    assert ingest_log.last_of_each() == {"A": first[0], "B": second[0], "C": second[1]}
    assert ingest_log.latest_run("yahoo") == [second[0]]
    assert ingest_log.latest_run("csv") == [second[1]]
    assert ingest_log.last_success("yahoo") == later and ingest_log.last_success("csv") is None


def test_a_reason_keeps_its_code_and_older_ones_are_read_as_text(records_url: str) -> None:
    database = Database(records_url)
    ingest_log = IngestLog(database)
    limited = Message("yahoo.too-many", "{ticker} was not fetched.", {"ticker": "A"})
    ingest_log.add([IngestAttempt(AT, "A", "yahoo", IngestOutcome.RATE_LIMITED, limited)])
    assert ingest_log.latest("A")[0].message == limited
    with database.write() as connection:
        table = metadata.tables["ingest_outcomes"]
        assert connection.execute(sa.select(table.c.message)).scalar_one() == "A was not fetched."
        connection.execute(sa.update(table).values(sentence=None))  # as it was stored before
    assert ingest_log.latest("A")[0].message == Message("", "A was not fetched.")
