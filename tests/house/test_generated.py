"""What is written from the program is what the program says now."""

import argparse
from pathlib import Path

import pytest

from tests.house.generated import PAGES, described, kind, settings
from tests.house.tree import ROOT


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_it_is_current(path: Path) -> None:
    assert path.read_text() == PAGES[path](), f"{path.relative_to(ROOT)} is old: run make docs"


def test_every_setting_says_what_it_is() -> None:
    found = list(settings())
    assert len(found) > 20
    assert [
        name
        for name, _, description in found
        if len(description) < 15 or not description.endswith(".")
    ] == []


def test_an_option_is_a_row_with_its_choices_and_its_default() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("action", choices=("verify", "show"), help="check, or list")
    parser.add_argument("--every", type=int, default=4, help="sessions")
    parser.add_argument("--reason", required=True, help="why")
    parser.add_argument("--gate", action="store_true", help="let it serve")
    assert list(described(parser)) == [
        "| `action` | check, or list; one of verify, show |",
        "| `--every` | sessions; `4` if left out |",
        "| `--reason` | why; required |",
        "| `--gate` | let it serve |",
    ]


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        ({"type": "string"}, "string"),
        ({"anyOf": [{"type": "number"}, {"type": "null"}]}, "number or null"),
        ({"type": "array", "items": {"$ref": "#/a/Band"}}, "list of [Band](#band)"),
        ({"type": "object", "additionalProperties": {"type": "number"}}, "object of number"),
        ({}, "anything"),
    ],
)
def test_a_type_is_said_in_words(schema: dict[str, object], words: str) -> None:
    assert kind(schema) == words
