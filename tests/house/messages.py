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
_SENTENCE = re.compile(r"\b[a-z]{2,} .*[.!?]\Z", re.DOTALL)
_WORDS = re.compile(r"[a-z]{2,} [a-z]{2,}")
# Calls whose texts are for developers, for settings' documentation or for a log.
_FOR_NO_READER = {"Field", "ValueError", "TypeError", "AssertionError", "RuntimeError", "Timeout"}
_LOG = "_log"
# Where words without a code are right, and why; none may come.
WORDS_WITHOUT_CODE = {
    "core/foundation/keys/caller.py": "the name of who is at the command line, as recorded",
    "core/forecasts/forecast.py": "the name of who made a forecast, as the ledger has it",
    "core/models/short_history.py": "the name of a forecaster",
    "core/lifecycle/train.py": "a reason on record, text like that of a person",
    "core/market_data/checks/traded_sessions.py": "a reason on record, text like that of a person",
    "core/registry/mlflow_mirror.py": "queries, and what MLflow's own pages show",
}


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


def uncoded(path: str, tree: ast.Module, errors: set[str]) -> list[str]:
    """Sentences of core, and words put together with values, that have no code.

    They have to be a `Message` or an error, so that they can be said in another language. Left
    out are docstrings, what is told to developers or to a log, and `WORDS_WITHOUT_CODE`.
    """
    if not path.startswith("core/") or path in WORDS_WITHOUT_CODE:
        return []
    return [f"{path}:{line}: has no code: {text}" for line, text in _texts(tree, errors)]


def _texts(node: ast.AST, errors: set[str]) -> Iterator[tuple[int, str]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.JoinedStr):
            parts = [_literal(one) or "" for one in child.values]
            if any(map(_WORDS.search, parts)):
                yield child.lineno, "{}".join(parts)
        elif isinstance(child, ast.Constant):
            text = _literal(child) or ""
            if _SENTENCE.search(text):
                yield child.lineno, text
        elif not _is_docstring(child) and not _is_coded(child, errors):
            yield from _texts(child, errors)


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and _literal(node.value) is not None


def _is_coded(node: ast.AST, errors: set[str]) -> bool:
    """Whether it is a call whose texts have a code or no reader."""
    if not isinstance(node, ast.Call):
        return False
    of = node.func.value if isinstance(node.func, ast.Attribute) else None
    name = _name(node.func)
    read_by_nobody = name in _FOR_NO_READER or (of is not None and _name(of) == _LOG)
    return read_by_nobody or name == _MESSAGE or name in errors


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
