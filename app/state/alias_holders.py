"""Which version stands where, of all tickers and of each specialist; read afresh each time."""

from app.state.stores import stores
from core.foundation.messages import Message
from core.lifecycle import promote, reevaluate, wanted_training
from core.registry.aliases import AliasMove, AliasRole, alias_of
from core.registry.registry import ModelVersion


def warnings() -> list[Message]:
    """What keeps versions from serving what is stored, and what is done about it."""
    return wanted_training.shortcomings(stores().registry, stores().bars, stores().outbox)


def fault(model: ModelVersion) -> Message | None:
    """What is wrong with the file of a version; None if it is whole."""
    return stores().registry.fault(model)


def why_lapsed(model: ModelVersion, ticker: str = "") -> Message | None:
    """Why the gate's decision on a version does not hold now; None if it does."""
    return reevaluate.why_lapsed(stores().registry, model, ticker)


def gone(version: int, ticker: str = "") -> bool:
    """Whether a decision names a version which serves no longer."""
    return version not in reevaluate.serving_versions(stores().registry, ticker)


def serving() -> ModelVersion | None:
    """The version that makes the forecasts of all tickers; None where none can."""
    return reevaluate.serving_version(stores().registry)


def rollback_targets(ticker: str = "") -> list[ModelVersion | None]:
    """What going back leads to, step by step; None is no specialist."""
    return promote.rollback_targets(stores().registry, stores().bars, ticker)


def with_specialists() -> list[str]:
    """Tickers for which a specialist serves, served or challenges."""
    aliases = stores().registry.aliases
    return sorted({ticker for role in AliasRole for ticker in aliases.tickers(role)})


def aliases() -> dict[str, ModelVersion]:
    """The version that each alias points at, of all tickers and of specialists."""
    registry, found = stores().registry, {}
    for ticker in ("", *with_specialists()):
        found[alias_of(AliasRole.CHAMPION, ticker)] = registry.champion(ticker)
        found[alias_of(AliasRole.CHALLENGER, ticker)] = registry.challenger(ticker)
    return {alias: model for alias, model in found.items() if model is not None}


def champion_moves() -> list[AliasMove]:
    """Moves of the champion alias and of the specialists', newest first."""
    aliases = stores().registry.aliases
    own = [alias_of(AliasRole.CHAMPION, ticker) for ticker in aliases.tickers(AliasRole.CHAMPION)]
    found = [move for alias in (AliasRole.CHAMPION, *own) for move in aliases.moves(alias)]
    return sorted(found, key=lambda move: move.at, reverse=True)
