"""Writing to a table that forecasts are made from changes the edition of the records."""

import re
from collections.abc import Iterator

import pytest
import sqlalchemy as sa

from core.foundation.sql.database import Database, GuardedDatabase, metadata
from core.foundation.sql.written_tables import TABLES
from core.reference.tickers import Ticker
from core.workflows.forecast import forecast_one
from tests.support.homes import AT, Home
from tests.support.redis_server import redis_url


@pytest.fixture
def database(records_url: str) -> Iterator[Database]:
    found = Database(records_url, redis_url())
    yield found
    found.close()


def settled(database: Database) -> str:
    number = database.edition.settled()
    assert number
    return number


@pytest.mark.parametrize("table", TABLES)
def test_each_of_them_does(database: Database, table: str) -> None:
    before = settled(database)
    for statement in (f"DELETE FROM {table}", f'delete from "{table}" where 1 = 0'):
        with database.write() as connection:
            connection.execute(sa.text(statement))
            assert database.edition.settled() is None, "others see that somebody writes"
            meanwhile = database.edition.number()
        assert len({before, meanwhile, settled(database)}) == 3
        before = settled(database)


def test_what_is_undone_may_have_been_seen(database: Database) -> None:
    before = settled(database)
    with pytest.raises(ZeroDivisionError), database.write() as connection:
        connection.execute(sa.text("DELETE FROM renames"))
        raise ZeroDivisionError
    assert settled(database) != before


def test_other_tables_and_reading_do_not(database: Database) -> None:
    before = settled(database)
    guarded = GuardedDatabase(database, lambda connection: None)
    for one in (database, guarded):
        with one.write() as connection:
            connection.execute(sa.text("DELETE FROM audit"))
            connection.execute(sa.text("DELETE FROM forecasts WHERE 1 = 0"))
            connection.execute(sa.text("SELECT count(*) FROM scores"))
    with database.read() as connection:
        connection.execute(sa.text("SELECT count(*) FROM renames"))
    assert settled(database) == before
    with guarded.write() as connection:
        connection.execute(sa.text("DELETE FROM scores"))
    assert guarded.edition.number() != before


def test_another_process_sees_it(records_url: str) -> None:
    one, other = (Database(records_url, redis_url()) for _ in range(2))
    before = settled(one)
    with other.write() as connection:
        connection.execute(sa.text("DELETE FROM model_versions"))
    assert settled(one) == settled(other) != before
    for each in (one, other):
        each.close()


def test_postgresql_without_a_redis_has_none(postgres_url: str) -> None:
    database = Database(postgres_url)
    assert database.edition.number() is None
    database.close()


def test_a_forecast_is_made_from_no_other_table(copied: Home) -> None:
    """Whoever lets a forecast read another table has to name it among those."""
    read = set[str]()

    def note(connection: sa.Connection, cursor: object, statement: str, *more: object) -> None:
        words = set(re.findall(r"\w+", statement))
        read.update(name for name in metadata.tables if name in words)

    sa.event.listen(sa.Engine, "before_cursor_execute", note)
    try:
        found = forecast_one(copied, Ticker("AAPL"), lambda: AT)
        copied.forecast_stamp.now()
        copied.ledger.past_scores("XNYS", [1], found.as_of)
    finally:
        sa.event.remove(sa.Engine, "before_cursor_execute", note)
    assert read == {*TABLES, "forecasts", "ledger_heads"}
