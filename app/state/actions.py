"""The only writes that pages make; each checks again who asks."""

from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pandas as pd

from app.state.acting import must_act as _must_act
from app.state.jobs import Job, Jobs
from app.state.prefect_client import Schedule
from app.state.stores import stores
from core.foundation.audit import Action, validate_reason
from core.foundation.errors import NotFoundError, OfflineError
from core.foundation.keys.caller import set_caller
from core.foundation.keys.person import Person
from core.foundation.outbox import Request, RequestOrigin
from core.foundation.progress import Progress
from core.lifecycle.promote import Move
from core.lifecycle.reevaluate import evaluate_challenger
from core.lifecycle.train import TrainingRequest
from core.market_data import explain_steps, review
from core.market_data.catalog import catalog
from core.market_data.ingest import WantedBars
from core.market_data.records.quarantine import QuarantineEntry
from core.market_data.records.rename_log import Rename
from core.reference.bar_sources import sample_rows
from core.reference.instruments import naming
from core.reference.tickers import Ticker
from core.workflows.bars.ingest import StoredBars, ingest
from core.workflows.bars.load_sample import load_sample
from core.workflows.bars.preview import preview
from core.workflows.bars.remove_tickers import remove_sample
from core.workflows.bars.rename_ticker import rename
from core.workflows.bars.track_tickers import parse_tickers, track
from core.workflows.schedules import switches
from core.workflows.training import promote as promotion
from core.workflows.training.publish import publish_later
from core.workflows.training.recorded import Beginning
from core.workflows.training.request_training import WantedTraining, request_training
from core.workflows.training.train import train

_LOADING, _FIRST, _MORE = "Loading sample data", "Tracking first tickers", "Tracking tickers"


@lru_cache(maxsize=1)
def jobs() -> Jobs:
    """The jobs of this process."""
    return Jobs(stores().settings.home)


def filling() -> bool:
    """Whether a store's first bars are on their way; until all is there, nothing is shown."""
    job = jobs().latest
    return job is not None and job.running and job.title in (_LOADING, _FIRST)


def sample_unfinished(tracked: pd.DataFrame) -> bool:
    """Whether loading the sample was cut short: nothing but sample bars, and no model yet."""
    only = bool(sample_rows(tracked).all())
    return only and stores().registry.champion() is None


def start_sample(person: Person) -> Job:
    """Load the sample data. Anyone may until it has been loaded once; then only a developer."""
    set_caller(person.caller)
    found = catalog(stores().bars.summaries())
    if not found.empty and not sample_unfinished(found):
        _must_act(person)

    def work(progress: Progress) -> None:
        load_sample(stores(), person.name, datetime.now(UTC), progress, RequestOrigin.PAGE)
        publish_later(stores(), person.name, datetime.now(UTC))

    return jobs().start(_LOADING, work)


def start_tracking(person: Person, text: str) -> Job:
    """Fetch the tickers named in a text from Yahoo. Anyone may while the store is empty.

    Raises
    ------
    AccessError : bars are stored, and the person is no developer.
    InvalidInputError : naming every ticker that cannot be tracked. Nothing was begun.
    BusyError : another job still runs.
    """
    set_caller(person.caller)
    first = catalog(stores().bars.summaries()).empty
    if not first:
        _must_act(person)
    named = parse_tickers(text)
    tickers = [one.ticker for one in named]

    def work(progress: Progress) -> str:
        before = stores().registry.champion()
        done = track(stores(), tickers, person.name, datetime.now(UTC), progress)
        if stores().registry.champion() != before:
            publish_later(stores(), person.name, datetime.now(UTC))
        return " ".join(filter(None, [*(str(one.note or "") for one in named), done.note]))

    return jobs().start(_FIRST if first else _MORE, work, tuple(map(str, tickers)))


def preview_files(person: Person, wanted: WantedBars) -> dict[str, Any]:
    """How a person's own files would be read; nothing is stored. Raises as an ingest would."""
    _must_act(person)
    return preview(stores(), wanted, datetime.now(UTC))


def start_storing(person: Person, wanted: WantedBars, about: tuple[str, ...]) -> Job:
    """Store the bars of a person's own files; `about` names their tickers."""
    _must_act(person)

    def work(progress: Progress) -> StoredBars:
        return ingest(stores(), wanted, person.name, datetime.now(UTC), progress)

    return jobs().start("Storing bars", work, about)


def start_renaming(person: Person, symbol: str, text: str, reason: str) -> Job:
    """Say that a ticker has another symbol now.

    Raises
    ------
    AccessError : the person is no developer.
    InvalidInputError : the text names no ticker, or the reason cannot be kept. Nothing was begun.
    BusyError : another job still runs.
    """
    _must_act(person)
    new, reason = naming(text).ticker, validate_reason(reason)
    wanted = Rename(symbol, new.symbol, datetime.now(UTC), person.name, reason)

    def work(progress: Progress) -> None:
        rename(stores(), wanted, progress)

    return jobs().start("Renaming", work, (new.symbol,))


def start_training(person: Person, reason: str) -> Job:
    """Train on what is stored, in this process: the first training waits for no scheduler."""
    _must_act(person)

    def work(progress: Progress) -> None:
        stores().audit.add(_action(person, "train", "all", reason))
        begun = Beginning(RequestOrigin.PAGE)
        train(stores(), TrainingRequest(person.name, reason), progress, later=True, beginning=begun)

    return jobs().start("Training", work)


