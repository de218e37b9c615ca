"""Arrows between rooms are counted from the imports themselves."""

from pathlib import Path

import pytest

from tests.house.arrows import BEGIN, END, arrows, by_folder, placed, table

CODE = {
    "core/a/__init__.py": "",
    "core/a/one.py": "from core.b.two import x\nfrom core.b import two\nimport numpy",
    "core/a/deep/__init__.py": "",
    "core/a/deep/three.py": "from core.a import one\nfrom ..one import y",
    "core/b/__init__.py": "",
    "core/b/two.py": "x = 1",
    "app/four.py": "import core.a.one, core.b\nfrom core.a.deep.three import z",
    "tests/five.py": "import core.a.one",
}


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    for name, code in CODE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    return [tmp_path / name for name in CODE]


def test_an_arrow_goes_from_room_to_room_once(tmp_path: Path, paths: list[Path]) -> None:
    assert arrows(tmp_path, paths) == {
        ("core.a", "core.b"): 1,
        ("app", "core.a"): 1,
        ("app", "core.b"): 1,
    }


def test_single_folders_have_arrows_of_their_own(tmp_path: Path, paths: list[Path]) -> None:
    assert set(by_folder(tmp_path, paths)) == {
        ("core.a", "core.b"),
        ("core.a.deep", "core.a"),
        ("app", "core.a"),
        ("app", "core.a.deep"),
        ("app", "core.b"),
    }


def test_the_table_says_how_many_there_are(tmp_path: Path, paths: list[Path]) -> None:
    text = table(arrows(tmp_path, paths))
    assert text.startswith("3 rooms, 3 arrows from one to another.")
    assert "| app | a, b |" in text


def test_the_table_is_written_between_its_marks() -> None:
    page = f"before\n{BEGIN}\nold\n{END}\nafter\n"
    assert placed(page, "new") == f"before\n{BEGIN}\nnew\n{END}\nafter\n"
    with pytest.raises(ValueError, match="no two marks"):
        placed("nothing", "new")
