"""Whoever changes the ledger by SQL is found out, and what they changed is named."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Ledger, Written
from core.forecasts.ledger.reader import Reading
from core.forecasts.ledger.score_entry import score
from core.foundation.errors import DamagedError, StorageError
from core.foundation.sql.database import Database
from core.reference.sessions import SHIPPED
from core.registry.registry import ModelVersion
from tests.core.forecasts.ledger.test_ledger import CARD, NIGHT, later, made
from tests.support.homes import AT

COUNT = 5
CHANGED = "was changed after it was written."
AS_OF = "(AAPL as of 2024-06-28)"


def forecasts(count: int, first: int = 1) -> list[Forecast]:
    """The same of several model versions."""
    one, versions = made(), range(first, first + count)
    return [replace(one, model=ModelVersion(k, "random_walk", "", AT, CARD)) for k in versions]


@pytest.fixture
def database(records_url: str) -> Database:
    """Five forecasts, with a score each."""
    opened = Database(records_url)
    ledger = Ledger(opened)
    assert ledger.append(forecasts(COUNT), NIGHT) == Written(COUNT)
    for entry in ledger.open_entries():
        ledger.add_scores(score(entry, later([1.02]), AT, SHIPPED))
    found = ledger.verify()
    assert (found.forecasts, found.scores) == (COUNT, COUNT)
    assert whole_in_pieces(opened)
    return opened


def run(database: Database, *statements: str) -> None:
    with database.write() as connection:
        for statement in statements:
            assert connection.execute(sa.text(statement)).rowcount > 0


def whole_in_pieces(database: Database) -> bool:
    """What comes of reading two rows, then four, and so on."""
    ledger, reading = Ledger(database), Reading()
    for turn in range(1, 20):
        found = ledger.read_on(reading, 2**turn)
        if found is None or found.at_end:
            return found is not None
        reading = found
    raise AssertionError("It never comes to an end.")


def fault(database: Database) -> str:
    """What is said of it, which is found in pieces too."""
    assert not whole_in_pieces(database)
    with pytest.raises(DamagedError) as raised:
        Ledger(database).verify()
    assert "\n" not in raised.value.message
    return raised.value.message


EDITS = (
    "ticker = 'MSFT'",
    "as_of = '2024-06-27'",
    "model_version = 99",
    "kind = 'replayed'",
    "created_at = '2024-06-28 23:59:59.999999'",
    "last_close = last_close * 1.0000000001",
    "law = replace(cast(law AS text), '0', '1')",
    "law = '[]'",
    "previous = ''",
    "hash = ''",
)


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("number", [1, 3, COUNT])
def test_an_edited_forecast_is_named(database: Database, number: int, edit: str) -> None:
    if database_is_postgresql(database):
        edit = edit.replace("'1')", "'1')::json")
    run(database, f"UPDATE forecasts SET {edit} WHERE id = {number}")
    found = fault(database)
    assert found.startswith(f"Forecast {number} (") and found.endswith(CHANGED)


@pytest.mark.parametrize(
    "edit", ["actual = 1.0", "inside_80 = 1 - inside_80", "pit = NULL", "horizon = 7", "crps = 0"]
)
@pytest.mark.parametrize("number", [1, 3, COUNT])
def test_an_edited_score_is_named(database: Database, number: int, edit: str) -> None:
    run(database, f"UPDATE scores SET {edit} WHERE position = {number}")
    ahead = 7 if edit == "horizon = 7" else 1
    assert fault(database) == f"Score {number} (forecast {number} at horizon {ahead}) {CHANGED}"


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (1, "{}: one before 2 is missing."),
        (3, "{}: one between 2 and 4 is missing."),
        (COUNT, "{}: one after 4 is missing; 5 were written, 4 are there."),
    ],
)
@pytest.mark.parametrize("table", ["Forecasts", "Scores"])
def test_a_deleted_row_is_missed(
    database: Database, table: str, number: int, expected: str
) -> None:
    run(database, f"DELETE FROM scores WHERE position = {number}")
    if table == "Forecasts":
        run(database, f"DELETE FROM forecasts WHERE id = {number}")
    assert fault(database) == expected.format(table)


@pytest.mark.parametrize("number", [0, COUNT + 1])
def test_an_inserted_row_is_named(database: Database, number: int) -> None:
    names = "as_of, model_version, kind, created_at, last_close, law, previous, hash"
    run(
        database,
        f"INSERT INTO forecasts (id, ticker, {names}) "
        f"SELECT {number}, 'MSFT', {names} FROM forecasts WHERE id = 3",
    )
    expected = f"Forecast {number} (MSFT as of 2024-06-28) was put in from outside the ledger."
    assert fault(database) == expected


def test_a_row_inserted_in_place_of_a_deleted_one_is_named(database: Database) -> None:
    run(database, "DELETE FROM scores WHERE position = 3")
    run(database, "UPDATE forecasts SET id = 99 WHERE id = 3")
    assert fault(database).startswith("Forecasts: one between 2 and 4 is missing.")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("DELETE FROM ledger_heads", "Forecasts: the note of the newest is missing."),
        (
            "UPDATE ledger_heads SET rows = 4",
            "Forecasts: the note of the newest was changed; it counts 4, and 5 are there.",
        ),
        (
            "UPDATE ledger_heads SET hash = 'x'",
            f"Forecast 5 {AS_OF} was changed after it was written, "
            "or the note of the newest was.",
        ),
    ],
)
def test_a_changed_note_is_named(database: Database, statement: str, expected: str) -> None:
    run(database, statement)
    assert fault(database) == expected


def test_nothing_is_sealed_after_a_note_that_is_gone(database: Database) -> None:
    run(database, "DELETE FROM ledger_heads")
    with pytest.raises(
        StorageError, match="^Forecasts: the note of the newest is missing, so none"
    ):
        Ledger(database).append(forecasts(1, first=9), NIGHT)


@pytest.mark.parametrize("statement", ["DELETE FROM forecasts WHERE id = 5", ""])
def test_writing_goes_on_after_tampering_and_never_covers_it(
    database: Database, statement: str
) -> None:
    run(database, "DELETE FROM scores WHERE position = 5")
    if statement:
        run(database, statement)
    before = fault(database)
    assert Ledger(database).append(forecasts(2, first=9), NIGHT) == Written(2)
    after = fault(database)
    assert "missing" in before and "missing" in after


def test_what_no_reader_understands_is_named(tmp_path: Path) -> None:
    """SQLite takes any text anywhere."""
    for edit in ("created_at = 'soon'", "law = '{'", "as_of = 7", "last_close = x'00'"):
        database = Database(f"sqlite:///{tmp_path / edit[:4]}.db")
        Ledger(database).append(forecasts(3), NIGHT)
        run(database, f"UPDATE forecasts SET {edit} WHERE id = 2")
        assert fault(database).startswith("Forecast 2") and CHANGED in fault(database)
        database.close()


def database_is_postgresql(database: Database) -> bool:
    with database.read() as connection:
        return connection.dialect.name == "postgresql"


def test_writers_at_once_make_one_chain(records_url: str) -> None:
    parts = [forecasts(6, first=1 + 5 * k) for k in range(4)]  # each shares one with the next

    def write(part: list[Forecast]) -> int:
        ledger = Ledger(Database(records_url))
        return sum(ledger.append([one], NIGHT).new for one in part)

    with ThreadPoolExecutor(len(parts)) as pool:
        assert sum(pool.map(write, parts)) == 21
    assert Ledger(Database(records_url)).verify().forecasts == 21


def test_more_rows_than_are_read_at_once(records_url: str) -> None:
    ledger = Ledger(Database(records_url))
    ledger.append(forecasts(120), NIGHT)
    closes = [1.0 + k / 1000 for k in range(20)]
    for entry in ledger.open_entries():
        ledger.add_scores(score(entry, later(closes), AT, SHIPPED))
    assert ledger.verify().scores == 2400
    run(Database(records_url), "UPDATE scores SET actual = actual + 1 WHERE position = 1001")
    assert fault(Database(records_url)).startswith("Score 1001 (")
