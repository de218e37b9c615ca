"""Every action of the pages: a viewer is refused and changes nothing, a developer is on record."""

import inspect
import time
from collections.abc import Callable
from typing import Any

import pytest

from app.state import actions
from app.state.jobs import Job
from app.state.prefect_client import Schedule
from app.state.stores import Stores
from core.foundation.errors import AccessError
from core.foundation.keys.caller import Caller, Entrance
from core.foundation.keys.person import VIEWER, Person, PersonRole
from core.market_data.ingest import WantedBars
from core.market_data.records.quarantine import QuarantineStatus
from core.market_data.sources.tables.text import FileBytes
from core.reference.tickers import Ticker
from tests.support.homes import AT, file_bytes

OFFICE = Caller(Entrance.PAGE, "192.0.2.7")
ANN = Person("ann", PersonRole.DEVELOPER, caller=OFFICE)
BOB = Person("bob", PersonRole.VIEWER, caller=OFFICE)
FILE = FileBytes(
    "own.csv",
    b"Date,Close,Open,High,Low,Volume\n2024-01-02,10,10,11,9,100\n2024-01-03,10,10,8,9,100\n",
)
WANTED = WantedBars([Ticker.parse("OWN")], "csv", (FILE,))
SCHEDULE = Schedule("d", "s", "forecast", "daily", "0 0 * * *", "UTC", True)
# What each is asked for, beside who asks; `start_sample` is asked of a store that is filled.
ARGUMENTS: dict[str, tuple[Any, ...]] = {
    "start_sample": (),
    "start_tracking": ("AAPL",),
    "preview_files": (WANTED,),
    "start_storing": (WANTED, ("OWN",)),
    "start_renaming": ("AAPL", "APPL", "a reason"),
    "start_training": ("a reason",),
    "ask_for_training": ("all", "har", "a reason"),
    "ask_for_monitoring": (),
    "promote": (1, "a reason", 1),
    "roll_back": ("a reason", 1),
    "ask_gate": (1,),
    "switch": (SCHEDULE, False),
    "switch_nightly": ("tw", True),
    "decide": ([1], QuarantineStatus.RELEASED, "a reason"),
    "explain_step": (1, "split 2", "a reason"),
    "withdraw_explanation": (1, "a reason"),
    "forget_awaited": (["AAPL"],),
    "forget_sample": (),
}


def public() -> set[str]:
    """Names of the actions: what the module itself defines and hands a person."""
    return {
        name
        for name, found in inspect.getmembers(actions, inspect.isfunction)
        if found.__module__ == actions.__name__
        and not name.startswith("_")
        and "person" in inspect.signature(found).parameters
    }


def test_every_action_is_tried() -> None:
    assert public() - {"cancel"} == set(ARGUMENTS), "cancel wants a request, and is tried by itself"


@pytest.mark.parametrize("person", [VIEWER, BOB], ids=["anonymous", "viewer"])
def test_a_viewer_is_refused_and_changes_nothing(sample: Stores, person: Person) -> None:
    request, _ = sample.outbox.ask("monitor", {}, "ann", AT)
    before = (sample.audit.count(), file_bytes(sample.settings.home / "bars"))
    forced: list[Callable[[], object]] = [lambda: actions.cancel(person, request)]
    for name, words in ARGUMENTS.items():
        forced.append(lambda name=name, words=words: getattr(actions, name)(person, *words))
    for one in forced:
        with pytest.raises(AccessError, match="^Only a signed-in developer may do this.$"):
            one()
    assert (sample.audit.count(), file_bytes(sample.settings.home / "bars")) == before
    assert not sample.outbox.get(request.id).stopping and actions.jobs().latest is None
    champion = sample.registry.champion()
    assert champion is not None and champion.version == 1


def ended(job: Job) -> None:
    deadline = time.monotonic() + 120
    while job.running:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert job.error == ""


def test_each_action_is_on_record_with_who_and_from_where(sample: Stores) -> None:
    noted = sample.audit.count()

    def recorded() -> list[tuple[str, str, str, str]]:
        nonlocal noted
        found = sample.audit.latest(sample.audit.count() - noted)
        noted += len(found)
        return [(one.actor, one.action, one.door, one.address) for one in reversed(found)]

    def by_ann(*done: str) -> list[tuple[str, str, str, str]]:
        return [("ann", one, "page", "192.0.2.7") for one in done]

    request, _ = actions.ask_for_monitoring(ANN)
    actions.cancel(ANN, request)
    assert recorded() == by_ann("ask for monitor", "cancel monitor")
    actions.switch_nightly(ANN, "tw", True)
    assert recorded() == by_ann("switch on")
    actions.ask_for_training(ANN, "all", "har", "a reason")
    assert recorded() == by_ann("ask for train")
    ended(actions.start_storing(ANN, WANTED, ("OWN",)))
    assert recorded() == by_ann("ingest"), "a job works in a thread of its own"
    (step,) = sample.quarantine.entries("AAPL", (QuarantineStatus.OPEN,))
    actions.explain_step(ANN, step.id, "real", "a reason")
    actions.withdraw_explanation(ANN, step.id, "a reason")
    assert recorded() == by_ann("answer step", "take back answer")
    ended(actions.start_renaming(ANN, "OWN", "OWNED", "a reason"))
    assert recorded() == by_ann("rename")
    sample.watchlist.add([Ticker.parse("NOWHERE")], "yahoo", AT)
    actions.forget_awaited(ANN, ["NOWHERE"])
    assert recorded() == by_ann("dismiss tickers")
    actions.forget_sample(ANN)
    found = recorded()
    assert found and set(found) <= set(by_ann("remove bars", "remove sample"))
