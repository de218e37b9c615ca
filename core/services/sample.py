"""The first visit: sample bars in, a model trained, a forecast made; and all of it out again."""

from datetime import datetime

from core.errors import NotFoundError
from core.forecasts.ledger import Ledger
from core.forecasts.make import Forecast
from core.market.sample import SampleSource
from core.registry.registry import ModelRegistry
from core.services.forecast import forecast
from core.services.ingest import ingest
from core.services.intake import Intake
from core.services.progress import Progress, silent
from core.services.train import Order, train
from core.storage.audit import Action, Audit
from core.storage.outcomes import Outcomes
from core.tickers import Ticker

FIRST_TICKER = Ticker.parse("AAPL")


def load_sample(
    intake: Intake,
    registry: ModelRegistry,
    audit: Audit,
    who: str,
    at: datetime,
    progress: Progress = silent,
    outcomes: Outcomes | None = None,
    ledger: Ledger | None = None,
) -> Forecast:
    """Ingest the sample, train on it, and forecast its first ticker.

    Parameters
    ----------
    outcomes : where to write down how the ingest went.
    ledger : where to write the forecast down.
    """
    ingest(SampleSource(), intake, at, progress=progress, outcomes=outcomes)
    audit.add(Action(at, who, "load sample", "bars"))
    train(intake.bars, registry, Order(who, "sample data loaded"), at, progress)
    progress(f"Forecasting {FIRST_TICKER}", 0, 1)
    made = forecast(intake.bars, registry, FIRST_TICKER, at)
    if ledger is not None:
        ledger.append([made], at)
    progress("Ready", 1, 1)
    return made


def remove_sample(intake: Intake, audit: Audit, who: str, at: datetime) -> list[Ticker]:
    """Forget every ticker whose bars are sample ones; returns them.

    Raises
    ------
    NotFoundError : there are none.
    """
    stored = intake.bars.load(adjusted=False)
    symbols = stored.loc[stored["source"] == SampleSource.name, "ticker"].unique()
    if not len(symbols):
        raise NotFoundError("There is no sample data to remove.")
    gone = [Ticker.parse(symbol) for symbol in symbols]
    for ticker in gone:
        intake.bars.remove(ticker)
        intake.quarantine.forget(ticker.symbol)
    audit.add(Action(at, who, "remove sample", ", ".join(symbols)))
    return gone
