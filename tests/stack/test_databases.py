"""The databases of the stack, made in a real PostgreSQL under names that nobody else has."""

import os
import re
import secrets
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from core.foundation.sql.addresses import with_driver
from tests.house.tree import ROOT

URL = os.environ.get("TICKERLENS_TEST_POSTGRES_URL", "")
SCRIPT = ROOT / "deploy" / "postgres" / "databases.sql"
PARTS = ("records", "mlflow", "prefect")


def run(address: sa.URL, script: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """The script, in the way that PostgreSQL's own image runs it."""
    target = address.set(drivername="postgresql").render_as_string(hide_password=False)
    order = ["psql", "-v", "ON_ERROR_STOP=1", "--no-password", "--no-psqlrc", "--dbname", target]
    return subprocess.run(
        [*order, "--file", script],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def made(tmp_path: Path) -> Iterator[tuple[sa.URL, str]]:
    """The server's address and the prefix of the names made there."""
    if not URL or shutil.which("psql") is None:
        pytest.skip("TICKERLENS_TEST_POSTGRES_URL is not set, or there is no psql.")
    prefix = f"t{secrets.token_hex(6)}_"
    words = "|".join(PARTS)
    text = re.sub(rf"\b(ROLE|DATABASE|OWNER) ({words})\b", rf"\1 {prefix}\2", SCRIPT.read_text())
    script = tmp_path / "databases.sql"
    script.write_text(text)
    address = sa.make_url(with_driver(URL))
    try:
        # A quote in a password must not end the text that it stands in.
        passwords = {f"{part.upper()}_PASSWORD": f"of'{part}" for part in PARTS}
        done = run(address, script, **passwords)
        assert done.returncode == 0, done.stderr
        yield address, prefix
    finally:
        engine = sa.create_engine(address, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with engine.connect() as connection:
            for what in ("DATABASE", "ROLE"):
                for part in PARTS:
                    connection.execute(sa.text(f"DROP {what} IF EXISTS {prefix}{part}"))


def owner_of(address: sa.URL, prefix: str, role: str, database: str) -> str:
    """Sign in to a database and make a table there; who owns it."""
    mine = address.set(username=prefix + role, password=f"of'{role}", database=prefix + database)
    engine = sa.create_engine(mine, poolclass=sa.NullPool)
    with engine.begin() as connection:
        connection.execute(sa.text("CREATE EXTENSION pg_trgm"))  # which Prefect asks for
        connection.execute(sa.text("CREATE TABLE things (a int)"))
        found = connection.execute(
            sa.text("SELECT tableowner FROM pg_tables WHERE tablename = 'things'")
        ).scalar_one()
    return str(found).removeprefix(prefix)


def test_each_part_owns_its_database_and_cannot_enter_another(made: tuple[sa.URL, str]) -> None:
    for role in PARTS:
        assert owner_of(*made, role, role) == role
        for other in set(PARTS) - {role}:
            with pytest.raises(OperationalError, match="permission denied for database"):
                owner_of(*made, role, other)


def test_a_missing_password_stops_it(tmp_path: Path, made: tuple[sa.URL, str]) -> None:
    address, prefix = made
    script = tmp_path / "again.sql"
    script.write_text(SCRIPT.read_text().replace("ROLE records", f"ROLE {prefix}again"))
    done = run(address, script)
    assert done.returncode != 0 and "syntax error" in done.stderr


def test_the_roles_are_those_of_the_addresses() -> None:
    text = SCRIPT.read_text()
    for what in ("ROLE", "DATABASE"):
        assert re.findall(rf"CREATE {what} (\w+)", text) == list(PARTS)
    assert re.findall(r"REVOKE ALL ON DATABASE (\w+) FROM PUBLIC", text) == list(PARTS)
