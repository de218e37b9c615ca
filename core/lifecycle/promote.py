"""Promote a version, or roll back to an earlier one, as a person decides."""

from dataclasses import dataclass
from datetime import datetime

from core.foundation.audit import Action, Audit
from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.messages import Message
from core.lifecycle.challenge import unfit
from core.market_data.lake.bar_origins import own_tickers
from core.market_data.lake.bar_store import ParquetBars
from core.registry.aliases import AliasRole, alias_of
from core.registry.registry import ModelRegistry, ModelVersion

SEEN_NOW = -1
PROMOTE, ROLL_BACK = "promote", "roll back"


@dataclass(frozen=True)
class Move:
    """Who lets another version serve, and why; both go on record.

    Parameters
    ----------
    ticker : whose specialist; empty for the champion of all.
    instead_of : the champion that the person saw; the present one if left out.
    """

    actor: str
    reason: str
    ticker: str = ""
    instead_of: int | None = SEEN_NOW


def promote(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    version: int,
    move: Move,
    at: datetime,
) -> ModelVersion:
    """Point the champion alias at a version that forecasts what is stored.

    Raises
    ------
    InvalidInputError : the version serves already, learned from too few or other tickers, or its
        forecasts are no distributions.
    NotFoundError : there is no such version, or the ticker is not tracked.
    ArtifactError : its file is not what was registered.
    BusyError : another version began to serve meanwhile.
    """
    model, ticker = registry.get(version), move.ticker
    only = model.card.only_ticker
    if ticker and not _tracked(bars, ticker):
        raise NotFoundError(
            "ticker.not-tracked",
            "{ticker} is not tracked here.",
            {"ticker": ticker},
            parameter="ticker",
        )
    if ticker and only != ticker:
        raise InvalidInputError(
            "version.not-of-ticker",
            "Version {version} was not trained on {ticker} alone.",
            {"version": version, "ticker": ticker},
            parameter="version",
        )
    if only and not ticker and {one.symbol for one in bars.tickers()} - {only}:
        raise InvalidInputError(
            "version.one-ticker-only",
            "Version {version} was trained on {ticker} alone; it can serve that ticker, not "
            "all.",
            {"version": version, "ticker": only},
            parameter="version",
        )
    _move(registry, bars, audit, PROMOTE, model, move, at)
    return model


def roll_back(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    move: Move,
    at: datetime,
) -> ModelVersion | None:
    """Point the champion alias at the version that served before; otherwise as `promote`.

    Former ones whose file is corrupt are passed over.

    Returns
    -------
    That version; None where a ticker had no specialist before and is forecast by the champion of
    all again.

    Raises
    ------
    NotFoundError : no version served before, or none whose file is intact; or nobody forecasts the
        ticker.
    """
    ticker = move.ticker
    if ticker and registry.champion(ticker) is None and not _tracked(bars, ticker):
        raise NotFoundError(
            "ticker.not-tracked",
            "{ticker} is not tracked here.",
            {"ticker": ticker},
            parameter="ticker",
        )
    whole = rollback_targets(registry, bars, ticker)
    if whole:
        _move(registry, bars, audit, ROLL_BACK, whole[0], move, at)
        return whole[0]
    raise NotFoundError.of(_no_target(_left_out(registry, bars, ticker), ticker))


def _no_target(reasons: list[Message], ticker: str) -> Message:
    """The sentence that no other version can serve, with the reasons."""
    if ticker and reasons:
        return Message(
            "rollback.none-of-ticker",
            "There is nothing to roll back to for {ticker}. {reasons: }",
            {"ticker": ticker, "reasons": reasons},
        )
    if ticker:
        return Message(
            "rollback.champion-forecasts",
            "There is nothing to roll back to for {ticker}: the champion of all forecasts it.",
            {"ticker": ticker},
        )
    if reasons:
        return Message(
            "rollback.none",
            "There is nothing to roll back to. {reasons: }",
            {"reasons": reasons},
        )
    return Message(
        "rollback.no-other",
        "There is nothing to roll back to: no other version ever served.",
    )


