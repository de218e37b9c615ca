"""What is installed is pinned, hashed and within the limits that are known to work."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.tree import ROOT

PIN = re.compile(
    r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)[^\n]*((?:\n {4}--hash=\S+[^\n]*)*)", re.M
)
LOCKS = ("requirements.txt", "requirements-dev.txt")
PEERS = "tests/benchmarks/peers/requirements.txt"


def pins(name: str) -> dict[str, tuple[set[str], int]]:
    """Per package of a lock: its versions (platforms may differ) and the fewest hashes of one."""
    found: dict[str, tuple[set[str], int]] = {}
    for package, version, hashes in PIN.findall((ROOT / name).read_text()):
        versions, fewest = found.get(canonicalize_name(package), (set(), 1_000))
        found[canonicalize_name(package)] = (
            versions | {version},
            min(fewest, hashes.count("--hash=sha256:")),
        )
    assert len(found) > 20, f"{name} holds hardly anything"
    return found


@pytest.mark.parametrize("name", (*LOCKS, PEERS))
def test_every_pin_has_hashes(name: str) -> None:
    assert [package for package, (_, hashes) in pins(name).items() if hashes == 0] == []


@pytest.mark.parametrize("name", (*LOCKS, PEERS))
def test_every_line_is_understood(name: str) -> None:
    """A requirement in another form (an address, a range) would escape the other rules."""
    text = (ROOT / name).read_text()
    starts = [line for line in text.splitlines() if line and line[0] not in " #"]
    assert len(starts) == len(PIN.findall(text))


@pytest.mark.parametrize("name", (*LOCKS, PEERS))
def test_direct_dependencies_are_pinned_as_declared(name: str) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["dependency-groups"]
    declared = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": groups["dev"],
        PEERS: groups["peers"],
    }[name]
    locked = pins(name)
    wrong = []
    for requirement in map(Requirement, declared):
        versions, _ = locked.get(canonicalize_name(requirement.name), (set(), 0))
        if not versions or not all(map(requirement.specifier.contains, versions)):
            wrong.append(f"{requirement} is locked as {versions or 'nothing'}")
    assert declared and wrong == []


CAP = re.compile(r'"[^"]*(?:<|==)[^"]*"')


def test_each_cap_says_whose_it_is() -> None:
    lines = (ROOT / "pyproject.toml").read_text().split("[dependency-groups]")[0].splitlines()
    caps = [line for line in lines if CAP.search(line)]
    assert len(caps) > 3
    assert [line for line in caps if not re.search(r"# ours: \w", line)] == []


def test_both_locks_agree() -> None:
    product, development = (pins(name) for name in LOCKS)
    shared = set(product) & set(development)
    assert shared
    different = [name for name in shared if not development[name][0] <= product[name][0]]
    assert different == []
