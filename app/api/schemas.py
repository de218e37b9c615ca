"""What the routes take and give, as the OpenAPI document states it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.schema import MAX_HORIZON


class PredictRequest(BaseModel):
    """Whom to forecast, and how far."""

    model_config = ConfigDict(extra="forbid")

    ticker: Annotated[str, Field(examples=["AAPL", "2330.TW"])]
    horizon: Annotated[
        int,
        Field(
            strict=True,
            description="1..horizon sessions",
            json_schema_extra={"minimum": 1, "maximum": MAX_HORIZON},
        ),
    ] = MAX_HORIZON


class Model(BaseModel):
    """Who made a forecast; the version of a stand-in for the champion is "untrained"."""

    name: str
    version: str


class Prediction(BaseModel):
    """The law at one horizon; prices in the ticker's currency, dividends added back."""

    horizon: int
    target_session: str
    quantiles: dict[str, float]
    p_up: float


class BandAnswer(BaseModel):
    """A share of loss saved, and its 90 % band."""

    value: float
    low: float
    high: float


class SkillAnswer(BaseModel):
    """1 - pinball loss / the baseline's, out of sample; `scope` says over which tickers."""

    value: float
    low: float
    high: float
    n: int
    baseline: str
    window: str
    coverage: float
    against_constant: BandAnswer | None
    verdict: str
    scope: str


class ForecastAnswer(BaseModel):
    """A forecast; `skill` is null where it was never measured, as of a stand-in."""

    ticker: str
    as_of: str
    last_close: float
    currency: str
    source: str
    model: Model
    note: Annotated[
        str | None, Field(description="why another forecaster than the champion made it, if so")
    ]
    recalibrated: Annotated[
        int, Field(description="how many scores of live forecasts corrected the width; 0 if none")
    ]
    predictions: list[Prediction]
    skill: SkillAnswer | None


class TickerAnswer(BaseModel):
    """One tracked ticker."""

    ticker: str
    name: str
    market: str
    currency: str
    source: str
    first_session: str
    last_session: str
    sessions: int
    last_close: float


class BarAnswer(BaseModel):
    """One session; null where the source had no value."""

    session: str
    open: float | None
    high: float | None
    low: float | None
    close: float
    volume: float | None
    dividend: float
    split_ratio: float


class HistoryAnswer(BaseModel):
    """Bars of one ticker; `missing` sessions were never stored, those `held` wait for a word."""

    ticker: str
    currency: str
    source: str
    adjusted: bool
    bars: list[BarAnswer]
    missing: list[str]
    held: list[str]
    setback: Annotated[
        str | None, Field(description="why the newest bars could not be fetched, and since when")
    ]


class Fault(BaseModel):
    """What was wrong, in one sentence, and the parameter at fault if there is one."""

    message: str
    parameter: str | None


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a success."""

    error: Fault


class Health(BaseModel):
    """Whether the process can do its work: "ok", or "degraded" where the champion cannot serve.

    `champion` is the version that forecasts are made with; `note` says what cannot serve and why.
    """

    status: str
    note: str | None
    version: str
    tickers: int
    champion: str | None