def rollback_targets(
    registry: ModelRegistry, bars: ParquetBars, ticker: str = ""
) -> list[ModelVersion | None]:
    """The targets of `ModelRegistry.rollback_targets` that can serve, without the champion."""
    now, found = registry.champion(ticker), registry.rollback_targets(ticker)
    others = [one for one in found if one != now]
    return [one for one in others if one is None or not _cannot(registry, bars, one, ticker)]


def _left_out(registry: ModelRegistry, bars: ParquetBars, ticker: str) -> list[Message]:
    """Why each other version that ever served is no rollback target."""
    now, found = registry.champion(ticker), list[Message]()
    moves = registry.aliases.moves(alias_of(AliasRole.CHAMPION, ticker))
    for version in sorted({one.version for one in moves if one.version is not None}):
        model, value = registry.get(version), {"version": version}
        if model == now:
            continue
        if registry.fault(model):
            unread = Message(
                "rollback.unreadable", "The file of version {version} cannot be read.", value
            )
            found.append(unread)
        elif _of_the_sample(bars, model, ticker):
            sample = Message(
                "rollback.sample-only",
                "Version {version} learned from sample bars alone, which say nothing of tickers "
                "of your own.",
                value,
            )
            found.append(sample)
        else:
            undone = Message(
                "rollback.rolled-back",
                "Version {version} was rolled back from before, so only promoting it brings it "
                "back.",
                value,
            )
            found.append(undone)
    return found


def _cannot(
    registry: ModelRegistry, bars: ParquetBars, model: ModelVersion, ticker: str
) -> Message | None:
    """Why a version cannot serve the stored tickers; None if it can. Makes no forecast."""
    if _of_the_sample(bars, model, ticker):
        return Message(
            "promote.sample-only",
            "It learned from sample bars alone, which say nothing of tickers of your own.",
        )
    return registry.fault(model)


def _of_the_sample(bars: ParquetBars, model: ModelVersion, ticker: str) -> bool:
    """Whether it learned from sample bars alone and would have to forecast other bars."""
    own = own_tickers(bars)
    return model.card.sample and bool(ticker in own if ticker else own)


def _tracked(bars: ParquetBars, ticker: str) -> bool:
    return ticker in {one.symbol for one in bars.tickers()}


def _move(
    registry: ModelRegistry,
    bars: ParquetBars,
    audit: Audit,
    action: str,
    model: ModelVersion | None,
    move: Move,
    at: datetime,
) -> None:
    ticker = move.ticker
    champion = registry.champion(ticker)
    version, current = (None if one is None else one.version for one in (model, champion))
    if model is not None and version == current:
        fault = registry.fault(model)
        if fault:
            raise InvalidInputError(
                "promote.champion-unfit",
                "Version {version} is the champion already, and cannot serve. {reason}",
                {"version": version, "reason": fault},
                parameter="version",
            )
        raise InvalidInputError(
            "promote.serves-already",
            "Version {version} serves already.",
            {"version": version},
            parameter="version",
        )
    stored = [one for one in bars.tickers() if ticker in ("", one.symbol)]
    if model is not None and stored:
        fault = _cannot(registry, bars, model, ticker) or unfit(
            registry, model, bars.load(stored if ticker else None, adjusted=False)
        )
        if fault:
            raise InvalidInputError(
                "promote.unfit",
                "Version {version} is not to serve. {reason}",
                {"version": version, "reason": fault},
                parameter="version",
            )
    seen = current if move.instead_of == SEEN_NOW else move.instead_of
    back = action == ROLL_BACK
    registry.promote(version, move.actor, move.reason, at, seen, ticker, back=back)
    audit.add(Action(at, move.actor, action, _subject(version, current, ticker), move.reason))


def _subject(version: int | None, current: int | None, ticker: str) -> str:
    subject = "no specialist" if version is None else f"version {version}"
    subject += "" if current is None else f" for {current}"
    return f"{ticker}: {subject}" if ticker else subject
