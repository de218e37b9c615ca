"""The records database: whole transactions, several writers, instants that keep their meaning."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from core.foundation.errors import StorageError
from core.foundation.sql.database import Database, Instant, is_there

_counts = sa.Table("counts_of_tests", sa.MetaData(), sa.Column("n", sa.Integer))
_names = sa.Table(
    "names_of_tests", sa.MetaData(), sa.Column("name", sa.String(32), nullable=False, unique=True)
)
_cards = sa.Table("cards_of_tests", sa.MetaData(), sa.Column("card", sa.JSON))
_instants = sa.Table("instants_of_tests", sa.MetaData(), sa.Column("at", Instant))


@pytest.fixture
def database(records_url: str) -> Database:
    opened = Database(records_url)
    with opened.write() as connection:
        for table in (_counts, _names, _cards, _instants):
            table.create(connection)
        connection.execute(sa.insert(_counts).values(n=0))
    return opened


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(sa.select(_counts.c.n)).scalar_one())


INCREMENT = """
import sys, sqlalchemy as sa
from core.foundation.sql.database import Database
database = Database(sys.argv[1])
for _ in range(int(sys.argv[2])):
    with database.write() as connection:
        n = connection.execute(sa.text("select n from counts_of_tests")).scalar_one()
        connection.execute(sa.text("update counts_of_tests set n = :n"), {"n": n + 1})
