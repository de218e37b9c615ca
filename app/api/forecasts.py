"""Forecasts: made now, and those of the ledger."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic.json_schema import SkipJsonSchema

from app.api.bars import tracked
from app.api.errors import problem_of
from app.api.paging import PAGED_HEADERS, Page, page_of, set_links
from app.api.parameters import TickerText, known_parameters
from app.api.schemas.forecast_body import (
    BulkAnswer,
    FailedTicker,
    ForecastAnswer,
    Model,
    Predict,
    PredictRequest,
)
from app.api.schemas.past_forecast_body import (
    PastForecastAnswer,
    PastForecastsAnswer,
    PastPrediction,
)
from app.state.stores import stores
from core.forecasts.ledger.past_forecasts import PastForecast
from core.foundation.errors import TickerLensError
from core.foundation.printable import printable
from core.market_data.ticker_search import exact
from core.reference.forecast_kinds import ForecastKind
from core.reference.schema import LEVELS, validate_horizon
from core.reference.tickers import Ticker
from core.workflows.forecast import forecast_one

router = APIRouter(dependencies=[Depends(known_parameters)])


@router.post("/predict")
def predict(wanted: Predict) -> ForecastAnswer | BulkAnswer:
    """Forecast 1..horizon sessions after the last stored one: of one ticker, or of several.

    Of several, one that fails is among the errors and the others stand.
    """
    horizon = validate_horizon(wanted.horizon)
    if isinstance(wanted, PredictRequest):
        return _forecast(tracked(wanted.ticker), horizon)
    made: dict[str, ForecastAnswer] = {}
    failed: dict[str, FailedTicker] = {}
    for text in wanted.tickers:
        try:
            ticker = tracked(text)
            if ticker.symbol not in made:
                made[ticker.symbol] = _forecast(ticker, horizon)
        except Exception as error:
            failed[text] = FailedTicker(**problem_of(error), ticker=printable(text))
    return BulkAnswer(forecasts=list(made.values()), errors=list(failed.values()))


def _forecast(ticker: Ticker, horizon: int) -> ForecastAnswer:
    return ForecastAnswer.model_validate(forecast_one(stores(), ticker).to_dict(horizon))


@router.get("/forecasts/{ticker}", responses={200: {"headers": PAGED_HEADERS}})
def forecasts(
    request: Request,
    response: Response,
    ticker: TickerText,
    page: Annotated[Page, Depends(page_of(20, 100))],
    kind: Annotated[
        ForecastKind | SkipJsonSchema[None], Query(description="only those of this kind")
    ] = None,
) -> PastForecastsAnswer:
    """Past forecasts of one ticker as they were written, the newest first, with what came."""
    found = _tracked_or_forecast(ticker)
    made, total = stores().ledger.past_forecasts(found, page.limit, page.offset, kind)
    set_links(request, response, page, total)
    names = {one.version: one.name for one in stores().registry.versions()}
    return PastForecastsAnswer(
        ticker=found.symbol,
        currency=found.currency,
        forecasts=[_past_forecast(one, names.get(one.model_version, "")) for one in made],
    )


def _tracked_or_forecast(text: str) -> Ticker:
    """The ticker that a text means: a tracked one, or one that was and has forecasts still."""
    try:
        return tracked(text)
    except TickerLensError:
        ledger, renames = stores().ledger, stores().renames()
        known = {renames.now(one.symbol) for one in ledger.tickers()}
        return Ticker.parse(exact(text, sorted(known)))


def _past_forecast(made: PastForecast, model: str) -> PastForecastAnswer:
    name, version = made.made_by or (model, str(made.model_version))
    return PastForecastAnswer(
        id=made.id,
        ticker=made.ticker,
        as_of=made.as_of,
        created_at=made.created_at,
        kind=made.kind,
        model=Model(name=name, version=version),
        last_close=made.last_close,
        scored=len(made.scored),
        predictions=[_prediction(made, horizon) for horizon in range(1, len(made.targets) + 1)],
    )


def _prediction(made: PastForecast, horizon: int) -> PastPrediction:
    scored = made.scored.get(horizon)
    prices = zip(LEVELS, made.prices[horizon - 1], strict=True)
    return PastPrediction(
        horizon=horizon,
        target_session=made.targets[horizon - 1],
        quantiles={f"{level:.2f}": price for level, price in prices},
        scored=scored is not None,
        scored_session=None if scored is None else scored.session,
        actual=None if scored is None else scored.actual,
        inside_80=None if scored is None else scored.inside_80,
    )
