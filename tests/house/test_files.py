"""Files stay small and are named after what they hold."""

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, files

LONGEST = 300
VAGUE = re.compile(r"(utils?|helpers?|managers?|common|misc|stuff)")
# Signs that are text in every font, such as a check mark or a triangle, are no emoji.
EMOJI = re.compile(
    "[\u2600-\u26ff\u2705\u270a\u270b\u2728\u274c\u2753-\u2757\ufe0f\U0001f000-\U0001faff]"
)
# Lists of facts and of prose have no length at which they should be split.
CODE = ("*.py", "*.css", "*.js", "*.yml", "*.yaml", "*.toml", "Makefile", ".ci/run")


def own(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def lines(path: Path) -> int:
    return len(path.read_text().splitlines())


def test_no_file_is_long() -> None:
    assert [own(path) for path in files(*CODE) if lines(path) > LONGEST] == []


def test_names_say_what_is_inside() -> None:
    parts = {
        part for path in files("*.py") for part in path.relative_to(ROOT).with_suffix("").parts
    }
    assert [part for part in parts if VAGUE.fullmatch(part)] == []


def test_nothing_is_left_to_do() -> None:
    marker = re.compile(r"\b(TO" + r"DO|FIX" + r"ME|X" + r"XX)\b")
    assert [own(path) for path in files(*CODE) if marker.search(path.read_text())] == []


def test_no_emoji() -> None:
    assert [own(path) for path in files(*CODE) if EMOJI.search(path.read_text())] == []


def test_the_root_holds_what_it_should() -> None:
    allowed = {
        *("app", "core", "flows", "monitoring", "tests", "deploy", "docs"),
        *("docker-compose.yml", "Dockerfile", "Makefile", "README.md", "LICENSE"),
        *("requirements.txt", "requirements-dev.txt", "pyproject.toml"),
    }
    names = {path.relative_to(ROOT).parts[0] for path in files()}
    assert {name for name in names if not name.startswith(".")} <= allowed


def test_no_path_of_one_machine() -> None:
    private = re.compile(r"(/ho" + r"me/\w|/Use" + r"rs/\w|/ro" + r"ot/|/wo" + r"rk/)")
    assert [own(path) for path in files(*CODE, "*.md") if private.search(path.read_text())] == []


def test_setup_can_be_read_by_an_old_python() -> None:
    """An old Python must get as far as the sentence that names the versions."""
    source = (ROOT / "app" / "launcher" / "bootstrap.py").read_text()
    ast.parse(source, feature_version=(3, 7))
    assert "from __future__" not in source and ":=" not in source
