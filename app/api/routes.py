"""What the app answers over HTTP, under /api."""

from datetime import UTC, date, datetime
from typing import Annotated, Any

import pandas as pd
from fastapi import FastAPI, Query

from app.api.auth import router as auth
from app.api.errors import add_error_handlers
from app.api.schemas import (
    ForecastAnswer,
    Health,
    HistoryAnswer,
    PredictRequest,
    Problem,
    TickerAnswer,
)
from app.state.stores import stores
from core.foundation.source_commit import VERSION
from core.lifecycle.wanted_training import shortcomings
from core.market_data.catalog import catalog
from core.market_data.history import history
from core.market_data.records.fetch_failure import fetch_failure
from core.market_data.ticker_search import exact
from core.reference.schema import validate_horizon
from core.reference.tickers import Ticker
from core.workflows.forecast import forecast_one

_BAR_COLUMNS = ["open", "high", "low", "close", "volume", "dividend", "split_ratio"]

# The interactive documentation page would load its scripts from outside.
api = FastAPI(
    title="TickerLens",
    version=VERSION,
    docs_url=None,
    redoc_url=None,
    responses={code: {"model": Problem} for code in (400, 404, 409, 413, 422, 503)},
)
add_error_handlers(api)
api.include_router(auth)


@api.get("/health")
def health() -> Health:
    """Whether the app is up and what it holds."""
    here, serving = stores(), stores().registry.serving()
    wrong = shortcomings(here.registry, here.bars, here.outbox)
    return Health(
        status="degraded" if wrong else "ok",
        note=" ".join(map(str, wrong)) or None,
        version=api.version,
        tickers=len(here.bars.tickers()),
        champion=None if serving is None or serving.fallback else str(serving.model.version),
    )


@api.get("/tickers")
def tickers() -> list[TickerAnswer]:
    """Every tracked ticker."""
    rows = catalog(stores().bars).to_dict("records")
    return [TickerAnswer(**{str(key): _json(value) for key, value in row.items()}) for row in rows]


@api.get("/history/{ticker}")
def history_of(
    ticker: str,
    start: Annotated[date | None, Query(description="first session")] = None,
    end: Annotated[date | None, Query(description="last session")] = None,
    adjusted: Annotated[bool, Query(description="scale for dividends and splits")] = True,
) -> HistoryAnswer:
    """Stored bars of one ticker."""
    first, last = (None if day is None else pd.Timestamp(day) for day in (start, end))
    calendars = stores().calendars()
    found = history(stores().bars, _tracked(ticker), calendars, first, last, adjusted)
    newest = found.bars["session"].iloc[-1]
    failed = fetch_failure(stores().ingest_log, found.ticker, newest, datetime.now(UTC), calendars)
    values = found.bars[_BAR_COLUMNS].astype(object).where(found.bars[_BAR_COLUMNS].notna(), None)
    values.insert(0, "session", found.bars["session"].dt.strftime("%Y-%m-%d"))
    return HistoryAnswer.model_validate(
        {
            "ticker": found.ticker.symbol,
            "currency": found.ticker.currency,
            "source": found.bars["source"].iloc[-1],
            "adjusted": adjusted,
            "bars": values.to_dict("records"),
            "missing": found.missing.strftime("%Y-%m-%d").tolist(),
            "held": found.held_back.strftime("%Y-%m-%d").tolist(),
            "since": None if found.since is None else f"{found.since:%Y-%m-%d}",
            "setback": str(failed.sentence(_utc)) if failed and end is None else None,
        }
    )


@api.post("/predict")
def predict(request: PredictRequest) -> ForecastAnswer:
    """Forecast 1..horizon sessions after the ticker's last stored one."""
    horizon = validate_horizon(request.horizon)
    made = forecast_one(stores(), _tracked(request.ticker))
    return ForecastAnswer.model_validate(made.to_dict(horizon))


def _tracked(text: str) -> Ticker:
    """The tracked ticker that a code or a name means, as the address of a page is read."""
    return Ticker.parse(exact(text, [one.symbol for one in stores().bars.tickers()]))


def _utc(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _json(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
