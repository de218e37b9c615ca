"""Track tickers a person names: fetch their bars, and train where no model knows any of them."""

from dataclasses import dataclass
from datetime import datetime

from core.foundation.audit import Action
from core.foundation.errors import BusyError, InvalidInputError, NotEnoughHistoryError
from core.foundation.messages import Message
from core.foundation.outbox import RequestOrigin, StoppedError
from core.foundation.progress import Progress, silent
from core.lifecycle.train import TrainingRequest, train
from core.lifecycle.wanted_training import training_wanted
from core.market_data.ingest import Ingested, WantedBars
from core.reference.bar_sources import BarSource
from core.reference.instruments import Naming
from core.reference.naming.lists import some_namings
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import StoredBars, bars_subject, by_feed, store_bars
from core.workflows.replay import replay_later
from core.workflows.training.recorded import Beginning, recorded

MAX_TICKERS = 20


@dataclass(frozen=True)
class Tracked:
    """What tracking did; `untrained` says why no model was trained where one was wanted."""

    stored: StoredBars
    untrained: Message | None = None

    @property
    def ingested(self) -> Ingested:
        """What was fetched."""
        return self.stored.ingested

    @property
    def note(self) -> str:
        """What a person should know of it, one sentence after the other; empty if all went well."""
        failed = [f"{name}: {sentence}" for name, sentence in self.ingested.failed.items()]
        others = [str(one) for one in (self.untrained, self.stored.warning) if one is not None]
        return " ".join([*failed, *others])


def parse_tickers(text: str) -> list[Naming]:
    """Read what a person wants to track: tickers, codes or names, each once; see `some_namings`.

    Raises
    ------
    InvalidInputError : there is none, there are more than `MAX_TICKERS`, or some cannot be tracked;
        then every such one is named.
    """
    found = some_namings(text)
    if len(found) > MAX_TICKERS:
        raise InvalidInputError(
            "ingest.too-many",
            "{count} tickers are too many at once; the most is {most}.",
            {"count": len(found), "most": MAX_TICKERS},
            parameter="tickers",
        )
    return found


def track(
    workspace: Workspace,
    tickers: list[Ticker],
    actor: str,
    at: datetime,
    progress: Progress = silent,
) -> Tracked:
    """Ingest tickers from Yahoo, or those of Taiwan from where the settings say; train if no
    version can serve them.

    When one is wanted, see `core.lifecycle.wanted_training`.

    Raises
    ------
    TickerLensError : no ticker could be ingested; the first one's reason. Nothing was stored.
    """

    def noted(done: Ingested) -> Action:
        return Action(at, actor, "track", bars_subject(done.source, done.written))

    parts = by_feed(workspace, WantedBars(tickers, BarSource.YAHOO))
    stored, untrained = store_bars(workspace, parts, noted, at, progress), None
    bars, registry = workspace.bars, workspace.registry
    if training_wanted(registry, bars):
        order, begun = TrainingRequest(actor, "tickers tracked"), Beginning(RequestOrigin.PROGRAM)
        try:
            with recorded(workspace, order, begun, progress, lambda: at) as now:
                train(bars, now.registry, now.order, at, now.progress)
        except (NotEnoughHistoryError, BusyError, StoppedError) as error:
            untrained = Message(
                "track.untrained",
                "The bars are stored, but no model could be trained: {reason}",
                {"reason": error.sentence},
            )
    replay_later(workspace, actor, at)
    progress("Ready", 1, 1)
    return Tracked(stored, untrained)
