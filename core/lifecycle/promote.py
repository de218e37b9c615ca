"""Let a version serve, or an earlier one again, by somebody's word."""

from datetime import datetime

from core.foundation.audit import Action, Audit
from core.foundation.errors import InvalidInputError, NotFoundError
from core.lifecycle.challenge import unfit
from core.market_data.lake.bar_origins import own_tickers
from core.market_data.lake.bar_store import ParquetBars
from core.registry.aliases import AliasRole, alias_of
from core.registry.registry import ModelRegistry, ModelVersion

SEEN_NOW = -1
PROMOTE, ROLL_BACK = "promote", "roll back"


def promote(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    version: int,
    who: str,
    reason: str,
    at: datetime,
    instead_of: int | None = SEEN_NOW,
    ticker: str = "",
) -> ModelVersion:
    """Point the champion alias at a version that forecasts what is stored.

    Parameters
    ----------
    reason : goes on record beside `who` and `at`.
    instead_of : the champion that whoever decides has seen; the one of this instant if not said.
    ticker : whose specialist it is to be; empty for the champion of all.

    Raises
    ------
    InvalidInputError : the version serves already, learned from too few or other tickers, or what
        it forecasts is of no use.
    NotFoundError : there is no such version, or the ticker is not tracked.
    ArtifactError : its file is not what was registered.
    BusyError : another version began to serve meanwhile.
    """
    model = registry.get(version)
    only = model.card.only_ticker
    if ticker and not _tracked(bars, ticker):
        raise NotFoundError(f"{ticker} is not tracked here.", "ticker")
    if ticker and only != ticker:
        raise InvalidInputError(f"Version {version} was not trained on {ticker} alone.", "version")
    if only and not ticker and {one.symbol for one in bars.tickers()} - {only}:
        raise InvalidInputError(
            f"Version {version} was trained on {only} alone; it can serve that ticker, not all.",
            "version",
        )
    _move(registry, bars, audit, PROMOTE, model, who, reason, at, instead_of, ticker)
    return model


def roll_back(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    who: str,
    reason: str,
    at: datetime,
    instead_of: int | None = SEEN_NOW,
    ticker: str = "",
) -> ModelVersion | None:
    """Point the champion alias at the version that served before; otherwise as `promote`.

    Former ones whose file is of no use are passed over.

    Returns
    -------
    That version; None where a ticker had no specialist before and is forecast by the champion of
    all again.

    Raises
    ------
    NotFoundError : no version served before, or no other whose file is of use; or nobody forecasts
        the ticker.
    """
    if ticker and registry.champion(ticker) is None and not _tracked(bars, ticker):
        raise NotFoundError(f"{ticker} is not tracked here.", "ticker")
    whole = rollback_targets(registry, bars, ticker)
    if whole:
        _move(registry, bars, audit, ROLL_BACK, whole[0], who, reason, at, instead_of, ticker)
        return whole[0]
    nothing = f"There is nothing to roll back to{f' for {ticker}' if ticker else ''}"
    why = "; ".join(_left_out(registry, bars, ticker))
    first = "the champion of all forecasts it" if ticker else "no other version ever served"
    raise NotFoundError(f"{nothing}: {why or first}.")


def rollback_targets(
    registry: ModelRegistry, bars: ParquetBars, ticker: str = ""
) -> list[ModelVersion | None]:
    """What can serve of `ModelRegistry.way_back`, and does not now."""
    now, found = registry.champion(ticker), registry.rollback_targets(ticker)
    kept = [one for one in found if one != now]
    return [one for one in kept if one is None or not _cannot(registry, bars, one, ticker)]


def _left_out(registry: ModelRegistry, bars: ParquetBars, ticker: str) -> list[str]:
    """Why each other version that ever served is no rollback target, in part of a sentence."""
    now, found = registry.champion(ticker), []
    moves = registry.aliases.moves(alias_of(AliasRole.CHAMPION, ticker))
    for version in sorted({one.version for one in moves if one.version is not None}):
        model, name = registry.get(version), f"version {version}"
        if model == now:
            continue
        if registry.fault(model):
            found.append(f"the file of {name} cannot be read")
        elif told := _cannot(registry, bars, model, ticker):
            found.append(f"{name} {told.removeprefix('It ').removesuffix('.')}")
        else:
            found.append(f"{name} was rolled back from before, so only promoting it brings it back")
    return found


def _cannot(registry: ModelRegistry, bars: ParquetBars, model: ModelVersion, ticker: str) -> str:
    """Why a version is of no use for what is stored, but for what it forecasts; empty if it is."""
    own = own_tickers(bars)
    if model.card.sample and (ticker in own if ticker else own):
        return "It learned from sample bars alone, which say nothing of tickers of your own."
    return registry.fault(model)


def _tracked(bars: ParquetBars, ticker: str) -> bool:
    return ticker in {one.symbol for one in bars.tickers()}


def _move(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    action: str,
    model: ModelVersion | None,
    who: str,
    reason: str,
    at: datetime,
    instead_of: int | None,
    ticker: str,
) -> None:
    champion = registry.champion(ticker)
    version, standing = (None if one is None else one.version for one in (model, champion))
    if model is not None and version == standing:
        fault = registry.fault(model)
        told = f"is the champion already, and cannot serve. {fault}" if fault else "serves already."
        raise InvalidInputError(f"Version {version} {told}", "version")
    stored = [one for one in bars.tickers() if ticker in ("", one.symbol)]
    if model is not None and stored:
        fault = _cannot(registry, bars, model, ticker) or unfit(
            registry, model, bars.load(stored if ticker else None, adjusted=False)
        )
        if fault:
            raise InvalidInputError(f"Version {version} is not to serve. {fault}", "version")
    seen = standing if instead_of == SEEN_NOW else instead_of
    registry.promote(version, who, reason, at, seen, ticker, back=action == ROLL_BACK)
    audit.add(Action(at, who, action, _told(version, standing, ticker), reason))


def _told(version: int | None, standing: int | None, ticker: str) -> str:
    told = "no specialist" if version is None else f"version {version}"
    told += "" if standing is None else f" for {standing}"
    return f"{ticker}: {told}" if ticker else told
