"""A folder holds few modules, a name stands for one thing, a test stands beside what it tests."""

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from tests.house.rooms import (
    many_parameters,
    overfull,
    repeated_classes,
    repeated_modules,
    unmirrored,
)
from tests.house.tree import ROOT, files

Rule = Callable[[Path, Iterable[Path]], list[str]]
RULES: tuple[Rule, ...] = (overfull, repeated_classes, repeated_modules, unmirrored)


@pytest.mark.parametrize("rule", RULES)
def test_the_project_keeps_its_rooms(rule: Rule) -> None:
    paths = files("*.py")
    assert len(paths) > 100
    assert rule(ROOT, paths) == []


@pytest.mark.parametrize(
    ("rule", "names", "reason"),
    [
        (overfull, [f"app/web/a{n}.py" for n in range(16)], "app/web holds 16 modules, 15 at most"),
        (overfull, [f"core/models/a{n}.py" for n in range(21)], "21 modules, 20 at most"),
        (overfull, [f"core/foundation/a{n}.py" for n in range(21)], "21 modules, 20 at most"),
        (repeated_classes, ["core/a/b.py", "core/c/d.py"], "A: core/a/b.py, core/c/d.py"),
        (repeated_modules, ["core/a/b.py", "core/a/c/b.py"], "core/a/b.py, core/a/c/b.py"),
        (repeated_modules, ["app/views/a/b.py", "app/views/a/c/b.py"], "app/views/a/b.py"),
        (repeated_modules, ["app/web/b.py", "app/web/c/b.py"], "app/web/b.py"),
        (repeated_modules, ["flows/b.py", "flows/c/b.py"], "flows/b.py"),
        (unmirrored, ["core/a/b.py", "tests/core/c/test_b.py"], "tests/core/c/test_b.py"),
        (unmirrored, ["app/a/b.py", "tests/app/a/test_bc.py"], "tests/app/a/test_bc.py"),
        (unmirrored, ["flows/a.py", "tests/flows/test_b_a.py"], "tests/flows/test_b_a.py"),
        (unmirrored, ["tests/monitoring/test_a.py"], "tests/monitoring/test_a.py"),
    ],
)
def test_a_breach_is_seen(tmp_path: Path, rule: Rule, names: list[str], reason: str) -> None:
    found = rule(tmp_path, tree(tmp_path, names))
    assert len(found) == 1 and reason in found[0]


@pytest.mark.parametrize(
    ("rule", "names"),
    [
        (overfull, [f"core/a/{n}.py" for n in range(15)] + ["core/a/__init__.py"]),
        (overfull, [f"core/models/a{n}.py" for n in range(20)]),
        (overfull, [f"tests/support/a{n}.py" for n in range(30)]),
        (repeated_classes, ["app/a.py", "app/b.py", "core/a.py"]),
        (repeated_modules, ["core/a/b.py", "core/c/b.py"]),
        (repeated_modules, ["core/a/__init__.py", "core/a/c/__init__.py"]),
        (repeated_modules, ["app/views/a/page.py", "app/views/b/page.py"]),
        (unmirrored, ["core/a/b.py", "tests/core/a/test_b.py", "tests/core/a/test_b_at_once.py"]),
        (unmirrored, ["core/a/b/__init__.py", "tests/core/a/test_b.py"]),
        (unmirrored, ["tests/properties/test_a.py", "tests/core/a/other.py", "tests/conftest.py"]),
    ],
)
def test_what_is_allowed_passes(tmp_path: Path, rule: Rule, names: list[str]) -> None:
    assert rule(tmp_path, tree(tmp_path, names)) == []


def test_no_function_of_core_takes_many_parameters() -> None:
    assert many_parameters(ROOT, files("core/*.py")) == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(a, b, c, d, e, f, g): ...", {}),
        ("def f(a, b, c, d, e, f, g, h): ...", {"core/a.py:f": 8}),
        ("def f(a, b, c, /, d, e, *, f, g, h): ...", {"core/a.py:f": 8}),
        ("def f(a, b, c, d, e, f, *g, **h): ...", {"core/a.py:f": 8}),
        ("async def f(a, b, c, d, e, f, g, h): ...", {"core/a.py:f": 8}),
        ("class A:\n    def f(self, a, b, c, d, e, f, g): ...", {}),
        ("class A:\n    def f(self, a, b, c, d, e, f, g, h): ...", {"core/a.py:f": 8}),
    ],
)
def test_parameters_are_counted(tmp_path: Path, code: str, found: dict[str, int]) -> None:
    (path,) = tree(tmp_path, ["core/a.py"])
    path.write_text(code)
    assert many_parameters(tmp_path, [path]) == found


def tree(folder: Path, names: list[str]) -> list[Path]:
    """Files of these names, each with a class `A`."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("class A: ...\n")
    return [folder / name for name in names]
