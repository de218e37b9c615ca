"""Sixty sessions of the autumn of 2008, monitored and trained as the commands do."""

import shutil
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.evaluation.drift_thresholds import distance
from core.foundation.messages import Message
from core.foundation.settings import Settings
from core.lifecycle.monitor import INPUTS, OUTPUTS, MonitoringInput
from core.lifecycle.monitoring_windows import shortfall
from core.lifecycle.train import TrainingRequest, train
from core.market_data.ingest import WantedBars, ingest
from core.market_data.sources.sample import SampleSource
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.monitor import monitor
from core.workflows.training.train import train as run_train
from monitoring.evidently_report import Measured
from tests.support.homes import AT, Home, open_home

pytestmark = pytest.mark.slow
TICKERS = ("IBM", "MSFT")
BEFORE, SESSIONS = 1000, 60


def measure(windows: MonitoringInput) -> Measured:
    """What Evidently gives, see tests/monitoring/test_evidently_report.py, without its pages."""
    if shortfall(windows.states):
        return Measured()
    reference, current = windows.states.reference, windows.states.current
    columns = INPUTS + OUTPUTS
    found = {
        name: distance(reference[name].to_numpy(), current[name].to_numpy()) for name in columns
    }
    error = float(windows.errors.pair.current["error"].mean())
    return Measured(found, {"mae": error, "reference mae": error})


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """Two US stocks as traded, from four years before the crisis to 60 sessions into it."""
    home = open_home(tmp_path_factory.mktemp("real"))
    ingest(SampleSource(), home.gateway, AT, WantedBars([Ticker(one) for one in TICKERS]))
    bars = home.bars.load(adjusted=False).assign(source="csv")
    sessions = bars["session"].drop_duplicates().sort_values().to_list()
    first = next(k for k, one in enumerate(sessions) if one >= pd.Timestamp("2008-09-24"))
    return bars[bars["session"].between(sessions[first - BEFORE], sessions[first + SESSIONS - 1])]


@pytest.fixture(scope="module")
def quiet(real: pd.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Before all that, with a champion."""
    home = open_home(tmp_path_factory.mktemp("quiet"))
    home.bars.upsert(real[real["session"] <= _sessions(real)[BEFORE - 1]])
    train(home.bars, home.registry, TrainingRequest("ann", "first"), AT)
    home.database.close()
    return home


def _sessions(bars: pd.DataFrame) -> list[pd.Timestamp]:
    return bars["session"].drop_duplicates().sort_values().to_list()


class Crisis:
    """A home that lives through it, a few sessions at a time."""

    def __init__(self, path: Path, bars: pd.DataFrame, gate: bool = True) -> None:
        self.home, self.bars, self.gate = open_home(path), bars, gate
        self.settings = Settings(home=path)
        self.sent: list[str] = []

    def until(self, session: int) -> None:
        """Bars up to the session of that number."""
        last = _sessions(self.bars)[session - 1]
        self.home.bars.upsert(self.bars[self.bars["session"] <= last])

    def monitor(self, session: int) -> dict[str, Any]:
        """The evening of a session; what drift asks for is done at once."""
        self.until(session)
        return monitor(Workspace(self.settings), measure, announce=self._train)

    def live(self, every: int) -> list[dict[str, Any]]:
        """All sixty, with an evening every few sessions."""
        evenings = range(BEFORE + every, BEFORE + SESSIONS + 1, every)
        return [self.monitor(session) for session in evenings]

    def _train(self, reason: Message) -> None:
        self.sent.append(str(reason))
        request = TrainingRequest("monitor", str(reason), gate=self.gate)
        run_train(Workspace(self.settings), request)


@pytest.fixture
def path(quiet: Home, tmp_path: Path) -> Path:
    """A copy of it."""
    return Path(shutil.copytree(quiet.path, tmp_path / "home"))


def drifted(found: list[dict[str, Any]]) -> int:
    return sum(one["confirmed"] for one in found)


def test_a_drift_of_sixty_sessions_makes_at_most_two_trainings(
    path: Path, real: pd.DataFrame
) -> None:
    crisis = Crisis(path, real)
    found = crisis.live(every=5)
    crisis.monitor(BEFORE + SESSIONS)  # again the same evening
    registry = open_home(path).registry  # as after a restart
    assert drifted(found) >= 3 and 1 <= len(crisis.sent) <= 2
    assert len(registry.versions()) == 1 + len(crisis.sent)
    assert registry.champion() == registry.versions()[-1]


def test_a_champion_that_stays_is_not_challenged_each_night(path: Path, real: pd.DataFrame) -> None:
    """The result does not serve: the drift it was made for goes on."""
    crisis = Crisis(path, real, gate=False)
    found = crisis.live(every=10)
    assert {one["model_version"] for one in found} == {1}
    assert drifted(found) >= 4 and len(crisis.sent) == 2


def test_bars_that_a_version_learned_are_not_trained_on_again(
    path: Path, real: pd.DataFrame
) -> None:
    crisis = Crisis(path, real)
    crisis.until(BEFORE + 25)
    train(crisis.home.bars, crisis.home.registry, TrainingRequest("ann", "by hand"), AT)
    now = crisis.monitor(BEFORE + 25)
    assert now["confirmed"] and now["model_version"] == 1
    assert crisis.sent == [] and now["episode"]["trained"] == []
    assert len(crisis.home.registry.versions()) == 2
    crisis.monitor(BEFORE + 26)
    assert len(crisis.sent) == 1, "a session later there is something to learn"
