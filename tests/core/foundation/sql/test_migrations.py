"""A database of any earlier program is brought up whole or left alone; a newer one is refused."""

import logging
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.foundation.audit import Action, Audit
from core.foundation.errors import StorageError
from core.foundation.sql import migrations
from core.foundation.sql.addresses import with_driver
from core.foundation.sql.database import Database
from tests.house.tree import ROOT
from tests.support.homes import AT

NEXT = f"{int(migrations.known()[-1]) + 1:04}"

OPEN = """
import sys
from core.foundation.errors import TickerLensError
from core.foundation.sql.database import Database
print("ready", flush=True)
sys.stdin.readline()
try:
    Database(sys.argv[1])
except TickerLensError as error:
    print(error)
print("alembic" in sys.modules)
"""


def opening(url: str, release: Path = ROOT) -> "subprocess.Popen[str]":
    """A process of its own that will open a database once a line is sent to it."""
    pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return subprocess.Popen([sys.executable, "-c", OPEN, url], cwd=release, text=True, **pipes)


def opened(url: str, release: Path = ROOT) -> list[str]:
    """What it says: its one sentence, if any, and whether it loaded Alembic."""
    return opening(url, release).communicate("go\n", timeout=60)[0].splitlines()[1:]


def next_release(folder: Path, body: str) -> Path:
    """The program with one more step."""
    ignored = shutil.ignore_patterns("data", "__pycache__")
    shutil.copytree(ROOT / "core", folder / "core", ignore=ignored)
    step = folder / "core" / "foundation" / "sql" / "migrations" / "versions" / f"{NEXT}_more.py"
    step.write_text(
        "import sqlalchemy as sa\nfrom alembic import op\n\n"
        f'revision = "{NEXT}"\ndown_revision = "{migrations.known()[-1]}"\n\n\n'
        "def upgrade() -> None:\n" + "".join(f"    {line}\n" for line in body.splitlines())
    )
    return folder


