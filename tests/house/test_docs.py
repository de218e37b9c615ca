"""What the documents name exists, and what exists is documented."""

import importlib
import re
import subprocess
import sys
import tomllib

from core import VERSION
from core.settings import PREFIX, Settings
from tests.house.tree import ROOT

README = ROOT / "README.md"


def readme() -> str:
    return README.read_text()


def targets() -> dict[str, str]:
    """The targets of the Makefile and what `make help` says of each; empty if nothing."""
    text = (ROOT / "Makefile").read_text()
    rules = re.findall(r"^([a-z][a-z-]*):(?!=)(?: (?!export)[^#\n]*)?(?:## (.*))?$", text, re.M)
    return {name: said for name, said in rules if name != "export"}


def settings() -> set[str]:
    return {PREFIX + name.upper() for name in Settings.model_fields}


def example() -> dict[str, str]:
    text = (ROOT / ".env.example").read_text()
    return dict(re.findall(rf"^({PREFIX}[A-Z0-9_]+)=(.*)$", text, re.M))


def test_every_target_explains_itself() -> None:
    assert len(targets()) > 10
    assert [name for name, said in targets().items() if not said] == []


def test_make_help_lists_every_target() -> None:
    said = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert [name for name in targets() if f"make {name} " not in said] == []


def test_every_make_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"\bmake ([a-z][a-z-]*)", code(readme())))
    assert {"run", "test"} <= named <= set(targets())


def test_every_setting_is_in_the_example() -> None:
    assert set(example()) == settings()


def test_the_example_shows_the_defaults() -> None:
    defaults = {
        PREFIX + name.upper(): str(field.default) for name, field in Settings.model_fields.items()
    }
    assert {name: value for name, value in example().items() if defaults.get(name) != value} == {}


def test_every_setting_in_the_readme_exists() -> None:
    outside = {"TICKERLENS_TRIALS", "TICKERLENS_EVALUATION_DATA", "TICKERLENS_REQUIRE_ALL"}
    named = set(re.findall(rf"\b{PREFIX}[A-Z0-9_]+\b", readme()))
    named = {name for name in named if not name.startswith("TICKERLENS_TEST_")}
    assert named <= settings() | outside


def test_every_flow_command_in_the_readme_exists() -> None:
    named = set(re.findall(r"python -m flows ([a-z]+)", readme()))
    assert named
    done = subprocess.run(
        [sys.executable, "-m", "flows", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    assert {name for name in named if not re.search(rf"\b{name}\b", done.stdout)} == set()


def test_the_version_is_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION


def test_the_api_in_the_readme_is_the_api() -> None:
    named = set(re.findall(r"(/api/[a-z][a-z/{}_-]*[a-z}])", readme()))
    assert named
    api = importlib.import_module("app.api.routes").api
    paths = {path if path.startswith("/api/") else f"/api{path}" for path in api.openapi()["paths"]}
    assert named - {"/api/docs", "/api/openapi"} <= paths
    assert paths - {"/api/signin", "/api/signout"} <= named


def code(text: str) -> str:
    """The parts of a page set as code: in prose, `make sure` is no command."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.S))
