"""Moves of an alias: where it was seen, who stood there when, and two movers at once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from core.foundation.errors import BusyError
from core.models import Forecaster, create
from core.registry.aliases import AliasRole
from tests.support.bars import walks
from tests.support.cards import CARD
from tests.support.homes import AT, Home, open_home
from tests.support.trials import TRIALS


@pytest.fixture(scope="module")
def fitted() -> Forecaster:
    return create("har").fit(walks(2, 400))


@pytest.fixture
def home(tmp_path: Path, records_url: str, fitted: Forecaster) -> Home:
    """Three versions, of which the first serves."""
    home = open_home(tmp_path, records_url)
    for _ in range(3):
        home.registry.register(fitted, CARD, AT)
    home.registry.promote(1, "ann", "first", AT, instead_of=None)
    return home


def test_a_move_from_where_the_alias_no_longer_is_is_refused(home: Home) -> None:
    home.registry.promote(2, "bob", "better", AT, instead_of=1)
    with pytest.raises(BusyError, match="^The champion was moved to version 2 by bob meanwhile"):
        home.registry.promote(3, "eve", "best", AT, instead_of=1)
    with pytest.raises(BusyError):
        home.registry.promote(3, "eve", "first", AT, instead_of=None)
    assert [move.version for move in home.registry.aliases.moves(AliasRole.CHAMPION)] == [2, 1]


def test_of_movers_at_once_from_one_place_one_succeeds(home: Home) -> None:
    def move(name: str) -> bool:
        try:
            home.again().registry.promote(2, name, "race", AT, instead_of=1)
        except BusyError:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(move, "abcd")) == [False, False, False, True]
    assert len(home.registry.aliases.moves(AliasRole.CHAMPION)) == 2


def test_who_served_at_an_instant_is_known(home: Home) -> None:
    home.registry.promote(2, "bob", "better", AT + timedelta(days=1))
    home.registry.promote(1, "eve", "back", AT + timedelta(days=2))
    state = home.registry.aliases.in_force
    assert state(AliasRole.CHAMPION, AT - timedelta(seconds=1)) is None
    found = [state(AliasRole.CHAMPION, AT + timedelta(hours=hours)) for hours in (1, 25, 49)]
    assert [(one.version, one.actor, one.reason) for one in found if one] == [
        (1, "ann", "first"),
        (2, "bob", "better"),
        (1, "eve", "back"),
    ]


def test_going_back_leads_ever_further_back(home: Home) -> None:
    def former() -> list[int | None]:
        return home.registry.aliases.former(AliasRole.CHAMPION)

    assert former() == [None]
    for version in (2, 3):
        home.registry.promote(version, "bob", "better", AT)
    assert former() == [2, 1, None]
    home.registry.promote(2, "eve", "back", AT, back=True)
    assert former() == [1, None]
    home.registry.promote(1, "eve", "further back", AT, back=True)
    assert former() == [None]
    home.registry.promote(3, "eve", "forth", AT)
    assert former() == [1, None]
    home.registry.promote(1, "eve", "not a step back, though it served before", AT)
    assert former() == [3, 1, None]
    home.registry.promote(3, "eve", "that undone", AT, back=True)
    assert former() == [1, None]
    home.registry.promote(2, "eve", "another", AT)
    home.registry.promote(1, "eve", "two steps back", AT, back=True)
    assert former() == [None]


def test_a_ticker_s_own_alias_stands_apart_and_may_point_at_nothing_again(home: Home) -> None:
    registry = home.registry
    registry.promote(2, "bob", "better there", AT, instead_of=None, ticker="BRK-B")
    registry.challenge(3, "bob", "perhaps", AT, ticker="2330.TW")
    assert registry.champion() == registry.get(1) and registry.challenger() is None
    assert registry.specialists() == {"BRK-B": registry.get(2)}
    assert registry.challenger("2330.TW") == registry.get(3)
    for ticker, version in (("BRK-B", 2), ("AAPL", 1), ("2330.TW", 1)):
        now = home.again().registry.serving(ticker)
        assert now is not None and now.model.version == version
        assert now.specialist == (ticker == "BRK-B")
    registry.promote(None, "eve", "no longer", AT, instead_of=2, ticker="BRK-B")
    assert registry.specialists() == {}
    assert registry.rollback_targets("BRK-B") == [registry.get(2), None]
    registry.promote(2, "eve", "that undone", AT, ticker="BRK-B", back=True)
    registry.promote(None, "eve", "and the first too", AT, ticker="BRK-B", back=True)
    assert registry.specialists() == {} and registry.rollback_targets("BRK-B") == []
    with pytest.raises(BusyError, match="^The champion.BRK-B points at no version"):
        registry.promote(3, "eve", "late", AT, instead_of=2, ticker="BRK-B")


def test_a_broken_specialist_leaves_its_ticker_to_the_champion_of_all(home: Home) -> None:
    home.registry.promote(2, "bob", "better there", AT, ticker="T0")
    assert home.registry.serving("T0") is not None
    damage(home, 2)
    for registry in (home.registry, home.again().registry):
        now = registry.serving("T0")
        assert now is not None and now.model.version == 1 and not now.specialist
        assert str(now.warning).startswith(
            "Version 2, the specialist of T0, cannot serve, so version 1, which serves all "
            "tickers, makes its forecasts. The stored model 2.npz was altered"
        )


@pytest.mark.parametrize("harm", ["altered", "missing"])
def test_what_is_in_memory_serves_no_longer_than_its_file_is_whole(home: Home, harm: str) -> None:
    home.registry.promote(2, "bob", "better", AT)
    first = home.registry.serving()
    assert first is not None and first.model.version == 2
    path = home.registry.artifact(2)
    whole = path.read_bytes()
    if harm == "altered":
        damage(home, 2)
    else:
        path.unlink()
    now = home.registry.serving()
    assert now is not None and now.model.version == 1 and harm in str(now.reason)
    path.write_bytes(whole)
    repaired = home.registry.serving()
    assert repaired is not None and repaired.model.version == 2 and not repaired.warning


def damage(home: Home, version: int) -> None:
    path = home.registry.artifact(version)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize("trial", range(TRIALS))
def test_the_former_champion_serves_while_the_champion_is_broken(home: Home, trial: int) -> None:
    home.registry.promote(2, "bob", "better", AT)
    home.registry.promote(3, "bob", "best", AT)
    damage(home, 3)
    if trial % 2:
        damage(home, 2)
    now = home.again().registry.serving()
    assert now is not None and now.failed is not None and now.failed.version == 3
    assert now.model.version == (1 if trial % 2 else 2)
    assert str(now.warning).startswith(f"Version 3 cannot serve, so version {now.model.version}")


def test_the_fallback_serves_when_all_are_broken(home: Home) -> None:
    damage(home, 1)
    registry = home.again().registry
    now = registry.serving()
    assert now is not None and now.fallback and now.model.version == 1
    assert str(now.warning).startswith(
        "Version 1 cannot serve, nor can any version before it, so the fallback forecaster, which "
        "is not trained, makes the forecasts. The stored model 1.npz was altered"
    )
    assert registry.warnings() == [now.warning]
