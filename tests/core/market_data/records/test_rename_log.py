"""The record of renames, on each back end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from core.foundation.audit import Action, Audit
from core.foundation.errors import InvalidInputError, StorageError
from core.foundation.sql.database import Database
from core.market_data.records.rename_log import Rename, RenameLog
from core.market_data.records.watchlist import Watched, Watchlist
from core.reference.renames import Renames
from core.reference.tickers import Ticker
from tests.support.homes import AT

FB, META = Ticker.parse("FB"), Ticker.parse("META")
LATER = AT + timedelta(days=1)


@pytest.fixture
def database(records_url: str) -> Iterator[Database]:
    opened = Database(records_url)
    yield opened
    opened.close()


@pytest.fixture
def log(database: Database) -> RenameLog:
    return RenameLog(lambda: database)


def renamed(log: RenameLog, old: str = "FB", new: str = "META") -> Rename:
    rename = Rename(old, new, AT, "ann", "a new symbol")
    log.add(rename, Action(AT, "ann", "rename", f"{old} to {new}", "a new symbol"))
    return rename


def withdrawn(log: RenameLog, rename: Rename) -> None:
    log.take_back(rename, Action(LATER, "bob", "take back rename", "FB to META", "a mistake"))


def test_a_rename_is_in_force_and_on_the_audit(log: RenameLog, database: Database) -> None:
    assert log.in_force() == Renames() and log.latest(FB, META) is None
    rename = renamed(log)
    assert log.in_force() == Renames((("FB", "META"),))
    assert log.latest(FB, META) == rename and log.all() == [rename] and rename.in_force
    assert [(one.actor, one.action, one.reason) for one in Audit(database).latest()] == [
        ("ann", "rename", "a new symbol")
    ]


def test_taken_back_it_stays_on_record_by_whom_and_why_and_once(
    log: RenameLog, database: Database
) -> None:
    rename = renamed(log)
    for _ in range(2):
        withdrawn(log, rename)
    assert log.in_force() == Renames()
    expected = replace(
        rename, taken_back_at=LATER, taken_back_by="bob", taken_back_reason="a mistake"
    )
    assert log.all() == [expected] and not expected.in_force
    assert [one.actor for one in Audit(database).latest()] == ["bob", "ann"]
    renamed(log)
    assert log.in_force().now("FB") == "META" and len(log.all()) == 2


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("FB", "XYZ", "^FB is META now; name that.$"),
        ("GOOG", "FB", "^FB is META now; name that.$"),
        ("META", "FB", "^FB is META now; name that.$"),
    ],
)
def test_no_symbol_is_two_and_none_goes_in_a_circle(
    log: RenameLog, database: Database, old: str, new: str, reason: str
) -> None:
    renamed(log)
    with pytest.raises(InvalidInputError, match=reason):
        renamed(log, old, new)
    assert len(log.all()) == 1 == len(Audit(database).latest())


def test_of_a_chain_the_last_one_is_taken_back_first(log: RenameLog) -> None:
    first = renamed(log)
    renamed(log, "META", "MET")
    assert log.in_force().names("MET") == ("MET", "META", "FB")
    with pytest.raises(InvalidInputError, match="^META is MET now; take that back first.$"):
        withdrawn(log, first)
    assert first in log.all()


def test_without_the_records_what_was_read_last_holds(log: RenameLog, database: Database) -> None:
    renamed(log)

    def away() -> Database:
        raise StorageError("database.no-answer", "It does not answer.")

    lost = RenameLog(away)
    assert lost.in_force() == Renames()
    opened = [database]
    known = RenameLog(lambda: opened[0] if opened else away())
    assert known.in_force().now("FB") == "META"
    opened.clear()
    assert known.in_force().now("FB") == "META"


def test_the_watchlist_names_what_a_ticker_is_now(log: RenameLog, database: Database) -> None:
    watchlist = Watchlist(database, log.in_force)
    watchlist.add([FB], "yahoo", AT)
    rename = renamed(log)
    assert watchlist.all() == [Watched(META, "yahoo", AT)]
    watchlist.remove([FB])
    assert len(watchlist.all()) == 1, "nothing is called so any more"
    withdrawn(log, rename)
    assert watchlist.all() == [Watched(FB, "yahoo", AT)]
    renamed(log)
    watchlist.remove([META])
    assert watchlist.all() == []
