"""The documents, and what they name: commands, settings, paths, routes, pictures."""

import re
from collections.abc import Iterator

from tests.house.tree import ROOT, files

README = ROOT / "README.md"
CHINESE = ROOT / "docs" / "README.zh-Hant.md"


def documents() -> dict[str, str]:
    """Every page a newcomer reads, by its path."""
    found = [README, *files("docs/*.md")]
    return {path.relative_to(ROOT).as_posix(): path.read_text() for path in found}


def everything() -> str:
    return "\n".join(documents().values())


def code(text: str) -> str:
    """The parts of a page set as code: in prose, `make sure` is no command."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.S))


def links(text: str) -> Iterator[tuple[str, str]]:
    """The path and the heading of every link that stays in the checkout; either may be empty."""
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if not re.match(r"[a-z]+:", target):
            path, _, heading = target.partition("#")
            yield path, heading


def headings(text: str) -> set[str]:
    """The headings of a page as links name them."""
    found = re.findall(r"^#+ (.+)$", text, re.M)
    return {re.sub(r"[^\w\- ]", "", one.lower()).replace(" ", "-") for one in found}


def paths(text: str) -> set[str]:
    """The files and folders of the checkout that are named as code."""
    tops = "app|core|flows|monitoring|deploy|tests|docs"
    return set(re.findall(rf"`((?:{tops})/[\w./-]*|(?:\.ci|\.github)/[\w./-]+)`", text))


def modules(text: str) -> set[str]:
    """The dotted names of ours that are named as code."""
    return set(re.findall(r"`((?:app|core|flows|monitoring|tests)(?:\.\w+)+)`", text))


def commands(text: str) -> Iterator[tuple[str, str]]:
    """A command of the command line and the rest of its line, as code shows it."""
    for line in code(text).splitlines():
        for name, rest in re.findall(r"python -m flows ([a-z]+)\b([^`#]*)", line):
            yield name, rest


def drawn(text: str) -> set[tuple[str, str]]:
    """The arrows of the Mermaid picture on a page."""
    (picture,) = re.findall(r"```mermaid\n(.*?)```", text, re.S)
    return set(re.findall(r"^\s+(\w+)(?:\[[^]]*\])? --> (\w+)", picture, re.M))


def reach(arrows: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Every pair that some arrows, one after the other, lead between."""
    found = set(arrows)
    while True:
        more = {(a, d) for a, b in found for c, d in arrows if b == c} - found
        if not more:
            return found
        found |= more
