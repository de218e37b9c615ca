"""Whether the ledger is intact, as it is found out piece by piece."""

from pathlib import Path

import pytest

from core.forecasts.ledger.ledger import Ledger
from core.foundation.sql.database import Database
from monitoring.ledger_facts import LedgerFacts
from tests.core.forecasts.ledger.test_ledger import NIGHT
from tests.core.forecasts.ledger.test_ledger_tampering import forecasts, run
from tests.support.homes import AT
from tests.support.scrape import collected

CHANGE = "UPDATE forecasts SET last_close = last_close + 1 WHERE id = {}"
UNDO = "UPDATE forecasts SET last_close = last_close - 1 WHERE id = {}"


@pytest.fixture
def database(tmp_path: Path) -> Database:
    """Three forecasts."""
    opened = Database(f"sqlite:///{tmp_path / 'records.db'}")
    Ledger(opened).append(forecasts(3), NIGHT)
    return opened


def facts(database: Database, rows: int = 100, seconds: float = 0.0) -> LedgerFacts:
    return LedgerFacts(lambda: Ledger(database), rows, seconds)


def intact(facts: LedgerFacts) -> float | None:
    found = collected({"ledger": facts}, AT)
    assert found.named("facts_up") == {("ledger",): 1.0}
    return found.named("ledger_intact").get(())


def test_an_empty_ledger_is_intact(tmp_path: Path) -> None:
    assert intact(facts(Database(f"sqlite:///{tmp_path / 'records.db'}"))) == 1.0


def test_its_rows_are_counted(database: Database) -> None:
    found = collected({"ledger": facts(database)}, AT)
    assert found.named("ledger_rows_total") == {("forecasts",): 3.0, ("scores",): 0.0}


def test_nothing_is_said_before_all_was_read(database: Database) -> None:
    pieces = facts(database, rows=2)
    assert [intact(pieces) for _ in range(3)] == [None, 1.0, 1.0]


def test_a_scrape_reads_as_much_as_it_has_time_for(database: Database) -> None:
    assert intact(facts(database, rows=1, seconds=60)) == 1.0


def test_what_is_new_is_read_at_once(database: Database) -> None:
    ledger_facts = facts(database)
    assert intact(ledger_facts) == 1.0
    Ledger(database).append(forecasts(1, first=9), NIGHT)
    assert intact(ledger_facts) == 1.0
    Ledger(database).append(forecasts(1, first=10), NIGHT)
    run(database, CHANGE.format(5))
    assert intact(ledger_facts) == 0.0


def test_what_was_read_before_is_read_again_at_the_next_scrape(database: Database) -> None:
    ledger_facts = facts(database)
    assert intact(ledger_facts) == 1.0
    run(database, CHANGE.format(1))
    assert intact(ledger_facts) == 0.0
    run(database, UNDO.format(1))
    assert intact(ledger_facts) == 1.0


def test_a_ledger_longer_than_a_scrape_is_read_again_and_again(database: Database) -> None:
    ledger_facts = facts(database, rows=2)
    assert [intact(ledger_facts) for _ in range(2)] == [None, 1.0]
    run(database, CHANGE.format(1))
    assert [intact(ledger_facts) for _ in range(3)] == [0.0, 0.0, 0.0]


def test_a_fault_stands_until_all_is_found_whole(database: Database) -> None:
    ledger_facts = facts(database, rows=2)
    run(database, CHANGE.format(3))
    assert [intact(ledger_facts) for _ in range(4)] == [None, 0.0, 0.0, 0.0]
    run(database, UNDO.format(3))
    assert [intact(ledger_facts) for _ in range(2)] == [0.0, 1.0]


def test_what_no_reader_understands_is_a_fault_and_not_unreadable(database: Database) -> None:
    run(database, "UPDATE forecasts SET created_at = 'soon' WHERE id = 2")
    assert intact(facts(database)) == 0.0
