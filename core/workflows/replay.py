"""Fill the past of the ledger: what the champion's recipe would have forecast, marked as that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.forecasts.ledger import score as scoring
from core.forecasts.replay import replayed
from core.foundation.audit import Action
from core.foundation.clock import Clock, utc_now
from core.foundation.errors import InvalidInputError, NotFoundError
from core.foundation.messages import Message
from core.foundation.outbox import Request
from core.foundation.progress import Progress, WorkStatus, silent
from core.market_data.lake.bar_origins import own_tickers
from core.models import create
from core.models.har import Har
from core.reference.forecast_kinds import ForecastKind
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion
from core.wiring import Workspace

SESSIONS = 60  # that are replayed where nobody says from when
_MAX_FORECASTS = 6000  # likewise; with more tickers than a hundred, fewer sessions of each


@dataclass(frozen=True)
class WantedReplay:
    """Which forecasts are wanted.

    Parameters
    ----------
    tickers : all of one's own when None.
    start, end : the first and the last `as_of`; the last `SESSIONS` when neither is given.
    missing : only tickers of which nothing was replayed yet.
    """

    tickers: list[Ticker] | None = None
    start: pd.Timestamp | None = None
    end: pd.Timestamp | None = None
    missing: bool = False


def replay(
    workspace: Workspace,
    actor: str,
    wanted: WantedReplay = WantedReplay(),
    progress: Progress = silent,
    clock: Clock = utc_now,
) -> dict[str, Any]:
    """Forecast past sessions by the champion's recipe, write them down as replayed, score them.

    See `core.forecasts.replay` for what each knew. They are never counted with live ones. Running
    it twice changes nothing.

    Returns
    -------
    JSON-able: the model, how many tickers and sessions, and how many forecasts and scores are new.

    Raises
    ------
    NotFoundError : no model was trained yet, or a ticker is not tracked here.
    InvalidInputError : only sample data is stored.
    """
    champion = workspace.registry.champion()
    if champion is None:
        raise NotFoundError("champion.none-trained", "No model was trained yet.")
    tickers = _chosen(workspace, wanted)
    own = own_tickers(workspace.bars)
    frame = workspace.bars.load(adjusted=False)
    frame = frame[frame["ticker"].isin(own)].reset_index(drop=True)
    origins = _origins(frame, tickers, wanted)
    known = workspace.ledger.as_ofs(ForecastKind.REPLAYED, champion.version)
    due = {
        origin: frozenset(one for one in tickers if (one, origin.date()) not in known)
        for origin in origins
    }
    new, untimely = 0, dict[str, Message]()
    made = replayed(
        lambda: create(champion.name, **champion.card.params),
        champion,
        frame,
        due,
        at := clock(),
        workspace.calendars(),
    )
    for number, batch in enumerate(made):
        progress("Replaying", number, len(origins))
        written = workspace.ledger.append(batch, clock(), ForecastKind.REPLAYED)
        new, untimely = new + written.new, untimely | written.untimely
    scores = 0
    if new:
        of = [Ticker(one) for one in tickers]
        scores = scoring.score(workspace.bars, workspace.ledger, clock(), of, progress).scored
        workspace.audit.add(Action(at, actor, "replay", _subject(champion, tickers)))
    progress("Replayed", 1, 1)
    return {
        "status": WorkStatus.PARTIAL if untimely else WorkStatus.OK,
        "model": {"name": champion.name, "version": str(champion.version)},
        "tickers": len(tickers),
        "sessions": len(origins),
        "window": f"{origins[0]:%Y-%m-%d}..{origins[-1]:%Y-%m-%d}" if len(origins) else None,
        "new_in_ledger": new,
        "scored": scores,
        "untimely": untimely,
    }


def replay_later(workspace: Workspace, actor: str, at: datetime) -> Request | None:
    """Ask the scheduler to replay tickers of which nothing was replayed yet, if there are any.

    None where none is left, or what serves learned from the sample alone.
    """
    champion = workspace.registry.champion()
    if champion is None or champion.card.sample or not _unreplayed(workspace):
        return None
    return workspace.outbox.ask("replay", {"missing": True}, actor, at)[0]


def _unreplayed(workspace: Workspace) -> list[str]:
    known = {ticker for ticker, _ in workspace.ledger.as_ofs(ForecastKind.REPLAYED)}
    own = own_tickers(workspace.bars, Har.min_fit_observations)
    return [one for one in own if one not in known]


def _chosen(workspace: Workspace, wanted: WantedReplay) -> list[str]:
    own = own_tickers(workspace.bars)
    for ticker in wanted.tickers or ():
        workspace.bars.renames().refuse(ticker)
        if ticker not in workspace.bars.tickers():
            raise NotFoundError(
                "ticker.not-tracked",
                "{ticker} is not tracked here.",
                {"ticker": ticker},
                parameter="ticker",
            )
    named = own if wanted.tickers is None else [one.symbol for one in wanted.tickers]
    found = [one for one in dict.fromkeys(named) if one in own]
    if not found:
        raise InvalidInputError(
            "replay.sample-only",
            "Only sample data is stored of these tickers; what is replayed is of one's own.",
            parameter="tickers",
        )
    return [one for one in found if one in _unreplayed(workspace)] if wanted.missing else found


def _origins(frame: pd.DataFrame, tickers: list[str], wanted: WantedReplay) -> pd.DatetimeIndex:
    own = frame.loc[frame["ticker"].isin(tickers), "session"]
    sessions = pd.DatetimeIndex(own.unique()).sort_values()
    first = sessions.min() if wanted.start is None else wanted.start
    last = sessions.max() if wanted.end is None else wanted.end
    chosen = sessions[(sessions >= first) & (sessions <= last)]
    if wanted.start is not None:
        return chosen
    every = -(-len(tickers) * SESSIONS // _MAX_FORECASTS) or 1
    return chosen[-SESSIONS:][::-1][::every][::-1]


def _subject(model: ModelVersion, tickers: list[str]) -> str:
    return f"version {model.version}: {', '.join(tickers)}"[:256]
