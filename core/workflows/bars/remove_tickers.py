"""Forget tickers: those a person names, or all of the sample."""

from datetime import datetime
from typing import Any

from core.foundation.audit import Action
from core.foundation.errors import NotFoundError
from core.foundation.progress import Progress, silent
from core.market_data.lake.bar_origins import with_sample_bars
from core.market_data.reconcile_sessions import describe, reconcile
from core.reference.tickers import Ticker
from core.wiring import Workspace


def remove(
    workspace: Workspace,
    tickers: list[Ticker],
    actor: str,
    at: datetime,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Forget all bars of these tickers, and that they were asked for; what is removed, JSON-able.

    What only their bars showed of a calendar is taken back.

    Raises
    ------
    NotFoundError : one is not tracked; nothing was removed.
    """
    wanted = list(dict.fromkeys(tickers))
    known = tracked(workspace)
    for ticker in wanted:
        if ticker.symbol not in known:
            raise NotFoundError(
                "ticker.not-removed",
                "{ticker} is not tracked here; nothing was removed.",
                {"ticker": ticker},
                parameter="tickers",
            )
    for done, ticker in enumerate(wanted):
        progress("Removing bars", done, len(wanted))
        workspace.watchlist.remove([ticker])
        _forget(workspace, ticker)
        workspace.audit.add(Action(at, actor, "remove bars", str(ticker)))
    changes = reconcile(workspace.gateway, workspace.session_overrides, workspace.audit, at)
    sessions = {"sessions": list(map(describe, changes))} if changes else {}
    return {"removed": [str(ticker) for ticker in wanted], **sessions}


def tracked(workspace: Workspace) -> set[str]:
    """Symbols of all that is stored or asked for."""
    watched = (one.ticker for one in workspace.watchlist.all())
    return {ticker.symbol for ticker in (*workspace.bars.tickers(), *watched)}


def remove_sample(workspace: Workspace, actor: str, at: datetime) -> list[Ticker]:
    """Forget every ticker whose bars are sample ones; returns them.

    One that was asked for from elsewhere meanwhile is still waited for.

    Raises
    ------
    NotFoundError : there are none.
    """
    gone = with_sample_bars(workspace.bars)
    if not gone:
        raise NotFoundError("sample.not-loaded", "There is no sample data to remove.")
    for ticker in gone:
        _forget(workspace, ticker)
    workspace.audit.add(Action(at, actor, "remove sample", ", ".join(map(str, gone))))
    return gone


def _forget(workspace: Workspace, ticker: Ticker) -> None:
    workspace.bars.remove(ticker)
    workspace.quarantine.forget(ticker.symbol)
