"""Names are the field's words, not those that the glossary replaced."""

from pathlib import Path

import pytest

from tests.house.names import EXCEPTIONS, defined_old_words, old_words
from tests.house.tree import ROOT, files


def test_no_name_is_a_word_that_was_replaced() -> None:
    paths = files("*.py")
    assert len(paths) > 100
    assert old_words(ROOT, paths) == []


def test_every_exception_is_needed() -> None:
    found = defined_old_words(ROOT, files("*.py"))
    assert sorted(set(EXCEPTIONS) - set(found)) == []


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("def told(): pass", ["told"]),
        ("class Entry: pass", ["Entry"]),
        ("def f(who): pass", ["f.who"]),
        ("def f():\n    said = 1\n    return said", ["f.said"]),
        ("class A:\n    standing: str = ''", ["A.standing"]),
        ("class A:\n    def f(self):\n        self._watch = 1", ["A.f._watch"]),
        ("a = [kept for kept in b]", ["kept"]),
        ("f = lambda answer: answer", ["answer"]),
        ("import a as law", ["law"]),
        ("try:\n    pass\nexcept OSError as why:\n    pass", ["why"]),
        ("match a:\n    case [1, *held]:\n        pass\n    case _ as usual:\n        pass", 2),
        ("_MOST = 3", ["_MOST"]),
        ("MOST_CHARACTERS, who_asks = 3, 4", []),  # a part of a name is none
        ("def entry(record, order): return told(record.why, said=order)", []),
        ("from somewhere import told", []),  # the module that defines it is named
    ],
)
def test_each_kind_of_name_is_seen(text: str, where: list[str] | int, tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text(text)
    found = old_words(tmp_path, [path])
    if isinstance(where, int):
        assert len(found) == where
    else:
        assert found == [f"a.py:{one}" for one in where]


def test_a_column_or_key_is_seen_where_it_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "core" / "a.py"
    path.parent.mkdir()
    path.write_text("a = rows['rival'].map(rows[0]), rows['ticker'], values['why'], {'who': 1}")
    assert old_words(tmp_path, [path]) == ["core/a.py:['why']", "core/a.py:['rival']"]