def rows(database: Database, query: str) -> list[tuple[object, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(sa.text(query))]


def tables(url: str) -> set[str]:
    engine = sa.create_engine(with_driver(url), poolclass=sa.NullPool)
    return set(sa.inspect(engine).get_table_names())


def version(url: str) -> str:
    engine = sa.create_engine(with_driver(url), poolclass=sa.NullPool)
    with engine.connect() as connection:
        return str(connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar())


def copies(url: str) -> list[str]:
    """The files beside a SQLite database that are not part of it."""
    path = Path(sa.make_url(url).database or "")
    own = {path.name + ending for ending in ("", "-wal", "-shm")}
    return sorted(one.name for one in path.parent.iterdir() if one.name not in own)


def is_sqlite(url: str) -> bool:
    return url.startswith("sqlite")


def test_a_new_database_gets_every_table(untouched_url: str) -> None:
    database = Database(untouched_url)
    expected = {"audit", "model_versions", "alias_moves", "alembic_version"}
    assert expected <= tables(untouched_url)
    assert version(untouched_url) == migrations.known()[-1]
    assert rows(database, "SELECT * FROM audit") == []
    assert not is_sqlite(untouched_url) or copies(untouched_url) == []
    database.close()


def test_logging_stays_as_it_was_set(untouched_url: str) -> None:
    def settings() -> tuple[object, ...]:
        loggers = logging.root.manager.loggerDict.values()
        off = [one for one in loggers if isinstance(one, logging.Logger) and one.disabled]
        return logging.root.level, list(logging.root.handlers), off

    before = settings()
    Database(untouched_url).close()
    assert settings() == before


def test_opening_again_changes_nothing_and_does_not_load_alembic(records_url: str) -> None:
    Audit(Database(records_url)).add(Action(AT, "ann", "train", "1"))
    assert opened(records_url) == ["False"]
    assert len(Audit(Database(records_url)).latest()) == 1
    assert not is_sqlite(records_url) or copies(records_url) == []


def test_four_processes_open_an_empty_database_at_once(untouched_url: str) -> None:
    running = [opening(untouched_url) for _ in range(4)]
    for process in running:
        assert process.stdout is not None and process.stdout.readline() == "ready\n"
    for process in running:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    output = [process.communicate(timeout=60)[0].splitlines() for process in running]
    assert {len(lines) for lines in output} == {1}, output  # nobody complains
    assert ["True"] in output  # and somebody made the tables
    assert not is_sqlite(untouched_url) or copies(untouched_url) == []  # nobody saw them half made
    Audit(Database(untouched_url)).add(Action(AT, "ann", "train", "1"))
    assert rows(Database(untouched_url), "SELECT count(*) FROM alembic_version") == [(1,)]


# As the release before the first step made it.
OLD = """
CREATE TABLE audit (
    id INTEGER NOT NULL, at DATETIME NOT NULL, who VARCHAR(64) NOT NULL,
    action VARCHAR(64) NOT NULL, subject VARCHAR(256) NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (id)
);
CREATE TABLE model_versions (
    version INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, name VARCHAR(64) NOT NULL,
    sha256 VARCHAR(64) NOT NULL, created_at DATETIME NOT NULL, card JSON NOT NULL
);
CREATE TABLE alias_moves (
    id INTEGER NOT NULL, alias VARCHAR(32) NOT NULL, version INTEGER NOT NULL,
    at DATETIME NOT NULL, who VARCHAR(64) NOT NULL, reason TEXT NOT NULL,
    PRIMARY KEY (id), FOREIGN KEY(version) REFERENCES model_versions (version)
);
INSERT INTO audit VALUES
    (1, '2024-07-01 09:00:00.000000', 'ann', 'load sample', 'bars', ''),
    (2, '2024-07-01 09:00:01.500000', 'bob', 'ingest', 'csv: 2330.TW', '示範');
INSERT INTO model_versions VALUES
    (1, 'har', 'ab', '2024-07-01 09:00:00.000000', '{"bars": 1}'),
    (4, 'har', 'cd', '2024-07-02 09:00:00.000000', '{"bars": 2}');
INSERT INTO alias_moves VALUES (1, 'champion', 4, '2024-07-02 09:00:00.000000', 'ann', 'better');
"""
CONTENT = {
    "SELECT id, who, action, subject, reason FROM audit ORDER BY id": [
        (1, "ann", "load sample", "bars", ""),
        (2, "bob", "ingest", "csv: 2330.TW", "示範"),
    ],
    "SELECT version, name, sha256 FROM model_versions ORDER BY version": [
        (1, "har", "ab"),
        (4, "har", "cd"),
    ],
    "SELECT id, alias, version, reason FROM alias_moves": [(1, "champion", 4, "better")],
}


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """The file of an earlier release, at mode 600."""
    path = tmp_path / "100% mine" / "records.db"
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.executescript(OLD)
    path.chmod(0o600)
    return path


def test_an_old_database_is_adopted_with_all_it_holds(old: Path) -> None:
    database = Database(f"sqlite:///{old}")
    assert {query: rows(database, query) for query in CONTENT} == CONTENT
    assert version(f"sqlite:///{old}") == migrations.known()[-1]
    Audit(database).add(Action(AT, "ann", "train", "5"))
    assert [one.subject for one in Audit(database).latest()] == ["5", "csv: 2330.TW", "bars"]


def test_what_it_was_before_is_kept_beside_it(old: Path) -> None:
    Database(f"sqlite:///{old}")
    copy = old.with_name(f"records.db.before-{migrations.known()[-1]}")
    assert copies(f"sqlite:///{old}") == [copy.name]
    assert copy.stat().st_mode & 0o777 == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master")}
        found = {query: connection.execute(query).fetchall() for query in CONTENT}
    assert "alembic_version" not in names and found == CONTENT


def test_without_a_copy_nothing_is_changed(old: Path) -> None:
    old.with_name(f"records.db.before-{migrations.known()[-1]}").mkdir()
    with pytest.raises(StorageError, match="records.db.before-.* could not be written"):
        Database(f"sqlite:///{old}")
    assert tables(f"sqlite:///{old}") == {"audit", "model_versions", "alias_moves"}


def test_a_newer_database_is_refused_by_its_version(records_url: str) -> None:
    database = Database(records_url)
    known = migrations.known()[-1]
    expected = f"is of version 9999, but this program knows versions up to {known};"
    try:
        with database.write() as connection:
            connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
        with pytest.raises(StorageError, match=expected) as refused:
            Database(records_url)
        assert "\n" not in refused.value.message
        assert version(records_url) == "9999"
    finally:
        with database.write() as connection:
            connection.exec_driver_sql(f"UPDATE alembic_version SET version_num = '{known}'")
    assert not is_sqlite(records_url) or copies(records_url) == []


def test_the_next_release_adds_its_step_and_this_one_then_refuses(
    untouched_url: str, tmp_path: Path
) -> None:
    Audit(Database(untouched_url)).add(Action(AT, "ann", "train", "1"))
    step = 'op.create_table("notes", sa.Column("text", sa.Text, nullable=False))'
    release = next_release(tmp_path / "release", step)
    assert opened(untouched_url, release) == ["True"]
    assert opened(untouched_url, release) == ["False"]
    assert "notes" in tables(untouched_url) and version(untouched_url) == NEXT
    with pytest.raises(StorageError, match=f"is of version {NEXT}, but this program"):
        Database(untouched_url)
    if is_sqlite(untouched_url):
        assert copies(untouched_url) == [f"records.db.before-{NEXT}"]
        backup = untouched_url + f".before-{NEXT}"
        assert "notes" not in tables(backup) and len(Audit(Database(backup)).latest()) == 1


def test_a_step_that_fails_half_way_leaves_all_as_it_was(
    untouched_url: str, tmp_path: Path
) -> None:
    Audit(Database(untouched_url)).add(Action(AT, "ann", "train", "1"))
    before = tables(untouched_url)
    step = (
        'op.create_table("notes", sa.Column("text", sa.Text))\n'
        'op.execute("DELETE FROM audit")\n'
        'op.execute("INSERT INTO nowhere VALUES (1)")'
    )
    output = opened(untouched_url, next_release(tmp_path / "release", step))
    assert output[0].startswith("The records database cannot be opened at ") and output[1] == "True"
    assert "nowhere" in output[0] and len(output) == 2
    assert tables(untouched_url) == before
    assert len(Audit(Database(untouched_url)).latest()) == 1


CHANGE = """
options = {"sqlite_autoincrement": True}
with op.batch_alter_table("model_versions", table_kwargs=options) as table:
    table.alter_column("name", type_=sa.String(128), existing_nullable=False)
"""


def test_a_table_that_others_point_at_can_be_changed(old: Path, tmp_path: Path) -> None:
    output = opened(f"sqlite:///{old}", next_release(tmp_path / "100% new", CHANGE))
    assert output == ["True"]
    with closing(sqlite3.connect(old)) as connection:
        found = {query: connection.execute(query).fetchall() for query in CONTENT}
        points = connection.execute("PRAGMA foreign_key_list(alias_moves)").fetchall()
    assert found == CONTENT
    assert [(row[2], row[3], row[4]) for row in points] == [
        ("model_versions", "version", "version")
    ]


def test_a_step_that_tears_a_row_from_its_owner_is_undone(old: Path, tmp_path: Path) -> None:
    release = next_release(tmp_path / "release", 'op.execute("DELETE FROM model_versions")')
    output = opened(f"sqlite:///{old}", release)
    assert output == ["The table alias_moves points at rows that are gone.", "True"]
    assert "alembic_version" not in tables(f"sqlite:///{old}")
    database = Database(f"sqlite:///{old}")
    assert {query: rows(database, query) for query in CONTENT} == CONTENT
