"""Names that we define: none is a word for which the glossary has the field's own.

A column or a key is one too where it is asked for by its name, as in `rows["rival"]`.

A word is left out of `WORDS` where it is also the plain one for what it names: `order`, `pair`,
`rest`, `record`, `entry`, `outcome`. What was meant by it in the old sense is named in `CLASSES`.
"""

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

from tests.house.layers import OWN

WORDS = frozenset(
    "law foretell foresee foretold fared said told stated stride restless restlessness thinned "
    "outdone seat bury lives stand_in gone_back_from way_back setback kept held usable mended "
    "take_in standing asked answer watch patience judge judgement proof prove walked saved came "
    "usual broken compared unsplit suspects payouts learnt who why duel duels rival find_leak leak "
    "yardstick era corrected_forecast ended_early conclude".split()
)
CLASSES = frozenset(
    "answer compared duel entry era excess fared field finding forgetful held intake judgement "
    "kept keptscores leave lives order outcomes pair patience proof record stated taken told watch "
    "yardstick".split()
)
CONSTANTS = frozenset({"_MOST", "_KEPT", "_NEAR", "_SOME", "_ENOUGH"})  # of what, in what unit?

# Where such a name is data at rest or somebody else's, and why; none may come.
EXCEPTIONS = {
    "app/api/schemas/bars_body.py:HistoryAnswer.held": "a key of the HTTP interface",
    "app/api/schemas/bars_body.py:HistoryAnswer.setback": "a key of the HTTP interface",
    "flows/deployments.py:ingest.who": "a parameter of a Prefect deployment",
    "flows/deployments.py:backfill.who": "a parameter of a Prefect deployment",
    "flows/deployments.py:train.who": "a parameter of a Prefect deployment",
    "flows/deployments.py:nightly.who": "a parameter of a Prefect deployment",
    "flows/deployments.py:replay.who": "a parameter of a Prefect deployment",
    "core/forecasts/serialize.py:['stand_in']": "a key of the cached JSON",
    "core/models/har.py:['stride']": "an array of a model file",
    "core/reference/session_overrides.py:['why']": "a column of the shipped table",
    "core/registry/gate.py:['answer']": "a key of a stored decision",
    "core/registry/gate.py:['saved']": "a key of a stored decision",
}


def old_words(root: Path, paths: Iterable[Path]) -> list[str]:
    """Names that stand in the table, as "file:where.name"."""
    return [one for one in defined_old_words(root, paths) if one not in EXCEPTIONS]


def defined_old_words(root: Path, paths: Iterable[Path]) -> list[str]:
    """The same with the exceptions."""
    found: dict[str, None] = {}
    for path in sorted(paths):
        own = path.relative_to(root).as_posix()
        tree = ast.parse(path.read_text())
        for where, name, is_class in names(tree, ""):
            if is_old(name, is_class):
                found[f"{own}:{where}{name}"] = None
        if own.partition("/")[0] in OWN:
            for name in filter(is_old, asked_for(tree)):
                found[f"{own}:['{name}']"] = None
    return list(found)


def is_old(name: str, is_class: bool = False) -> bool:
    """Whether a name is, but for underscores and capitals, a word of the table."""
    bare = name.strip("_").lower()
    return name in CONSTANTS or bare in WORDS or (is_class and bare in CLASSES)


def asked_for(tree: ast.AST) -> Iterator[str]:
    """Columns and keys that are asked for by a name, as in `rows["ticker"]`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
            yield str(node.slice.value)


def names(node: ast.AST, where: str) -> Iterator[tuple[str, str, bool]]:
    """What is defined in a tree: where ("Class.function."), the name, and whether of a class."""
    for child in ast.iter_child_nodes(node):
        inside = where
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield where, child.name, isinstance(child, ast.ClassDef)
            inside = f"{where}{child.name}."
        elif isinstance(child, ast.arg):
            yield where, child.arg, False
        elif isinstance(child, ast.Name | ast.Attribute) and isinstance(child.ctx, ast.Store):
            yield where, child.id if isinstance(child, ast.Name) else child.attr, False
        elif isinstance(child, ast.alias) and child.asname:
            yield where, child.asname, False
        elif isinstance(child, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and child.name:
            yield where, child.name, False
        yield from names(child, inside)