def ask_for_training(
    person: Person,
    scope: str,
    model: str,
    reason: str,
    gate: bool = False,
    key: str = "",
    evaluate_all: bool = False,
) -> tuple[Request, bool]:
    """Ask for a training; the one of the scope that is open already, and False, if there is one.

    `gate`, `key` and `evaluate_all` are those of `WantedTraining`.

    Raises
    ------
    AccessError : a viewer asks.
    InvalidInputError : no reason is given, or the scope is not understood.
    NotFoundError : no bars are stored for the scope.
    """
    _must_act(person)
    origin = RequestOrigin.PAGE
    wanted = WantedTraining(person.name, reason, scope, model, gate, origin, key, evaluate_all)
    return request_training(stores(), wanted, datetime.now(UTC))


def ask_for_monitoring(person: Person) -> tuple[Request, bool]:
    """Ask the scheduler to measure drift now."""
    _must_act(person)
    now = datetime.now(UTC)
    request, new = stores().outbox.ask("monitor", {}, person.name, now, RequestOrigin.PAGE)
    if new:
        stores().audit.add(_action(person, "ask for monitor", f"request {request.id}"))
    return request, new


def cancel(person: Person, request: Request) -> None:
    """Stop what was asked for: the dispatcher sees to it, also when the scheduler is away."""
    _must_act(person)
    stores().outbox.stop(request.id, datetime.now(UTC))
    run_id = stores().outbox.get(request.id).run_id
    if run_id is not None:
        with suppress(OfflineError, NotFoundError):  # the dispatcher asks again
            stores().runs.cancel(run_id)
    stores().audit.add(_action(person, f"cancel {request.flow}", f"request {request.id}"))


def promote(
    person: Person, version: int, reason: str, instead_of: int | None, ticker: str = ""
) -> None:
    """Let a version serve, from the next forecast on, in place of the one the person has seen.

    With a ticker, as its specialist.

    Raises
    ------
    InvalidInputError : the gate's decision on it names a version that serves no longer.
    BusyError : another version began to serve meanwhile.
    """
    _must_act(person)
    move = Move(person.name, validate_reason(reason), ticker, instead_of)
    promotion.promote(stores(), version, move, datetime.now(UTC))


def roll_back(person: Person, reason: str, instead_of: int | None, ticker: str = "") -> None:
    """Let the former champion serve again, in place of the one the person has seen."""
    _must_act(person)
    move = Move(person.name, validate_reason(reason), ticker, instead_of)
    promotion.roll_back(stores(), move, datetime.now(UTC))


def ask_gate(person: Person, version: int, ticker: str = "") -> Job:
    """Compare a version with what serves now, in this process; what the gate says is kept."""
    _must_act(person)

    def work(progress: Progress) -> str:
        registry, bars, now = stores().registry, stores().bars, datetime.now(UTC)
        found = evaluate_challenger(registry, bars, version, ticker, now, progress)
        stores().audit.add(_action(person, "ask the gate", f"version {version}"))
        decision = found.decision
        return (
            f"The gate says {decision.verdict} of version {version} against version "
            f"{found.champion}: {decision.reasons[0]}"
        )

    return jobs().start("Asking the gate", work)


def switch(person: Person, schedule: Schedule, active: bool) -> None:
    """Switch a schedule on or off."""
    _must_act(person)
    stores().runs.switch(schedule, active)
    what = f"switch {'on' if active else 'off'}"
    stores().audit.add(_action(person, what, f"{schedule.flow} {schedule.name}"))


def switch_nightly(person: Person, market: str, active: bool) -> None:
    """Keep a market up to date every evening, or no longer; the scheduler follows, also later."""
    _must_act(person)
    switches.switch_nightly(stores(), market, active, person.name, datetime.now(UTC))


def decide(person: Person, numbers: list[int], status: str, reason: str) -> list[QuarantineEntry]:
    """Release or discard bars that are held back; each word undoes the other."""
    _must_act(person)
    now = datetime.now(UTC)
    return review.decide(
        stores().gateway,
        stores().audit,
        status,
        numbers,
        person.name,
        validate_reason(reason),
        now,
    )


def explain_step(person: Person, number: int, explanation: str, reason: str) -> None:
    """Say what the step of an entry was."""
    _must_act(person)
    gateway, audit = stores().gateway, stores().audit
    explain_steps.explain_step(
        gateway, audit, number, explanation, person.name, reason, datetime.now(UTC)
    )


def withdraw_explanation(person: Person, number: int, reason: str) -> None:
    """Part the bars at an answered step again."""
    _must_act(person)
    gateway, audit = stores().gateway, stores().audit
    explain_steps.withdraw_explanation(
        gateway, audit, number, person.name, reason, datetime.now(UTC)
    )


def forget_awaited(person: Person, symbols: list[str]) -> None:
    """Take tickers back that were asked for and of which nothing came."""
    _must_act(person)
    stores().watchlist.remove([Ticker.parse(symbol) for symbol in symbols])
    stores().audit.add(_action(person, "dismiss tickers", ", ".join(symbols)[:256]))


def forget_sample(person: Person) -> None:
    """Remove the sample data."""
    _must_act(person)
    remove_sample(stores(), person.name, datetime.now(UTC))


def _action(person: Person, action: str, subject: str, reason: str = "") -> Action:
    return Action(datetime.now(UTC), person.name, action, subject, reason)
