"""Who is to be forecast, and forecasts."""

from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from app.api.parameters import MAX_TICKER_CHARACTERS
from app.api.schemas.problem_body import Problem
from app.api.schemas.skill_body import SkillAnswer
from core.reference.schema import MAX_HORIZON

MAX_TICKERS = 500  # of one request
ONE, SEVERAL = "one", "several"  # which of the two bodies a request has
TickerName = Annotated[
    str,
    Field(
        description="Yahoo's symbol, or a name in English or Chinese",
        json_schema_extra={"minLength": 1, "maxLength": MAX_TICKER_CHARACTERS},
    ),
]
Horizon = Annotated[
    int,
    Field(
        strict=True,
        description="1..horizon sessions",
        json_schema_extra={"minimum": 1, "maximum": MAX_HORIZON},
    ),
]


class PredictRequest(BaseModel):
    """Whom to forecast, and how far."""

    model_config = ConfigDict(extra="forbid")

    ticker: TickerName
    horizon: Horizon = MAX_HORIZON


class BulkPredictRequest(BaseModel):
    """Several to forecast, and how far; one that is named twice is forecast once."""

    model_config = ConfigDict(extra="forbid")

    tickers: Annotated[
        list[str],
        Field(
            description="their symbols or names; what is none is among the errors",
            min_length=1,
            max_length=MAX_TICKERS,
        ),
    ]
    horizon: Horizon = MAX_HORIZON


def _body(value: Any) -> str:
    return SEVERAL if isinstance(value, dict) and "tickers" in value else ONE


Predict = Annotated[
    Annotated[PredictRequest, Tag(ONE)] | Annotated[BulkPredictRequest, Tag(SEVERAL)],
    Discriminator(_body),
]


class Model(BaseModel):
    """Who made a forecast; the version of a fallback for the champion is "untrained".

    Where the mean of both made it, the name holds both and the version is the champion's.
    """

    name: Annotated[str, Field(description="of the forecaster")]
    version: Annotated[str, Field(description='of the model, or "untrained"')]


class Prediction(BaseModel):
    """The distribution at one horizon; prices in the ticker's currency, dividends added back."""

    horizon: Annotated[int, Field(description="sessions ahead")]
    target_session: Annotated[str, Field(description="the session it is about, YYYY-MM-DD")]
    quantiles: Annotated[dict[str, float], Field(description='price by level, such as "0.05"')]
    baseline_quantiles: Annotated[
        dict[str, float], Field(description="the same of the random walk, for comparison")
    ]
    p_up: Annotated[float, Field(description="chance to end above the last close")]
    base_rate_up: Annotated[
        float, Field(description="share of the ticker's past spans of so many sessions that rose")
    ]
    p_beyond_5_percent: Annotated[
        float, Field(description="chance to end more than 5 % from the last close, either way")
    ]


class ForecastAnswer(BaseModel):
    """A forecast; `skill` is null where it was never measured, as of a fallback."""

    ticker: Annotated[str, Field(description="whom it is about")]
    as_of: Annotated[str, Field(description="the last session that was used, YYYY-MM-DD")]
    last_close: Annotated[float, Field(description="close of that session, raw")]
    currency: Annotated[str, Field(description="of all prices")]
    source: Annotated[str, Field(description="where the bars come from")]
    model: Annotated[Model, Field(description="who made it")]
    note: Annotated[
        str | None, Field(description="why another forecaster than the champion made it, if so")
    ]
    since: Annotated[
        str | None,
        Field(description="the first session read, YYYY-MM-DD, where an unanswered step cuts off"),
    ]
    recalibrated: Annotated[
        int, Field(description="how many scores of live forecasts corrected the width; 0 if none")
    ]
    location: Annotated[
        str,
        Field(description="where the distributions lie: by default no direction is predicted"),
    ]
    predictions: Annotated[list[Prediction], Field(description="one for each session ahead")]
    skill: Annotated[SkillAnswer | None, Field(description="what it is worth, out of sample")]


class FailedTicker(Problem):
    """Why one of several tickers has no forecast; the status is that of a request for it alone."""

    ticker: Annotated[str, Field(description="as it was named")]


class BulkAnswer(BaseModel):
    """Forecasts of several tickers in the order they were named, and of which there is none."""

    forecasts: Annotated[list[ForecastAnswer], Field(description="those that were made")]
    errors: Annotated[list[FailedTicker], Field(description="those that were not, and why")]
