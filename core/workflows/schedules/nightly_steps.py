"""The steps of a night in their order, and one sentence on what each did."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from core.foundation.clock import Clock
from core.foundation.errors import TickerLensError
from core.foundation.messages import Message
from core.foundation.progress import Progress, WorkStatus
from core.foundation.schedules.nightly_log import NightlyStatus, NightlyStep
from core.lifecycle.train import TrainingRequest
from core.lifecycle.wanted_training import training_wanted
from core.market_data.ingest import WantedBars
from core.market_data.lake.bar_origins import own_tickers
from core.reference.scope import in_market
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import ingest
from core.workflows.forecast import forecast, unrecorded
from core.workflows.monitor import Measure, monitor
from core.workflows.score import score
from core.workflows.training.train import train

INGEST, TRAIN, SCORE, MONITOR, FORECAST = "ingest", "train", "score", "monitor", "forecast"
_REASONS_SHOWN = 3
Announce = Callable[[Message], None]


@dataclass(frozen=True)
class NightlyWork:
    """What a night is done with.

    Parameters
    ----------
    measure, announce : see `core.workflows.monitor`.
    clock : asked anew by each step.
    market : only the tickers of this market; all when empty.
    """

    workspace: Workspace
    actor: str
    measure: Measure
    progress: Progress
    clock: Clock
    market: str = ""
    announce: Announce | None = None

    def steps(self) -> dict[str, Callable[[], dict[str, Any]]]:
        """What is to be done, in order. Each may raise a `TickerLensError`."""
        workspace, progress, clock = self.workspace, self.progress, self.clock
        request = TrainingRequest(self.actor, "nothing serves yet")

        def fetch() -> dict[str, Any]:
            wanted = WantedBars(market=self.market)
            return ingest(workspace, wanted, self.actor, clock(), progress, ask=False).to_dict()

        return {
            INGEST: fetch,
            TRAIN: lambda: train(workspace, request, progress, clock),
            SCORE: lambda: score(workspace, clock(), self._tickers(), progress),
            MONITOR: lambda: monitor(workspace, self.measure, progress, self.announce, clock),
            FORECAST: lambda: forecast(workspace, self._tickers(), progress=progress, clock=clock),
        }

    def nothing_serves(self) -> bool:
        """Whether a training belongs to this night."""
        registry = self.workspace.registry
        return (
            registry.champion() is None
            or training_wanted(registry, self.workspace.bars) is not None
        )

    def _tickers(self) -> list[Ticker] | None:
        """The stored ones of the market; none of the sample, which nothing new comes of."""
        if not self.market:
            return None
        own = set(own_tickers(self.workspace.bars))
        stored = [one for one in self.workspace.bars.tickers() if one.symbol in own]
        return in_market(self.market, stored)


@dataclass(frozen=True)
class NightlyResult:
    """What the steps gave by name, and why some failed; `stopped` if not all were to be done."""

    results: dict[str, dict[str, Any]]
    failures: dict[str, TickerLensError]
    stopped: bool = False

    @property
    def status(self) -> NightlyStatus:
        """Failed if no step that was tried did what it was for."""
        if self.failures and not self.results.keys() - self.failures.keys():
            return NightlyStatus.FAILED
        partial = any(one.get("status") == WorkStatus.PARTIAL for one in self.results.values())
        return NightlyStatus.PARTIAL if self.failures or partial else NightlyStatus.OK

    def to_dict(self) -> dict[str, Any]:
        """The results, and a sentence a step that failed."""
        failed = {name: error.sentence for name, error in self.failures.items()}
        return {"status": self.status, **self.results, "failed": failed}

    def or_raise(self) -> dict[str, Any]:
        """`to_dict`.

        Raises
        ------
        TickerLensError : every step failed; the reason of the first.
        """
        if self.status == NightlyStatus.FAILED:
            raise next(iter(self.failures.values()))
        return self.to_dict()


def run_steps(
    work: NightlyWork,
    left_out: Collection[str],
    on_step: Callable[[str, NightlyStep, dict[str, Any]], bool],
) -> NightlyResult:
    """Do one step after the other; one that fails is named, and the rest goes on.

    That of the forecasts fails too where none of them is in the ledger.

    Parameters
    ----------
    left_out : steps that were done before.
    on_step : given each step that ended with its result, which it may add to; the night goes on
        unless it says False.
    """
    results, failures = dict[str, dict[str, Any]](), dict[str, TickerLensError]()
    for name, step in work.steps().items():
        if name in left_out or name == TRAIN and not work.nothing_serves():
            continue
        found: dict[str, Any] = {}
        try:
            found = results[name] = step()
            if reason := unrecorded(found):
                failures[name] = TickerLensError.of(reason)
        except TickerLensError as error:
            failures[name] = error
        if not on_step(name, _ended(name, found, failures.get(name), work), found):
            return NightlyResult(results, failures, stopped=True)
    return NightlyResult(results, failures)


def _ended(
    name: str, found: dict[str, Any], failure: TickerLensError | None, work: NightlyWork
) -> NightlyStep:
    if failure is not None:
        return NightlyStep(NightlyStatus.FAILED, work.clock(), failure.sentence)
    partial = found.get("status") == WorkStatus.PARTIAL
    status = NightlyStatus.PARTIAL if partial else NightlyStatus.OK
    return NightlyStep(status, work.clock(), _described(name, found))


def _described(name: str, found: dict[str, Any]) -> Message:
    """One sentence on what a step did, and why parts of it failed."""
    message = _DESCRIPTIONS[name](found)
    reasons = [
        reason
        for key in ("failed", "late", "untimely")
        for reason in (found.get(key) or {}).values()
    ]
    if not reasons:
        return message
    return Message(
        "nightly.step-partly",
        "{message} {count} of them not: {reasons: }",
        {"message": message, "count": len(reasons), "reasons": reasons[:_REASONS_SHOWN]},
    )


def _ingested(found: dict[str, Any]) -> Message:
    bars = sum(one["new"] + one["corrected"] for one in found["written"].values())
    return Message(
        "nightly.ingested",
        "{tickers} tickers were fetched, {bars} bars are new or corrected.",
        {"tickers": len(found["written"]), "bars": bars},
    )


def _trained(found: dict[str, Any]) -> Message:
    version = {"version": found["model"]["version"], "alias": found["alias"]}
    return Message("nightly.trained", "Version {version} is the {alias} now.", version)


def _scored(found: dict[str, Any]) -> Message:
    return Message(
        "nightly.scored",
        "{scored} scores are new, {waiting} targets are still to come.",
        {"scored": found["scored"], "waiting": found["waiting"]},
    )


def _monitored(found: dict[str, Any]) -> Message:
    verdicts = [f"{one['name']}: {one['verdict']}" for one in found["signals"]]
    return Message("nightly.monitored", "{verdicts:; }.", {"verdicts": verdicts})


def _forecast(found: dict[str, Any]) -> Message:
    return Message(
        "nightly.forecast",
        "{made} forecasts were made, {new} are new in the ledger.",
        {"made": found["made"], "new": found["new_in_ledger"]},
    )


_DESCRIPTIONS = {
    INGEST: _ingested,
    TRAIN: _trained,
    SCORE: _scored,
    MONITOR: _monitored,
    FORECAST: _forecast,
}
