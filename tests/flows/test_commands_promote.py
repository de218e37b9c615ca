"""`promote` asks the gate first where its decision names a version that serves no longer."""

from pathlib import Path

from core.lifecycle.train import TrainingRequest, train
from tests.support.bars import walks
from tests.support.commands import run_command
from tests.support.homes import AT, open_home


def test_promote_prints_a_decision_against_the_version_that_serves(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.bars.upsert(walks(2, 700))
    for name in ("random_walk_gauss", "ewma", "drift"):
        train(home.bars, home.registry, TrainingRequest("ann", "try", name=name), AT)
    for version, against, requested in (("2", "1", 2), ("3", "2", 3)):
        moved = run_command(tmp_path, "promote", "--version", version, "--reason", "by hand")
        assert moved["champion"] == version
        assert (moved["gate"]["against"], moved["gate"]["lapsed"]) == (against, None)
        assert len(home.registry.decisions.latest()) == requested
    assert moved["gate"]["challenger_skill"]["n"] == moved["gate"]["champion_skill"]["n"] > 100
