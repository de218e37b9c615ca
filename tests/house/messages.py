"""Every sentence with a code that the program can say, found in its syntax trees."""

import ast
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from tests.house.tree import ROOT, files

TREES = ("app", "core", "flows", "monitoring")
CODE = re.compile(r"[a-z][a-z-]*\.[a-z][a-z-]*")
_HANDS_ON = "core/foundation/errors.py"  # what an error is given becomes its message
_BASE = "TickerLensError"
_MESSAGE = "Message"


@dataclass(frozen=True)
class Sentence:
    """One place where a sentence is made; `names` are the parameters in its text."""

    place: str
    code: str
    text: str
    names: tuple[str, ...]


@cache
def sources() -> dict[str, ast.Module]:
    """The syntax tree of each module that may speak to a person, by its path."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text())
        for path in files(*(f"{tree}/*.py" for tree in TREES))
    }


def kinds(trees: Iterable[ast.Module]) -> set[str]:
    """Names of `TickerLensError` and of all that derive from it."""
    bases = {
        node.name: {_name(base) for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    found, more = {_BASE}, {_BASE}
    while more:
        more = {name for name, own in bases.items() if own & found} - found
        found |= more
    return found


def made_in(path: str, tree: ast.Module, errors: set[str]) -> Iterator[Sentence | str]:
    """Every sentence made in a module, or what is wrong with it as "file:line: what"."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or path == _HANDS_ON:
            continue
        place = f"{path}:{node.lineno}"
        if _name(node.func) in {*errors, _MESSAGE}:
            yield _read(place, node)
        elif isinstance(node.func, ast.Attribute) and node.func.attr == "of":
            if _name(node.func.value) in errors and _is_text(node.args[0]):
                yield f"{place}: of takes a Message"
        elif node.args and _is_unnamed(node.func, errors):
            yield f"{place}: the kind of error is not named; use type(...).of"


def _is_unnamed(kind: ast.expr, errors: set[str]) -> bool:
    """Whether what is called is chosen on the spot: `type(error)(...)`, `(A if b else C)(...)`."""
    if isinstance(kind, ast.Call):
        return _name(kind.func) == "type"
    return isinstance(kind, ast.IfExp) and _name(kind.body) in errors


def _read(place: str, node: ast.Call) -> Sentence | str:
    given = dict(zip(("code", "text", "parameters"), node.args, strict=False))
    given |= {one.arg: one.value for one in node.keywords if one.arg}
    code, text = _literal(given.get("code")), _literal(given.get("text"))
    if code is None or not CODE.fullmatch(code):
        return f"{place}: the code is no literal such as thing.what"
    if text is None:
        return f"{place}: the text of {code} is no literal"
    fields = [(name, form or "") for _, name, form, _ in string.Formatter().parse(text) if name]
    names = tuple(dict.fromkeys(name for name, _ in fields))
    if not all(name.isidentifier() for name in names):
        return f"{place}: {code} has a parameter without a plain name"
    if any(form.startswith("%") for _, form in fields):
        return f"{place}: {code} formats a date, which is stored as text; give a date"
    fault = _fault(given.get("parameters"), set(names))
    return f"{place}: {code} {fault}" if fault else Sentence(place, code, text, names)


def _fault(parameters: ast.expr | None, names: set[str]) -> str:
    """What is wrong with the parameters, as far as they are written out."""
    if parameters is None:
        return f"lacks {', '.join(sorted(names))}" if names else ""
    if not isinstance(parameters, ast.Dict):
        return ""
    keys = {_literal(key) for key in parameters.keys if key is not None}
    whole = None not in parameters.keys
    if None in keys or keys - names or (whole and keys != names):
        return "is not given what stands in its braces"
    for value in parameters.values:
        if any(_is_english(one) for one in ast.walk(value)):
            return "has a parameter made of words; make it a sentence of its own"
    return ""


def _is_english(node: ast.AST) -> bool:
    """Whether words are put together here: a translation could not reach them."""
    if isinstance(node, ast.IfExp):
        return bool(_literal(node.body) or _literal(node.orelse))
    joined = isinstance(node, ast.Call) and _name(node.func) == "join"
    return joined or isinstance(node, ast.JoinedStr)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or _literal(node) is not None


def _literal(node: ast.expr | None) -> str | None:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def sentences() -> list[Sentence]:
    """Every sentence of the program, by code and place."""
    trees = sources()
    errors = kinds(trees.values())
    found = [
        one
        for path, tree in trees.items()
        for one in made_in(path, tree, errors)
        if isinstance(one, Sentence)
    ]
    return sorted(found, key=lambda one: (one.code, one.place))
