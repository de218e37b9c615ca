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
from core.forecasts.response import body, body_key
from core.foundation.errors import TickerLensError
from core.foundation.printable import printable
from core.market_data.ticker_search import exact
from core.reference.forecast_kinds import ForecastKind
from core.reference.schema import LEVELS, validate_horizon
from core.reference.tickers import Ticker
from core.workflows.forecast import forecast_one

JSON = "application/json"
router = APIRouter(dependencies=[Depends(known_parameters)])


@router.post("/predict", response_model=ForecastAnswer | BulkAnswer)
def predict(wanted: Predict) -> Response:
    """Forecast 1..horizon sessions after the last stored one: of one ticker, or of several.

    Of several, one that fails is among the errors and the others stand. What was forecast before is
    sent again, the same bytes, while nothing changes that it was made from.
    """
    horizon = validate_horizon(wanted.horizon)
    if isinstance(wanted, PredictRequest):
        return Response(_forecast(wanted.ticker, horizon), media_type=JSON)
    made: dict[bytes, bytes] = {}
    failed: dict[str, FailedTicker] = {}
    for text in wanted.tickers:
        try:
            forecast = _forecast(text, horizon)
            made.setdefault(forecast.partition(b",")[0], forecast)  # which says whose it is
        except Exception as error:
            failed[text] = FailedTicker(**problem_of(error), ticker=printable(text))
    errors = [one.model_dump_json().encode() for one in failed.values()]
    several = b'{"forecasts":[%b],"errors":[%b]}' % (b",".join(made.values()), b",".join(errors))
    return Response(several, media_type=JSON)


def _forecast(text: str, horizon: int) -> bytes:
    """A `ForecastAnswer` as JSON, kept while nothing changes that it was made from."""
    return stores().responses.get_or_make(
        body_key(text, horizon), lambda: body(forecast_one(stores(), tracked(text)), horizon)
    )


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
