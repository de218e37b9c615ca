"""The only writes that pages make; each checks again who asks."""

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pandas as pd

from app.jobs import Job, Jobs
from app.runs import Schedule
from app.stores import stores
from core import wiring
from core.errors import AccessError, InvalidInputError
from core.market.sample import SampleSource
from core.services import promote as promotion
from core.services import quality
from core.services.catalog import catalog
from core.services.progress import Progress
from core.services.sample import load_sample, remove_sample
from core.services.scope import in_scope, parse_scope
from core.services.track import parse_tickers, track
from core.services.train import Order, train
from core.storage.access import Person
from core.storage.audit import Action
from core.storage.outbox import Request
from core.storage.quarantine import Entry

_LONGEST_REASON = 500
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
    only = bool((tracked["source"] == SampleSource.name).all())
    return only and stores().registry.champion() is None


def start_sample(person: Person) -> Job:
    """Load the sample data. Anyone may until it has been loaded once; then only a developer."""
    found = catalog(stores().bars)
    if not found.empty and not sample_unfinished(found):
        _must_act(person)

    def work(progress: Progress) -> None:
        load_sample(
            stores().intake,
            stores().registry,
            stores().audit,
            person.name,
            datetime.now(UTC),
            progress,
            stores().outcomes,
            stores().ledger,
        )
        _record_in_mlflow(person)

    return jobs().start(_LOADING, work)


def start_tracking(person: Person, text: str) -> Job:
    """Fetch the tickers named in a text from Yahoo. Anyone may while the store is empty.

    Raises
    ------
    AccessError : bars are stored, and the person is no developer.
    InvalidInputError : naming every ticker that cannot be tracked. Nothing was begun.
    BusyError : another job still runs.
    """
    first = catalog(stores().bars).empty
    if not first:
        _must_act(person)
    tickers = parse_tickers(text)
    settings = stores().settings

    def work(progress: Progress) -> str:
        source = wiring.open_source("yahoo", settings=settings)
        intake, registry, audit = stores().intake, stores().registry, stores().audit
        now = datetime.now(UTC)
        who, outcomes = person.name, stores().outcomes
        before = registry.champion()
        done = track(source, intake, registry, audit, who, tickers, now, progress, outcomes)
        if registry.champion() != before:
            _record_in_mlflow(person)
        return done.note

    return jobs().start(_FIRST if first else _MORE, work, tuple(map(str, tickers)))


def start_training(person: Person, reason: str) -> Job:
    """Train on what is stored, in this process: the first training waits for no scheduler."""
    _must_act(person)

    def work(progress: Progress) -> None:
        now = datetime.now(UTC)
        train(stores().bars, stores().registry, Order(person.name, reason), now, progress)
        _record_in_mlflow(person)

    return jobs().start("Training", work)


def ask_for_training(
    person: Person, scope: str, model: str, reason: str, gate: bool = False
) -> tuple[Request, bool]:
    """Ask the scheduler for a training; the one that is open already, and False, if there is one.

    `gate` lets the result serve at once if the gate says so; else it challenges.

    Raises
    ------
    AccessError : a viewer asks.
    InvalidInputError : no reason is given, or the scope is not understood.
    NotFoundError : no bars are stored for the scope.
    """
    _must_act(person)
    in_scope(scope, stores().bars.tickers())
    parameters = {
        "scope": parse_scope(scope),
        "model": model,
        "reason": _reason(reason),
        "who": person.name,
        "gate": gate,
    }
    return _ask("train", parameters, person)


def ask_for_monitoring(person: Person) -> tuple[Request, bool]:
    """Ask the scheduler to measure drift now."""
    _must_act(person)
    return _ask("monitor", {}, person)


def cancel(person: Person, request: Request) -> None:
    """Stop what was asked for; what waits still is taken back."""
    _must_act(person)
    if request.run_id is None:
        stores().outbox.ended(request.id, "CANCELLED", datetime.now(UTC))
    else:
        stores().runs.cancel(request.run_id)
    stores().audit.add(_action(person, f"cancel {request.flow}", f"request {request.id}"))


def promote(
    person: Person, version: int, reason: str, instead_of: int | None, ticker: str = ""
) -> None:
    """Let a version serve, from the next forecast on, in place of the one the person has seen.

    With a ticker, as its specialist.
    """
    _must_act(person)
    registry, bars, audit = stores().registry, stores().bars, stores().audit
    now, why = datetime.now(UTC), _reason(reason)
    promotion.promote(registry, bars, audit, version, person.name, why, now, instead_of, ticker)
    _record_in_mlflow(person)


def roll_back(person: Person, reason: str, instead_of: int | None, ticker: str = "") -> None:
    """Let the former champion serve again, in place of the one the person has seen."""
    _must_act(person)
    registry, bars, audit = stores().registry, stores().bars, stores().audit
    now, why = datetime.now(UTC), _reason(reason)
    promotion.roll_back(registry, bars, audit, person.name, why, now, instead_of, ticker)
    _record_in_mlflow(person)


def switch(person: Person, schedule: Schedule, active: bool) -> None:
    """Switch a schedule on or off."""
    _must_act(person)
    stores().runs.switch(schedule, active)
    what = f"switch {'on' if active else 'off'}"
    stores().audit.add(_action(person, what, f"{schedule.flow} {schedule.name}"))


def decide(person: Person, numbers: list[int], standing: str, reason: str) -> list[Entry]:
    """Release or discard bars that are held back; each word undoes the other."""
    _must_act(person)
    now = datetime.now(UTC)
    return quality.decide(
        stores().intake, stores().audit, standing, numbers, person.name, _reason(reason), now
    )


def forget_sample(person: Person) -> None:
    """Remove the sample data."""
    _must_act(person)
    remove_sample(stores().intake, stores().audit, person.name, datetime.now(UTC))


def _ask(flow: str, parameters: dict[str, Any], person: Person) -> tuple[Request, bool]:
    request, new = stores().outbox.ask(flow, parameters, person.name, datetime.now(UTC))
    if new:
        reason = str(parameters.get("reason", ""))
        stores().audit.add(_action(person, f"ask for {flow}", f"request {request.id}", reason))
    return request, new


def _record_in_mlflow(person: Person) -> None:
    stores().outbox.ask("publish", {}, person.name, datetime.now(UTC))


def _action(person: Person, action: str, subject: str, reason: str = "") -> Action:
    return Action(datetime.now(UTC), person.name, action, subject, reason)


def _reason(text: str) -> str:
    reason = " ".join(text.split())
    if not reason:
        raise InvalidInputError("A reason is needed: it stays on record.", "reason")
    return reason[:_LONGEST_REASON]


def _must_act(person: Person) -> None:
    if not person.may_act:
        raise AccessError("Only a signed-in developer may do this.")
