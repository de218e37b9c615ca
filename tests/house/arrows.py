"""Which room imports which: `python -m tests.house.arrows` writes it into docs/architecture.md."""

import ast
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from pathlib import Path

from tests.house.layers import OWN, imported, layer_of
from tests.house.tree import ROOT, files

PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- arrows: written by make docs -->", "<!-- end of arrows -->"
Arrows = Counter[tuple[str, str]]


def arrows(root: Path, paths: Iterable[Path], of: Callable[[str], str] = layer_of) -> Arrows:
    """How many modules of one room import from another, by the two rooms.

    `of` names the room of a module; by default it is its row in the table of layers.
    """
    own = {module_of(root, path): path for path in paths if path.relative_to(root).parts[0] in OWN}
    packages = {module for module, path in own.items() if path.name == "__init__.py"}
    found: Arrows = Counter()
    for module, path in own.items():
        there = set()
        for node in ast.walk(ast.parse(path.read_text())):
            for name in imported(node, module, module in packages):
                target = name if name in own else name.rpartition(".")[0]
                if target in own:
                    there.add(of(target))
        found.update((of(module), other) for other in there - {of(module)})
    return found


def by_folder(root: Path, paths: Iterable[Path]) -> Arrows:
    """The same between the single folders."""
    paths = list(paths)
    packages = {module_of(root, path) for path in paths if path.name == "__init__.py"}
    return arrows(
        root, paths, lambda module: module if module in packages else module.rpartition(".")[0]
    )


def module_of(root: Path, path: Path) -> str:
    return ".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__")


def table(found: Arrows) -> str:
    """The count of arrows, and a row for each room that imports others."""
    targets = defaultdict(list)
    for here, there in sorted(found):
        targets[here].append(there.removeprefix("core."))
    return "\n".join(
        [
            summary(found, "rooms"),
            "",
            "| room | imports from |",
            "|---|---|",
            *(f"| {here} | {', '.join(there)} |" for here, there in targets.items()),
        ]
    )


def summary(found: Arrows, what: str) -> str:
    ends = {one for pair in found for one in pair}
    return f"{len(ends)} {what}, {len(found)} arrows from one to another."


def placed(page: str, text: str) -> str:
    """The page with this text between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise ValueError("The page has no two marks to write between.")
    return f"{before}{BEGIN}\n{text}\n{END}{after}"


def current() -> str:
    """The table of the checkout."""
    return table(arrows(ROOT, files("*.py")))


if __name__ == "__main__":
    PAGE.write_text(placed(PAGE.read_text(), current()))
    print(summary(by_folder(ROOT, files("*.py")), "single folders"))
    print(current())
