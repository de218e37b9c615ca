"""`python -m app tokens`: what is printed, kept and put on record."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from core.foundation.access import Access
from tests.house.tree import ROOT

pytestmark = pytest.mark.slow


def tokens(home: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "app", "tokens", *words]
    environment = {"TICKERLENS_HOME": str(home), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)


def test_a_token_is_added_listed_and_revoked(tmp_path: Path) -> None:
    home = tmp_path / "home"
    made = tokens(home, "add", "bob", "--role", "developer", "--days", "7")
    secret = made.stdout.strip()
    assert made.returncode == 0 and Access(home).holder(secret).may_act, made.stderr
    assert not Access(home).holder(tokens(home, "add", "eva").stdout).may_act
    listed = tokens(home, "list").stdout
    assert [line.split()[:2] for line in listed.splitlines()] == [
        ["name", "role"],
        ["bob", "developer"],
        ["eva", "viewer"],
    ]
    assert secret not in listed
    revoked = tokens(home, "revoke", "bob")
    assert revoked.stdout == "Revoked bob; sessions ended: 0.\n"
    assert "bob" not in tokens(home, "list").stdout
    with sqlite3.connect(home / "records.db") as records:
        rows = records.execute("SELECT action, subject, reason, door FROM audit").fetchall()
    assert rows == [
        ("add token", "bob, developer", "for 7 days", "command"),
        ("add token", "eva, viewer", "for 90 days", "command"),
        ("revoke token", "bob", "", "command"),
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("add", "Bob"), '"Bob" is not a name for a token; use a-z, 0-9 and -, a letter first.'),
        (("add", "bob", "--days", "-3"), "A token lasts 1 to 3,650 days, not -3."),
        (
            ("revoke", "bob"),
            "There is no token bob; python -m app tokens list names those there are.",
        ),
    ],
    ids=str,
)
def test_what_cannot_be_is_one_sentence(
    tmp_path: Path, words: tuple[str, ...], sentence: str
) -> None:
    done = tokens(tmp_path / "home", *words)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", sentence + "\n")
