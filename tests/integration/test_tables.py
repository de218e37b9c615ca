"""What the steps in the migrations make is what the stores say, on both back ends."""

import ast
import importlib
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from core.foundation.sql import migrations
from core.foundation.sql.database import Database, metadata
from tests.house.layers import imported
from tests.house.tree import ROOT, files

FOLDER = Path(migrations.__file__).parent


def declared() -> sa.MetaData:
    """Every table, once each module that states some was imported."""
    found = 0
    for path in files("core/*.py"):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        nodes = list(ast.walk(ast.parse(path.read_text())))
        if any(
            "core.foundation.sql.database.metadata" in imported(node, name, False) for node in nodes
        ):
            importlib.import_module(name)
            found += 1
    assert found >= 2 and len(metadata.tables) >= 3
    return metadata


def test_alembic_finds_no_difference(records_url: str) -> None:
    with Database(records_url).read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), declared()) == []


def test_alembic_sees_a_difference(records_url: str) -> None:
    """Or the test above would prove nothing."""
    other = sa.MetaData()
    for table in declared().tables.values():
        table.to_metadata(other)
    sa.Table("audit", other, sa.Column("mood", sa.String(8)), extend_existing=True)
    other.tables["audit"].c.reason.type = sa.Integer()
    other.tables["audit"].c.who.nullable = True
    with Database(records_url).read() as connection:
        found = compare_metadata(MigrationContext.configure(connection), other)
    kinds = {entry[0] if isinstance(entry, tuple) else entry[0][0] for entry in found}
    assert kinds == {"add_column", "modify_type", "modify_nullable"}


def described(index: Mapping[str, Any]) -> str:
    """An index with its condition as text: SQLAlchemy gives an object that equals only itself."""
    options = {key: str(value) for key, value in index.get("dialect_options", {}).items()}
    return repr(sorted({**index, "dialect_options": options}.items()))


def facts(connection: sa.Connection) -> dict[str, object]:
    """All that a back end tells of its tables, and what Alembic leaves out of its comparison."""
    look = sa.inspect(connection)
    found: dict[str, object] = {}
    for name in sorted(set(look.get_table_names()) - {"alembic_version"}):
        columns = [
            {**one, "type": one["type"].compile(connection.dialect)}
            for one in look.get_columns(name)
        ]
        found[name] = (
            sorted(columns, key=lambda one: str(one["name"])),
            look.get_pk_constraint(name),
            look.get_foreign_keys(name),
            sorted(map(described, look.get_indexes(name))),
            sorted(look.get_unique_constraints(name), key=repr),
            sorted(look.get_check_constraints(name), key=repr),
        )
    if connection.dialect.name == "sqlite":  # which numbers are never given out again
        query = "SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%' ORDER BY name"
        found["counted"] = connection.exec_driver_sql(query).scalars().all()
    return found


def test_the_steps_make_what_the_stores_would_make(untouched_url: str) -> None:
    database, tables = Database(untouched_url), declared()
    with database.write() as connection:
        migrated = facts(connection)
        tables.drop_all(connection)
        tables.create_all(connection)
        made = facts(connection)
    assert set(tables.tables) <= set(migrated)
    assert migrated == made
    database.close()


def test_steps_are_one_line_numbered_as_their_files() -> None:
    names = sorted(path.name for path in (FOLDER / "versions").glob("*.py"))
    assert names and all(re.fullmatch(r"\d{4}(_[a-z0-9]+)+\.py", name) for name in names)
    numbers = [f"{k:04}" for k in range(1, len(names) + 1)]
    assert [name[:4] for name in names] == numbers == migrations.known()
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    steps = list(ScriptDirectory.from_config(config).walk_revisions())[::-1]
    assert [step.revision for step in steps] == numbers
    assert [step.down_revision for step in steps] == [None, *numbers[:-1]]


def test_steps_import_nothing_of_ours() -> None:
    for path in (FOLDER / "versions").glob("*.py"):
        nodes = ast.walk(ast.parse(path.read_text()))
        tops = {one.partition(".")[0] for node in nodes for one in imported(node, path.stem, False)}
        assert "alembic" in tops
        assert tops - sys.stdlib_module_names <= {"alembic", "sqlalchemy"}
