"""Which version stands where, of all tickers and of each specialist; read afresh each time."""

from app.stores import stores
from core.registry.aliases import CHALLENGER, CHAMPION, ROLES, AliasMove, alias_of
from core.registry.registry import ModelVersion
from core.services import promote


def warnings() -> list[str]:
    """What is wrong with the files that are to serve."""
    return stores().registry.warnings()


def fault(model: ModelVersion) -> str:
    """What is wrong with the file of a version; empty if it is whole."""
    return stores().registry.fault(model)


def way_back(ticker: str = "") -> list[ModelVersion | None]:
    """What going back leads to, step by step; None is no specialist."""
    return promote.way_back(stores().registry, ticker)


def with_specialists() -> list[str]:
    """Tickers for which a specialist serves, served or challenges."""
    aliases = stores().registry.aliases
    return sorted({ticker for role in ROLES for ticker in aliases.tickers(role)})


def aliases() -> dict[str, ModelVersion]:
    """The version that each alias points at, of all tickers and of specialists."""
    registry, found = stores().registry, {}
    for ticker in ("", *with_specialists()):
        found[alias_of(CHAMPION, ticker)] = registry.champion(ticker)
        found[alias_of(CHALLENGER, ticker)] = registry.challenger(ticker)
    return {alias: model for alias, model in found.items() if model is not None}


def champion_moves() -> list[AliasMove]:
    """Moves of the champion alias and of the specialists', newest first."""
    aliases = stores().registry.aliases
    own = [alias_of(CHAMPION, ticker) for ticker in aliases.tickers(CHAMPION)]
    found = [move for alias in (CHAMPION, *own) for move in aliases.moves(alias)]
    return sorted(found, key=lambda move: move.at, reverse=True)
