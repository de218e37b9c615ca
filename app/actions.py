"""The only writes that pages make; each checks again who asks."""

from datetime import UTC, datetime
from functools import lru_cache

import pandas as pd

from app.jobs import Job, Jobs
from app.stores import stores
from core import wiring
from core.errors import AccessError
from core.market.sample import SampleSource
from core.services.catalog import catalog
from core.services.progress import Progress
from core.services.sample import load_sample, remove_sample
from core.services.train import Order, train
from core.storage.access import Person

_LOADING = "Loading sample data"


@lru_cache(maxsize=1)
def jobs() -> Jobs:
    """The jobs of this process."""
    return Jobs(stores().settings.home)


def sample_loading() -> bool:
    """Whether the sample is on its way; until it is whole, nothing of it is shown."""
    job = jobs().latest
    return job is not None and job.running and job.title == _LOADING


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
            stores().bars,
            stores().registry,
            stores().audit,
            person.name,
            datetime.now(UTC),
            progress,
            wiring.open_outcomes(stores().settings),
            wiring.open_ledger(stores().settings),
        )

    return jobs().start(_LOADING, work)


def start_training(person: Person, reason: str) -> Job:
    """Train on what is stored."""
    _must_act(person)

    def work(progress: Progress) -> None:
        now = datetime.now(UTC)
        train(stores().bars, stores().registry, Order(person.name, reason), now, progress)

    return jobs().start("Training", work)


def forget_sample(person: Person) -> None:
    """Remove the sample data."""
    _must_act(person)
    remove_sample(stores().bars, stores().audit, person.name, datetime.now(UTC))


def _must_act(person: Person) -> None:
    if not person.may_act:
        raise AccessError("Only a signed-in developer may do this.")
