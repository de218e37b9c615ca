"""A name has one holder at a time, and one that gives no sign of life loses it."""

import threading
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from core.foundation.errors import BusyError
from core.foundation.sql.database import Database
from core.foundation.sql.leases import LeaseLostError, Leases
from tests.support.homes import AT


@pytest.fixture
def database(records_url: str) -> Database:
    return Database(records_url)


@pytest.fixture
def leases(database: Database) -> Leases:
    return Leases(database)


def move(database: Database, seconds: float) -> None:
    """As if the clock had been moved while a lease was in force."""
    with database.write() as connection:
        table = sa.table("leases", sa.column("expires_at", sa.DateTime(timezone=True)))
        (expires,) = connection.execute(sa.select(table.c.expires_at)).scalars()
        connection.execute(sa.update(table).values(expires_at=expires - timedelta(seconds=seconds)))


def test_a_second_one_is_told_since_when_it_is_taken(leases: Leases) -> None:
    first = leases.acquire("train:all", "ann")
    assert first.fence == 1 and leases.in_force() == [first]
    with pytest.raises(BusyError, match="^train:all is under way since 20.*00:00.$") as error:
        leases.acquire("train:all", "bob")
    assert error.value.parameter == "ann"
    assert leases.acquire("train:us", "bob").fence == 1


def test_after_its_release_the_next_holder_has_a_higher_fence(leases: Leases) -> None:
    first = leases.acquire("train:all", "ann")
    leases.release(first)
    assert leases.in_force() == []
    second = leases.acquire("train:all", "ann")
    assert second.fence == 2
    leases.release(first)
    assert not leases.renew(first) and leases.in_force() == [second]


def test_one_that_is_not_renewed_runs_out_and_its_holder_finds_out(
    leases: Leases, database: Database
) -> None:
    first = leases.acquire("train:all", "ann")
    with database.write() as connection:
        leases.verify(connection, first)
    move(database, 14)
    with pytest.raises(BusyError):
        leases.acquire("train:all", "bob")
    assert leases.renew(first)
    move(database, 15.1)
    with pytest.raises(LeaseLostError, match="^The lease train:all was lost"):
        with database.write() as connection:
            leases.verify(connection, first)
    assert leases.renew(first), "nobody came meanwhile"
    move(database, 15.1)
    second = leases.acquire("train:all", "bob")
    assert not leases.renew(first) and leases.in_force() == [second]


def test_a_clock_that_was_set_back_keeps_nobody_out(leases: Leases, database: Database) -> None:
    leases.acquire("train:all", "ann")
    move(database, -3600)
    assert leases.acquire("train:all", "bob").fence == 2


def test_it_is_renewed_while_it_is_needed(database: Database) -> None:
    leases = Leases(database, ttl=1.0)
    with leases.hold("train:all", "ann", beat=0.2) as holding:
        time.sleep(1.5)
        holding.check()
        assert leases.in_force() == [holding.lease]
    assert leases.in_force() == []
    assert not any(one.name.startswith("lease ") for one in threading.enumerate())


def test_a_holder_that_gave_no_sign_of_life_hears_of_the_next_one(database: Database) -> None:
    leases = Leases(database, ttl=0.5)
    with leases.hold("train:all", "ann", beat=1.0) as holding:
        time.sleep(0.6)
        second = leases.acquire("train:all", "bob")
        time.sleep(0.8)
        with pytest.raises(LeaseLostError):
            holding.check()
    assert second.fence == 2 and not leases.renew(holding.lease)


def test_what_a_former_holder_stores_is_undone(leases: Leases, database: Database) -> None:
    first = leases.acquire("train:all", "ann")
    move(database, 16)
    leases.acquire("train:all", "bob")
    with pytest.raises(LeaseLostError), database.write() as connection:
        audit = sa.table("audit", *map(sa.column, ("at", "who", "action", "subject", "reason")))
        values = {"at": AT, "who": "", "action": "", "subject": "", "reason": ""}
        connection.execute(sa.insert(audit).values(**values))
        leases.verify(connection, first)
    with database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM audit")).scalar_one() == 0