"""


def test_read_then_write_from_four_processes_loses_nothing(
    database: Database, records_url: str
) -> None:
    order = [sys.executable, "-c", INCREMENT, records_url, "50"]
    running = [subprocess.Popen(order, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    complaints = [process.communicate(timeout=120)[1] for process in running]
    assert complaints == [""] * 4
    assert count(database) == 200


def test_what_raises_is_undone_as_a_whole(database: Database) -> None:
    with pytest.raises(KeyError), database.write() as connection:
        connection.execute(sa.update(_counts).values(n=7))
        raise KeyError
    assert count(database) == 0


def test_what_the_block_raises_passes_through_as_it_is(database: Database) -> None:
    own = StorageError("test.failure", "mine")
    for use in (database.read, database.write):
        with pytest.raises(StorageError) as raised, use():
            raise own
        assert raised.value is own


@pytest.mark.parametrize("names", [["a", "a"], [None]])
def test_a_broken_constraint_is_the_caller_s_to_see(names: list[str], database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        for name in names:
            connection.execute(sa.insert(_names).values(name=name))
    with database.read() as connection:
        assert connection.execute(sa.select(_names)).all() == []


def test_a_key_must_point_at_something(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.exec_driver_sql(
            "INSERT INTO alias_moves (alias, version, at, who, reason) "
            "VALUES ('champion', 7, '2024-07-01 09:00:00', 'ann', 'first')"
        )


@pytest.mark.parametrize(
    "value",
    [
        {"b": [1, 2.5, None, True], "a": {"示範": "公司 \u00e9 \U0001d6fc \\ \" '"}},
        {"third": 1 / 3, "tiny": 5e-324, "large": 2**53 + 1},
        [],
        "text",
    ],
)
def test_json_comes_back_equal(value: object, database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.insert(_cards).values(card=value))
    with database.read() as connection:
        assert connection.execute(sa.select(_cards.c.card)).scalar_one() == value


def test_a_reader_sees_one_state_while_others_write(database: Database) -> None:
    with database.read() as reading:
        before = reading.execute(sa.select(_counts.c.n)).scalar_one()
        with database.write() as writing:
            writing.execute(sa.update(_counts).values(n=5))
        assert reading.execute(sa.select(_counts.c.n)).scalar_one() == before == 0
    assert count(database) == 5


TAIPEI = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    "at",
    [
        datetime(2024, 7, 1, 9, 30, 0, 123456, tzinfo=TAIPEI),
        datetime(2024, 3, 10, 7, 0, tzinfo=UTC),
        datetime(1999, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
    ],
)
def test_an_instant_comes_back_as_the_same_one_in_utc(at: datetime, database: Database) -> None:
    with database.write() as connection:
        connection.execute(sa.insert(_instants).values(at=at))
    with database.read() as connection:
        found = connection.execute(sa.select(_instants.c.at)).scalar_one()
    assert found == at and found.utcoffset() == timedelta(0)


def test_an_instant_is_the_same_whatever_zone_the_server_is_in(postgres_url: str) -> None:
    at = datetime(2024, 7, 1, 1, 30, tzinfo=UTC)
    elsewhere = sa.make_url(postgres_url).update_query_dict({"options": "-c timezone=Asia/Taipei"})
    database = Database(elsewhere.render_as_string(hide_password=False))
    with database.write() as connection:
        _instants.create(connection)
        connection.execute(sa.insert(_instants).values(at=at))
        shown = connection.exec_driver_sql("SELECT at::text FROM instants_of_tests").scalar_one()
        assert shown == "2024-07-01 09:30:00+08"
        found = connection.execute(sa.select(_instants.c.at)).scalar_one()
    assert found == at and found.utcoffset() == timedelta(0)


def test_instants_sort_by_time_whatever_zone_they_came_in(database: Database) -> None:
    early, late = datetime(2024, 7, 1, 9, tzinfo=TAIPEI), datetime(2024, 7, 1, 2, tzinfo=UTC)
    with database.write() as connection:
        connection.execute(sa.insert(_instants), [{"at": late}, {"at": early}])
    with database.read() as connection:
        found = connection.execute(sa.select(_instants.c.at).order_by(_instants.c.at)).scalars()
        assert list(found) == [early, late]


def test_what_was_written_is_there_after_reopening(database: Database, records_url: str) -> None:
    with database.write() as connection:
        connection.execute(sa.update(_counts).values(n=3))
    database.close()
    assert count(Database(records_url)) == 3


def test_sqlite_keeps_a_write_through_a_power_cut(tmp_path: Path) -> None:
    with Database(f"sqlite:///{tmp_path / 'records.db'}").read() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2, "FULL"


UNUSABLE = [
    "postgresql://lens:hunter2@127.0.0.1:1/records",
    "postgresql://lens:hunter2@127.0.0.1:port/records",
    "mysql://lens:hunter2@127.0.0.1:1/records",
    "nobase://lens:hunter2@127.0.0.1/records",
    "lens:hunter2",
    "",
    "postgresql://127.0.0.1:1/records?password=hunter2",
    "postgresql+nodriver://lens:hunter2@127.0.0.1:1/records",
    "sqlite:////proc/nobody/records.db",
]


@pytest.mark.parametrize("url", UNUSABLE)
def test_an_unusable_address_is_one_sentence_without_the_password(url: str) -> None:
    with pytest.raises(StorageError, match="^The records database cannot be opened at ") as refused:
        Database(url)
    assert "hunter2" not in refused.value.message and "\n" not in refused.value.message


def test_a_file_that_is_no_database_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_text("these are not the records you are looking for" * 100)
    expected = r"cannot be opened at sqlite:///.*records.db: file is not a database\.$"
    with pytest.raises(StorageError, match=expected):
        Database(f"sqlite:///{tmp_path / 'records.db'}")


def test_a_file_is_there_once_it_was_made_and_asking_makes_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'records.db'}"
    assert not is_there(url)
    assert not (tmp_path / "new").exists()
    Database(url).close()
    assert is_there(url)


@pytest.mark.parametrize(
    "url", ["postgresql://lens:hunter2@127.0.0.1:1/records", "sqlite://", "lens:hunter2", ""]
)
def test_what_is_no_file_is_for_opening_to_judge(url: str) -> None:
    assert is_there(url)


def test_a_file_that_breaks_later_is_one_sentence(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'records.db'}")
    (tmp_path / "records.db").write_bytes(b"a stray write " * 1000)
    expected = (
        r"^The records database at sqlite:///.*records.db could not be used: .*not a database\.$"
    )
    for use in (database.read, database.write):
        with pytest.raises(StorageError, match=expected), use():
            pass
