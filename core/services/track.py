"""Track tickers a person names: fetch their bars, and train where no model knows any of them."""

from dataclasses import dataclass
from datetime import datetime

from core.errors import InvalidInputError, NotEnoughHistoryError
from core.instruments import find_all
from core.market.sources import Source
from core.registry.registry import ModelRegistry
from core.services.ingest import Ingested, ingest
from core.services.intake import Intake
from core.services.progress import Progress, silent
from core.services.train import Order, has_fit, train
from core.storage.audit import Action, Audit
from core.storage.outcomes import Outcomes
from core.tickers import Ticker

MOST = 20
_SUBJECT = 256


@dataclass(frozen=True)
class Tracked:
    """What tracking did; `untrained` says why no model was trained where one was wanted."""

    ingested: Ingested
    untrained: str = ""

    @property
    def note(self) -> str:
        """What a person should know of it, one sentence after the other; empty if all went well."""
        failed = [f"{name}: {sentence}" for name, sentence in self.ingested.failed.items()]
        return " ".join([*failed, *filter(None, [self.untrained])])


def parse_tickers(text: str) -> list[Ticker]:
    """Read what a person wants to track: tickers, codes or names, each once; see `find_all`.

    Raises
    ------
    InvalidInputError : there is none, there are more than `MOST`, or some cannot be tracked; then
        every such one is named.
    """
    found = find_all(text)
    if not found:
        raise InvalidInputError("Name at least one ticker, such as AAPL or 2330.TW.", "tickers")
    if len(found) > MOST:
        raise InvalidInputError(
            f"{len(found)} tickers are too many at once; the most is {MOST}.", "tickers"
        )
    return found


def track(
    source: Source,
    intake: Intake,
    registry: ModelRegistry,
    audit: Audit,
    who: str,
    tickers: list[Ticker],
    at: datetime,
    progress: Progress = silent,
    outcomes: Outcomes | None = None,
) -> Tracked:
    """Ingest tickers; train if no model serves, or if it learned from none that are stored.

    Raises
    ------
    TickerLensError : no ticker could be ingested; the first one's reason. Nothing was stored.
    """
    done = ingest(source, intake, at, tickers, progress=progress, outcomes=outcomes)
    audit.add(Action(at, who, "track", f"{source.name}: {', '.join(done.written)}"[:_SUBJECT]))
    untrained = ""
    if not has_fit(registry, intake.bars):
        try:
            train(intake.bars, registry, Order(who, "tickers tracked"), at, progress)
        except NotEnoughHistoryError as error:
            untrained = f"The bars are stored, but no model could be trained: {error.message}"
    progress("Ready", 1, 1)
    return Tracked(done, untrained)
