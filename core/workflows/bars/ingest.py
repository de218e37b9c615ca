"""Fetch bars and store them: past the checks, against the calendars, and into the copy."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pandas as pd

from core.foundation.audit import Action
from core.foundation.errors import InvalidInputError
from core.foundation.messages import Message
from core.foundation.progress import Progress, silent
from core.lifecycle import wanted_training
from core.market_data import ingest as fetched
from core.market_data.ingest import Ingested, WantedBars
from core.market_data.reconcile_sessions import describe, reconcile
from core.market_data.sources.exchange.reports import trades_in_taiwan
from core.market_data.sources.source_contract import Source
from core.reference.bar_sources import BarSource, is_feed, is_sample
from core.reference.scope import in_market
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.replicate import mirrored, replicate

if TYPE_CHECKING:
    from core.market_data.replicate import Mirrored

_SUBJECT_CHARACTERS = 256
_MAX_NEW_SESSIONS = 10  # that a ticker may get in an ordinary ingest
_RECENT_DAYS = 400


@dataclass(frozen=True)
class StoredBars:
    """What an ingest did: the bars, sessions found out to be none or one more, and the copy."""

    ingested: Ingested
    sessions: list[str]
    replica: "Mirrored | None"
    training: dict[str, Any] = field(default_factory=dict)

    @property
    def warning(self) -> Message | None:
        """Why the copy is behind, in a sentence; None if it is not."""
        return None if self.replica is None else self.replica.warning

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        changed = {"sessions": self.sessions} if self.sessions else {}
        return {**self.ingested.to_dict(), **changed, **self.training, **mirrored(self.replica)}


def ingest(
    workspace: Workspace,
    wanted: WantedBars,
    actor: str,
    at: datetime,
    progress: Progress = silent,
    ask: bool = True,
) -> StoredBars:
    """Fetch bars, store them, and write down how it went.

    Where no version can serve what is stored then, a training is asked for, unless `ask` says that
    the caller trains.

    Raises
    ------
    InvalidInputError : what is wanted makes no sense.
    TickerLensError : every ticker failed; names each, and no bar was stored.
    """

    def noted(done: Ingested) -> Action:
        return Action(at, actor, "ingest", bars_subject(done.source, done.written))

    done = store_bars(workspace, parts_of(workspace, wanted), noted, at, progress)
    training = ask_for_training(workspace, at) if ask else {}
    return StoredBars(done.ingested, done.sessions, done.replica, training)


def store_bars(
    workspace: Workspace,
    parts: Sequence[WantedBars],
    noted: Callable[[Ingested], Action],
    at: datetime,
    progress: Progress = silent,
) -> StoredBars:
    """What every door does with bars; `noted` says what goes on record of it. Raises as `ingest`.

    `parts` are bars of different tickers, each from a source. Running it twice changes nothing.
    """
    gateway, audit = workspace.gateway, workspace.audit
    done = Ingested.merged(
        [
            fetched.attempt(
                source_of(workspace, wanted),
                gateway,
                at,
                wanted,
                progress,
                workspace.ingest_log,
                workspace.watchlist,
            )
            for wanted in parts
        ]
    ).or_raise()
    audit.add(noted(done))
    since = _judged_since(at, parts[0], done)
    changes = reconcile(gateway, workspace.session_overrides, audit, at, since)
    progress("Bringing the market state up to date", 0, 1)
    workspace.forecast_stores.markets.current()
    workspace.bars.summaries()  # once for all that was written: the next page need not read it
    return StoredBars(done, list(map(describe, changes)), replicate(workspace, progress))


def ask_for_training(workspace: Workspace, at: datetime) -> dict[str, Any]:
    """Ask for the training that is wanted, if one is; why, for the answer."""
    request = wanted_training.ask_for_training(
        workspace.outbox, workspace.registry, workspace.bars, at
    )
    if request is None:
        return {}
    reason = {"reason": request.parameters["reason"]}
    return {"training": Message("training.requested", "Training asked for: {reason}.", reason)}


def parts_of(workspace: Workspace, wanted: WantedBars) -> list[WantedBars]:
    """What is wanted with the source it comes from: one part, or Taiwan apart from the rest.

    Raises
    ------
    InvalidInputError : nobody says from where, and nothing stored does.
    """
    name = wanted.source or _default_source(workspace, wanted.tickers)
    if not wanted.source:
        return by_feed(workspace, replace(wanted, source=name))
    if name in (BarSource.TWSE, BarSource.BOTH) and wanted.tickers is None:
        return [replace(wanted, serves=trades_in_taiwan)]
    return [wanted]


def by_feed(workspace: Workspace, wanted: WantedBars) -> list[WantedBars]:
    """Bars of Yahoo's as the settings have it: those of Taiwan may come from another feed."""
    own = BarSource(workspace.settings.tw_source)
    if wanted.source != BarSource.YAHOO or own == BarSource.YAHOO:
        return [wanted]
    tickers = wanted.tickers
    if tickers is None:
        tickers = [*workspace.bars.tickers(), *(one.ticker for one in workspace.watchlist.all())]
    if wanted.market:
        tickers = in_market(wanted.market, tickers)
    rest = replace(wanted, serves=lambda one: not trades_in_taiwan(one))
    taiwan = replace(wanted, source=own, serves=trades_in_taiwan)
    parts = [one for one in (rest, taiwan) if one.serves and any(map(one.serves, tickers))]
    return parts or [wanted]


def source_of(workspace: Workspace, wanted: WantedBars) -> Source:
    """The source that is meant, opened.

    Raises
    ------
    InvalidInputError : there is none, or a file was named for another than csv.
    """
    only = wanted.tickers[0] if wanted.tickers and len(wanted.tickers) == 1 else None
    source = workspace.source(wanted.source, wanted.files, only, wanted.table)
    if wanted.files and wanted.source != BarSource.CSV:
        raise InvalidInputError(
            "source.file-without-csv", "--file goes with --source csv.", parameter="file"
        )
    return source


def bars_subject(source: str, written: dict[str, Any]) -> str:
    """What the audit log says was written."""
    return f"{source}: {', '.join(written)}"[:_SUBJECT_CHARACTERS]


def _judged_since(at: datetime, wanted: WantedBars, done: Ingested) -> pd.Timestamp | None:
    """From when on the calendars are judged anew: from the beginning when all is ingested, as each
    night; the last year says enough after a few new sessions of tickers that were named.
    """
    most = max((one.new + one.corrected for one in done.written.values()), default=0)
    ranged = wanted.start is not None or wanted.end is not None
    if wanted.tickers is None or ranged or most > _MAX_NEW_SESSIONS:
        return None
    return pd.Timestamp(at.date()) - pd.Timedelta(days=_RECENT_DAYS)


def _default_source(workspace: Workspace, tickers: list[Ticker] | None) -> str:
    """Where to look when nobody says: what was tracked from a feed is refreshed from one.

    The sample is never put beside tickers of one's own unasked.
    """
    if is_sample(workspace.settings.source):
        if tickers is None:
            sources = {source for one in workspace.bars.summaries() for source in one.sources}
        else:
            sources = set(workspace.bars.load(tickers, adjusted=False)["source"].unique())
        watched = {one.source for one in workspace.watchlist.all()}
        if any(map(is_feed, sources)) or (tickers is None and any(map(is_feed, watched))):
            return BarSource.YAHOO
        if tickers is None and not all(map(is_sample, sources)):
            raise InvalidInputError(
                "ingest.nothing-to-refresh",
                "No tracked ticker came from Yahoo, so there is nothing to refresh; name a "
                "source with --source.",
                parameter="source",
            )
    return workspace.settings.source
