"""What the documents name exists, and what exists is documented."""

import importlib
import importlib.util
import re
import subprocess
import tomllib

import pytest

from core.foundation.settings import PREFIX, Settings
from core.foundation.source_commit import VERSION
from flows.cli import build_parser
from tests.house.documents import (
    CHINESE,
    README,
    code,
    commands,
    documents,
    drawn,
    everything,
    headings,
    links,
    modules,
    paths,
    reach,
)
from tests.house.generated import subcommands
from tests.house.layers import LAYERS
from tests.house.tree import ROOT

LONGEST = 130  # lines of the README
TEST_SETTINGS = {"TICKERLENS_TRIALS", "TICKERLENS_EVALUATION_DATA", "TICKERLENS_REQUIRE_ALL"}
PAGES = documents()


def targets() -> dict[str, str]:
    """The targets of the Makefile and what `make help` says of each; empty if nothing."""
    text = (ROOT / "Makefile").read_text()
    rules = re.findall(r"^([a-z][a-z-]*):(?!=)(?: (?!export)[^#\n]*)?(?:## (.*))?$", text, re.M)
    return {name: explanation for name, explanation in rules if name != "export"}


def test_every_target_explains_itself() -> None:
    assert len(targets()) > 10
    assert [name for name, explanation in targets().items() if not explanation] == []


def test_make_help_lists_every_target() -> None:
    output = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in targets() if f"make {name} " not in output] == []


def test_every_target_that_is_named_exists_and_every_one_is_named() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code(everything())))
    assert named == set(targets()) - {"help"}


def test_the_readme_is_short() -> None:
    assert len(README.read_text().splitlines()) <= LONGEST


def test_the_readme_leads_to_every_page() -> None:
    named = {path for path, _ in links(README.read_text())}
    assert set(PAGES) - {"README.md"} <= named


def test_the_first_line_leads_to_the_other_language() -> None:
    first = [path.read_text().splitlines()[0] for path in (README, CHINESE)]
    assert [list(links(line)) for line in first] == [
        [("docs/README.zh-Hant.md", "")],
        [("../README.md", "")],
    ]


def test_both_languages_say_the_same() -> None:
    """The same headings, commands and links stand in both, in the same order."""
    english, chinese = README.read_text(), CHINESE.read_text()
    assert english.count("\n## ") == chinese.count("\n## ")
    blocks = [
        [re.sub(r" *#.*| *\[.*?\]", "", block) for block in re.findall(r"```.*?```", page, re.S)]
        for page in (english, chinese)
    ]
    assert blocks[0] == blocks[1]
    ends = [[path.rpartition("/")[2] for path, _ in links(page)] for page in (english, chinese)]
    assert ends[0][1:] == ends[1][1:]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_leads_somewhere(page: str) -> None:
    for path, heading in links(PAGES[page]):
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page}: {path}"
        assert not heading or heading in headings(target.read_text()), f"{page}: #{heading}"


@pytest.mark.parametrize("page", PAGES)
def test_every_path_exists(page: str) -> None:
    assert [one for one in paths(PAGES[page]) if not (ROOT / one).exists()] == []


@pytest.mark.parametrize("page", PAGES)
def test_every_module_and_function_exists(page: str) -> None:
    assert [name for name in modules(PAGES[page]) if not importable(name)] == []


def importable(name: str) -> bool:
    """Whether a dotted name is a module of ours or something in one."""
    parent, _, last = name.rpartition(".")
    try:
        if importlib.util.find_spec(name) is not None:
            return True
    except ModuleNotFoundError:
        pass
    try:
        return hasattr(importlib.import_module(parent), last)
    except ModuleNotFoundError:
        return False


def test_every_setting_that_is_named_exists() -> None:
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]*[A-Z0-9]\b", everything()))
    named = {name for name in named if not name.startswith("TICKERLENS_TEST_")}
    assert settings <= named <= settings | TEST_SETTINGS


@pytest.mark.parametrize("page", PAGES)
def test_every_command_exists_with_its_options(page: str) -> None:
    known = subcommands(build_parser())
    for name, rest in commands(PAGES[page]):
        assert name in known, f"{page}: {name}"
        options = set(known[name][1]._option_string_actions)
        assert set(re.findall(r"(?<!\w)--[a-z]+", rest)) <= options, f"{page}: {name} {rest}"


def test_commands_are_looked_at() -> None:
    assert {"ingest", "train", "rollback"} <= {name for name, _ in commands(everything())}


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


def test_every_route_that_is_named_exists_and_every_one_is_named() -> None:
    named = set(re.findall(r"(/api/[a-z][a-z/{}_-]*[a-z}])", everything()))
    paths = importlib.import_module("app.api.routes").api.openapi()["paths"]
    there = {f"/api{path}" for path in paths} | {"/api/docs", "/api/openapi.json"}
    filled = {path.partition("/{")[0] for path in there}  # as an example calls it
    assert there <= {*named, "/api/openapi.json"} and named - {"/api/openapi"} <= there | filled


def test_the_picture_shows_who_may_import_whom() -> None:
    allowed = {(room(one), room(other)) for one, others in LAYERS.items() for other in others}
    for page in (README, CHINESE):
        arrows = drawn(page.read_text())
        assert arrows <= allowed
        assert reach(arrows) == reach(allowed)


def room(layer: str) -> str:
    """A row of the table as the picture calls it."""
    return layer.removeprefix("core.").split(".")[0]


def test_every_folder_has_a_place_in_the_architecture() -> None:
    tree = PAGES["docs/architecture.md"].partition("## ")[0]
    assert [name for name in LAYERS if f"{room(name)}/" not in tree and name != "core.wiring"] == []
