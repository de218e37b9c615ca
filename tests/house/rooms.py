"""What a folder of modules may hold, as functions over any tree, so that each rule can be tried."""

import ast
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

MODULES = 15  # modules a folder, where no other number is given
MORE_MODULES = {
    "core/models": 20,
    "core/foundation": 20,
    "core/foundation/sql/migrations/versions": 99,  # each stays for good
}
MIRRORED = ("core", "app", "flows", "monitoring")
PARAMETERS = 7  # of one function in core, beside self


def overfull(root: Path, paths: Iterable[Path]) -> list[str]:
    """Folders with more modules than they may have; tests are no rooms."""
    count = Counter(
        path.relative_to(root).parent.as_posix()
        for path in modules(root, paths)
        if path.name != "__init__.py"
    )
    return [
        f"{folder} holds {number} modules, {most} at most"
        for folder, number in sorted(count.items())
        if number > (most := MORE_MODULES.get(folder, MODULES))
    ]


def repeated_classes(root: Path, paths: Iterable[Path]) -> list[str]:
    """Names that two classes of core share."""
    found = defaultdict(list)
    for path in modules(root, paths):
        if path.relative_to(root).parts[0] == "core":
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    found[node.name].append(path.relative_to(root).as_posix())
    return [f"{name}: {', '.join(where)}" for name, where in found.items() if len(where) > 1]


def repeated_modules(root: Path, paths: Iterable[Path]) -> list[str]:
    """Names that two modules of one room share."""
    found = defaultdict(list)
    for path in modules(root, paths):
        own = path.relative_to(root)
        if path.name != "__init__.py":
            found[room(own), own.name].append(own.as_posix())
    return [", ".join(where) for where in found.values() if len(where) > 1]


def room(path: Path) -> str:
    """The room of a file: a folder below core and app, a page, or all of flows or monitoring."""
    deep = {"core": 2, "app": 3 if path.parts[1] == "views" else 2}.get(path.parts[0], 1)
    return "/".join(path.parent.parts[:deep])


def unmirrored(root: Path, paths: Iterable[Path]) -> list[str]:
    """Tests that stand beside no module they are named after."""
    known = set(paths)
    return [
        path.relative_to(root).as_posix()
        for path in sorted(known)
        if path.relative_to(root).parts[:1] == ("tests",)
        and path.relative_to(root).parts[1] in MIRRORED
        and path.name.startswith("test_")
        and not any(one in known for one in mirrors(root, path))
    ]


def mirrors(root: Path, test: Path) -> Iterator[Path]:
    """What a test may be of: the module or package of its name, or of the first words of it."""
    folder = root.joinpath(*test.relative_to(root).parts[1:-1])
    words = test.stem.removeprefix("test_").split("_")
    for count in range(len(words), 0, -1):
        name = "_".join(words[:count])
        yield from (folder / f"{name}.py", folder / name / "__init__.py")


def many_parameters(root: Path, paths: Iterable[Path]) -> dict[str, int]:
    """Functions of core that take more than `PARAMETERS`, each with how many; self is none."""
    return {
        f"{path.relative_to(root).as_posix()}:{node.name}": count
        for path in modules(root, paths)
        if path.relative_to(root).parts[0] == "core"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (count := parameters(node.args)) > PARAMETERS
    }


def parameters(taken: ast.arguments) -> int:
    named = (*taken.posonlyargs, *taken.args, *taken.kwonlyargs)
    own = [one for one in named if one.arg not in ("self", "cls")]
    return len(own) + (taken.vararg is not None) + (taken.kwarg is not None)


def modules(root: Path, paths: Iterable[Path]) -> Iterator[Path]:
    """Those of the program itself."""
    yield from (path for path in paths if path.relative_to(root).parts[0] in MIRRORED)
