"""The first visit: sample bars in, a model trained, a forecast made."""

from datetime import datetime

from core.forecasts.forecast import Forecast
from core.forecasts.serve import forecast
from core.foundation.audit import Action
from core.foundation.outbox import RequestOrigin
from core.foundation.progress import Progress, silent
from core.lifecycle.train import TrainingRequest, train
from core.market_data.ingest import Ingested, WantedBars
from core.reference.bar_sources import BarSource
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import store_bars
from core.workflows.training.recorded import Beginning, recorded

FIRST_TICKER = Ticker.parse("AAPL")


def load_sample(
    workspace: Workspace,
    actor: str,
    at: datetime,
    progress: Progress = silent,
    origin: RequestOrigin = RequestOrigin.COMMAND,
) -> Forecast:
    """Ingest the sample, train on it, and forecast its first ticker, on record in the ledger.

    Raises
    ------
    BusyError : a training on all tickers is under way.
    """

    def noted(done: Ingested) -> Action:
        return Action(at, actor, "load sample", "bars")

    store_bars(workspace, [WantedBars(source=BarSource.SAMPLE)], noted, at, progress)
    order = TrainingRequest(actor, "sample data loaded")
    with recorded(workspace, order, Beginning(origin), progress, lambda: at) as now:
        train(workspace.bars, now.registry, now.order, at, now.progress)
    progress(f"Forecasting {FIRST_TICKER}", 0, 1)
    made = forecast(workspace.forecast_stores, FIRST_TICKER, at)
    workspace.ledger.append([made], at)
    progress("Ready", 1, 1)
    return made
