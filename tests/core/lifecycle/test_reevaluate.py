"""A decision of the gate whose rival serves no longer, and the gate asked anew."""

import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from core.foundation.errors import InvalidInputError
from core.lifecycle.promote import Move, promote, roll_back
from core.lifecycle.reevaluate import evaluate_challenger, require_decision, why_lapsed
from core.lifecycle.train import TrainingRequest, train
from core.registry.gate import ChallengeKind
from tests.support.bars import walk, walks
from tests.support.homes import AT, Home, correct, open_home

LATER = AT + timedelta(hours=1)
GONE = "It was said of version {}, which no longer serves."


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Only to be read: 1 serves, 2 and 3 were compared with it, and so was 4, of T0 alone."""
    home = open_home(tmp_path_factory.mktemp("three"))
    home.bars.upsert(walks(2, 700))
    for name, scope in (("random_walk_gauss", "all"), ("ewma", "all"), ("drift", "all")):
        train(home.bars, home.registry, TrainingRequest("ann", "try", scope, name), AT)
    train(home.bars, home.registry, TrainingRequest("ann", "try", "T0", "ewma"), AT)
    return home


@pytest.fixture
def home(three: Home, tmp_path: Path) -> Home:
    three.database.close()  # the last connection folds SQLite's log into the file
    return open_home(Path(shutil.copytree(three.path, tmp_path / "home")))


def lapse(home: Home, version: int, ticker: str = "") -> str:
    return str(why_lapsed(home.registry, home.registry.get(version), ticker) or "")


def ask(home: Home, version: int, ticker: str = "") -> int:
    found = evaluate_challenger(home.registry, home.bars, version, ticker, LATER)
    assert (found.challenger, found.at) == (version, LATER)
    return found.champion


def test_it_lapses_when_another_is_promoted_and_the_gate_is_asked_anew(home: Home) -> None:
    assert lapse(home, 3) == ""
    promote(home.registry, home.bars, home.audit, 2, Move("ann", "by hand"), AT)
    assert lapse(home, 3) == GONE.format(1)
    with pytest.raises(
        InvalidInputError, match="on version 3 holds now; .* of version 1, which no longer"
    ):
        require_decision(home.registry, 3)
    assert ask(home, 3) == 2 and lapse(home, 3) == ""
    require_decision(home.registry, 3)
    assert home.again().registry.decisions.latest(1, 3)[0].champion == 2


def test_it_lapses_when_the_champion_is_rolled_back(home: Home) -> None:
    stores = home.registry, home.bars, home.audit
    promote(*stores, 2, Move("ann", "by hand"), AT)
    ask(home, 3)
    roll_back(*stores, Move("ann", "no"), LATER)
    assert lapse(home, 3) == GONE.format(2)


def test_it_lapses_while_the_file_of_its_rival_is_corrupt_and_another_serves(home: Home) -> None:
    promote(home.registry, home.bars, home.audit, 2, Move("ann", "by hand"), AT)
    ask(home, 3)
    home.registry.artifact(2).write_bytes(b"no model")
    assert lapse(home, 3) == GONE.format(2)
    assert ask(home, 3) == 1 and lapse(home, 3) == ""


def test_what_serves_or_never_was_asked_of_is_said(home: Home) -> None:
    promote(home.registry, home.bars, home.audit, 2, Move("ann", "by hand"), AT)
    assert lapse(home, 2) == "" and lapse(home, 1) == "The gate was never asked about it."
    with pytest.raises(InvalidInputError, match="no other version that serves to compare"):
        ask(home, 2)


def test_one_of_a_ticker_lapses_with_the_champion_of_all_and_with_its_specialist(
    home: Home,
) -> None:
    assert lapse(home, 4, "T0") == ""
    promote(home.registry, home.bars, home.audit, 2, Move("ann", "by hand"), AT)
    assert lapse(home, 4, "T0") == GONE.format(1)
    assert ask(home, 4, "T0") == 2 and lapse(home, 4, "T0") == ""
    order = TrainingRequest("ann", "try", "T0", "drift")
    other = train(home.bars, home.registry, order, AT).version
    promote(home.registry, home.bars, home.audit, other, Move("ann", "by hand", ticker="T0"), AT)
    champion = ask(home, 4, "T0")
    assert champion in (2, other) and lapse(home, 4, "T0") == ""


@pytest.mark.parametrize("ticker", ["", "T0"])
def test_both_are_measured_on_the_same_forecasts_of_the_bars_of_now(
    home: Home, ticker: str
) -> None:
    """One more session moves every origin, so what either was scored on before is no use."""
    version = 4 if ticker else 3
    older = home.registry.decisions.latest(1, version)[0].decision
    assert older.bars_until == "2024-06-28"
    for number in range(2):
        home.bars.upsert(walk(f"T{number}", 703, number, end="2024-07-03").tail(3))
    assert lapse(home, version, ticker) == "", "its rival serves: older bars are said, not refused"
    ask(home, version, ticker)
    decision = home.registry.decisions.latest(1, version)[0].decision
    assert (decision.kind, decision.ticker, decision.bars_until) == (
        ChallengeKind.CHANGE,
        ticker,
        "2024-07-03",
    )
    for one in (older, decision):
        own, other = one.challenger_skill, one.champion_skill
        assert own is not None and other is not None
        assert (own.n, own.window) == (other.n, other.window) == (one.n, one.window)
        assert own.against_constant is not None and own.value != other.value
        assert one.loss_reduction is not None
    assert decision.window != older.window
    stored = home.again().registry.decisions.latest(1, version)[0].decision
    assert stored == decision


def test_a_refresh_is_one_when_asked_anew_too(home: Home) -> None:
    correct(home.bars, "T0")
    again = train(
        home.bars, home.registry, TrainingRequest("ann", "try", name="random_walk_gauss"), AT
    )
    promote(home.registry, home.bars, home.audit, 2, Move("ann", "by hand"), AT)
    ask(home, again.version)
    assert home.registry.decisions.latest(1)[0].decision.kind == ChallengeKind.CHANGE
    roll_back(home.registry, home.bars, home.audit, Move("ann", "no"), LATER)
    ask(home, again.version)
    assert home.registry.decisions.latest(1)[0].decision.kind == ChallengeKind.REFRESH
