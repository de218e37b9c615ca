"""Let a version serve, or an earlier one again, by somebody's word."""

from datetime import datetime

from core.errors import InvalidInputError, NotFoundError
from core.registry.registry import ModelRegistry, ModelVersion
from core.services.judge import unfit
from core.storage.audit import Action, Audit
from core.storage.bars import ParquetBars

SEEN_NOW = -1


def promote(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    version: int,
    who: str,
    reason: str,
    at: datetime,
    instead_of: int | None = SEEN_NOW,
) -> ModelVersion:
    """Point the champion alias at a version that forecasts what is stored.

    Parameters
    ----------
    reason : goes on record beside `who` and `at`.
    instead_of : the champion that whoever decides has seen; the one of this instant if not said.

    Raises
    ------
    InvalidInputError : the version serves already, or what it forecasts is of no use.
    NotFoundError : there is no such version.
    ArtifactError : its file is not what was registered.
    BusyError : another version began to serve meanwhile.
    """
    return _move(registry, bars, audit, "promote", version, who, reason, at, instead_of)


def roll_back(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    who: str,
    reason: str,
    at: datetime,
    instead_of: int | None = SEEN_NOW,
) -> ModelVersion:
    """Point the champion alias at the version that served before; otherwise as `promote`.

    Raises
    ------
    NotFoundError : no version served before.
    """
    former = registry.former_champion()
    if former is None:
        raise NotFoundError("No version served before this one; there is nothing to roll back to.")
    return _move(registry, bars, audit, "roll back", former.version, who, reason, at, instead_of)


def _move(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    action: str,
    version: int,
    who: str,
    reason: str,
    at: datetime,
    instead_of: int | None,
) -> ModelVersion:
    model, champion = registry.get(version), registry.champion()
    standing = None if champion is None else champion.version
    if standing == version:
        raise InvalidInputError(f"Version {version} serves already.", "version")
    if bars.tickers():
        fault = unfit(registry, model, bars.load(adjusted=False))
        if fault:
            raise InvalidInputError(f"Version {version} is not to serve: {fault}", "version")
    seen = standing if instead_of == SEEN_NOW else instead_of
    registry.promote(version, who, reason, at, instead_of=seen)
    told = f"version {version}" if standing is None else f"version {version} for {standing}"
    audit.add(Action(at, who, action, told, reason))
    return model
