"""PostgreSQL goes away in the middle of things: one sentence, nothing half written, and on."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest
import sqlalchemy as sa

from core.foundation.audit import Action, Audit
from core.foundation.errors import StorageError
from core.foundation.sql.database import Database
from tests.support.databases import Wire, administration, cut_others, wired
from tests.support.homes import AT

MESSAGE = r"^The records database at postgresql://[^\n]* could not be used: [^\n]*\.$"
QUICK = 5  # seconds within which a person hears that the database is down


def cut(url: str) -> None:
    """End the connections of everybody else, who must have had one."""
    with administration(url) as connection:
        assert cut_others(connection) > 0


def subjects(database: Database) -> list[str]:
    return [action.subject for action in Audit(database).latest()]


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    opened = Database(postgres_url)
    Audit(opened).add(Action(AT, "ann", "train", "before"))
    yield opened
    opened.close()


@pytest.fixture
def wire(postgres_url: str) -> Iterator[tuple[Wire, str]]:
    with wired(postgres_url) as found:
        yield found


def test_a_cut_between_two_transactions_is_not_noticed(
    database: Database, postgres_url: str
) -> None:
    cut(postgres_url)
    Audit(database).add(Action(AT, "ann", "train", "after"))
    cut(postgres_url)
    assert subjects(database) == ["after", "before"]


INSERT = "INSERT INTO audit (at, who, action, subject, reason) VALUES (now(), 'a', 'b', 'lost', '')"


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_cut_in_the_middle_of_writing_is_one_sentence_and_leaves_nothing(
    goes_on: bool, database: Database, postgres_url: str
) -> None:
    with pytest.raises(StorageError, match=MESSAGE), database.write() as connection:
        connection.exec_driver_sql(INSERT)
        cut(postgres_url)
        if goes_on:  # the next statement fails; or the commit does
            connection.exec_driver_sql(INSERT)
    assert subjects(database) == ["before"]


def test_a_cut_in_the_middle_of_reading_is_one_sentence(
    database: Database, postgres_url: str
) -> None:
    with pytest.raises(StorageError, match=MESSAGE), database.read() as connection:
        cut(postgres_url)
        connection.exec_driver_sql("SELECT 1")
    assert subjects(database) == ["before"]


def test_what_the_block_raises_wins_over_the_cut(database: Database, postgres_url: str) -> None:
    own = KeyError("mine")
    with pytest.raises(KeyError) as raised, database.write() as connection:
        connection.exec_driver_sql(INSERT)
        cut(postgres_url)
        raise own
    assert raised.value is own
    assert subjects(database) == ["before"]


def test_a_server_that_is_down_is_said_quickly_until_it_is_back(
    wire: tuple[Wire, str], postgres_url: str
) -> None:
    relay, url = wire
    database = Database(url)
    relay.cut()
    for use in (database.read, database.write):
        assert seconds(use) < QUICK
    with pytest.raises(StorageError, match=r"^The records database cannot be opened at [^\n]*\.$"):
        Database(url)
    relay.mend()
    Audit(database).add(Action(AT, "ann", "train", "after"))
    assert subjects(Database(postgres_url)) == ["after"]


def test_a_wire_cut_in_the_middle_of_writing_leaves_nothing(
    wire: tuple[Wire, str], postgres_url: str
) -> None:
    relay, url = wire
    database = Database(url)
    with pytest.raises(StorageError, match=MESSAGE), database.write() as connection:
        connection.exec_driver_sql(INSERT)
        relay.cut()
    relay.mend()
    assert subjects(database) == []
    Audit(Database(postgres_url)).add(Action(AT, "ann", "train", "after"))  # no lock is held
    assert subjects(database) == ["after"]


def test_a_server_that_says_nothing_is_given_up(postgres_url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = sa.make_url(postgres_url).set(
            host="127.0.0.1", port=silent.getsockname()[1], password="hunter2"
        )
        started = time.monotonic()
        with pytest.raises(StorageError, match="cannot be opened at .*timeout") as refused:
            Database(address.render_as_string(hide_password=False))
    assert time.monotonic() - started < QUICK
    assert "hunter2" not in refused.value.message


def seconds(use: Callable[[], AbstractContextManager[sa.Connection]]) -> float:
    """How long it takes to be refused."""
    started = time.monotonic()
    with pytest.raises(StorageError, match=MESSAGE), use():
        raise AssertionError("there was nobody to answer")
    return time.monotonic() - started
