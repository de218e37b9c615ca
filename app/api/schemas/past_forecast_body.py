"""Forecasts of the ledger, as they were made, with what came of them."""

from datetime import date, datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.api.schemas.forecast_body import Model
from core.reference.forecast_kinds import ForecastKind


class PastPrediction(BaseModel):
    """One horizon of a past forecast; all prices in units of the close at `as_of`."""

    horizon: Annotated[int, Field(description="sessions ahead")]
    target_session: Annotated[date, Field(description="the session that was planned")]
    quantiles: Annotated[dict[str, float], Field(description='price by level, such as "0.05"')]
    scored: Annotated[bool, Field(description="whether its target has come and was scored")]
    scored_session: Annotated[
        date | None, Field(description="the session it was scored on, null before")
    ]
    actual: Annotated[float | None, Field(description="what the price was, null before")]
    inside_80: Annotated[
        bool | None, Field(description="whether that is inside the 80 % interval, null before")
    ]


class PastForecastAnswer(BaseModel):
    """One forecast of the ledger."""

    id: Annotated[int, Field(description="its number in the ledger")]
    ticker: Annotated[str, Field(description="as it was called then")]
    as_of: Annotated[date, Field(description="the last session that was used")]
    created_at: Annotated[datetime, Field(description="when it was made")]
    kind: Annotated[
        ForecastKind,
        Field(
            description="live: made in time; fallback: in time, but not by the model alone; "
            "replayed: made after the fact; sample: on the sample's bars"
        ),
    ]
    model: Annotated[Model, Field(description="who made it")]
    last_close: Annotated[float, Field(description="close at `as_of`, raw")]
    scored: Annotated[int, Field(description="how many of its horizons were scored")]
    predictions: Annotated[list[PastPrediction], Field(description="one for each session ahead")]


class PastForecastsAnswer(BaseModel):
    """Past forecasts of one ticker, the newest first."""

    ticker: Annotated[str, Field(description="as it is called now")]
    currency: Annotated[str, Field(description="of all prices")]
    forecasts: Annotated[list[PastForecastAnswer], Field(description="those of this page")]
