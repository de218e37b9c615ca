"""A training that the program asks for by itself, where no version can serve what is stored."""

from datetime import datetime

from core.foundation.messages import Message
from core.foundation.outbox import Outbox, Request, RunState
from core.market_data.lake.bar_origins import longest, own_tickers, sample_or_own, sources
from core.market_data.lake.bar_store import ParquetBars
from core.models.har import Har
from core.reference.scope import ALL
from core.registry.registry import ModelRegistry, ModelVersion

PROGRAM = "program"
_TRAIN = "train"
_NAMED = 3  # tickers in a reason
_LOOKED_AT = 100  # newest requests


def shortcomings(registry: ModelRegistry, bars: ParquetBars, outbox: Outbox) -> list[Message]:
    """Why versions cannot serve the stored tickers, one or two sentences each."""
    kinds: list[bool | None] = [*sample_or_own(bars)] or [None]
    found = list(dict.fromkeys(one for kind in kinds for one in registry.warnings(kind)))
    if found and any(one.flow == _TRAIN for one in outbox.open()):
        found[-1] = Message(
            "training.asked-for", "{warning} A training was asked for.", {"warning": found[-1]}
        )
    return found


def training_wanted(registry: ModelRegistry, bars: ParquetBars) -> Message | None:
    """Why a training is wanted at once; None if none is.

    One is wanted where no version can serve, or the champion was trained on none of the stored
    tickers (of a person's own, where there are some). Where a champion exists, there must also be
    enough bars to train on.
    """
    champion, own = registry.champion(), own_tickers(bars)
    if champion is None:
        return _first_training(own) if own else None
    shortfall = own_tickers(bars, Har.min_fit_observations)
    if shortfall and not learned_from_any(champion, bars):
        return _first_training(own)
    serving = registry.serving(sample=False if shortfall else None)
    if serving is not None and serving.fallback and longest(bars) >= Har.min_fit_observations:
        return Message(
            "training.champion-unfit",
            "version {version} cannot serve",
            {"version": champion.version},
        )
    return None


def _first_training(own: list[str]) -> Message:
    if len(own) > _NAMED:
        return Message(
            "training.first-on-many",
            "first training on {tickers} and others",
            {"tickers": own[:_NAMED]},
        )
    return Message("training.first", "first training on {tickers}", {"tickers": own})


def learned_from_any(model: ModelVersion, bars: ParquetBars) -> bool:
    """Whether a version learned from any of the stored bars.

    Where there are bars of one's own, from any of those.
    """
    stored = sources(bars)
    wanted = own_tickers(bars) or stored
    return any(model.card.knows(ticker, stored[ticker]) for ticker in wanted)


def ask_for_training(
    outbox: Outbox, registry: ModelRegistry, bars: ParquetBars, at: datetime
) -> Request | None:
    """Ask the scheduler for the training that is wanted, once for each reason.

    Returns
    -------
    The request; None if no training is wanted, it was asked for before, another is under way, or
    there is too little history to learn from.
    """
    wanted = training_wanted(registry, bars)
    if wanted is None or longest(bars) < Har.min_fit_observations:
        return None
    reason = str(wanted)  # a person's reason stands there as text too
    before = outbox.latest(_TRAIN, _LOOKED_AT)
    if any(one.actor == PROGRAM and one.parameters.get("reason") == reason for one in before):
        return None
    parameters = {"scope": ALL, "reason": reason, "who": PROGRAM, "gate": True}
    request, new = outbox.ask(_TRAIN, parameters, PROGRAM, at)
    return request if new else None


def take_back(outbox: Outbox, registry: ModelRegistry, bars: ParquetBars, at: datetime) -> None:
    """Cancel the waiting trainings that were asked for here, once none is wanted any more."""
    for one in outbox.open():
        waits = (
            one.flow == _TRAIN
            and one.actor == PROGRAM
            and one.run_id is None
            and one.started_at is None
        )
        if waits and not training_wanted(registry, bars):
            outbox.ended(one.id, RunState.CANCELLED, at)
