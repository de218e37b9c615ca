"""Score forecasts whose target sessions have closed."""

from datetime import datetime
from typing import Any

from core.forecasts.ledger import score as scoring
from core.foundation.progress import Progress, silent
from core.reference.tickers import Ticker
from core.wiring import Workspace


def score(
    workspace: Workspace,
    at: datetime,
    tickers: list[Ticker] | None = None,
    progress: Progress = silent,
) -> dict[str, Any]:
    """Score what the ledger holds of these tickers, all when None; JSON-able."""
    return scoring.score(workspace.bars, workspace.ledger, at, tickers, progress).to_dict()
