"""What the routes take and give, as the OpenAPI document states it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from core.reference.schema import MAX_HORIZON


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


class BandAnswer(BaseModel):
    """A relative loss reduction, and its 90 % band."""

    value: Annotated[float, Field(description="the estimate")]
    low: Annotated[float, Field(description="lower end of the band")]
    high: Annotated[float, Field(description="upper end of the band")]


class HorizonSkillAnswer(BaseModel):
    """Skill at one horizon; the bands hold at all horizons at once."""

    horizon: Annotated[int, Field(description="sessions ahead")]
    value: Annotated[float, Field(description="1 - loss / loss of the baseline")]
    low: Annotated[float, Field(description="lower end of the 90 % band")]
    high: Annotated[float, Field(description="upper end of the 90 % band")]
    n: Annotated[int, Field(description="scored forecasts")]
    baseline: Annotated[str, Field(description="what it is measured against")]
    coverage: Annotated[float, Field(description="share of actuals inside the 80 % interval")]
    against_constant: Annotated[
        BandAnswer | None,
        Field(description="the same against a constant width; null where it was not measured"),
    ]
    verdict: Annotated[str, Field(description="what may be claimed")]
    worse_than: Annotated[list[str], Field(description="baselines that lose less for certain")]


class SkillAnswer(BaseModel):
    """1 - pinball loss / the baseline's, out of sample; `scope` says over which tickers.

    Over horizons 1 to 20 together; `sentence` is of `horizon`, the last that was asked for.
    """

    value: Annotated[float, Field(description="1 - loss / loss of the baseline")]
    low: Annotated[float, Field(description="lower end of the 90 % band")]
    high: Annotated[float, Field(description="upper end of the 90 % band")]
    n: Annotated[int, Field(description="scored forecasts")]
    baseline: Annotated[str, Field(description="what it is measured against")]
    window: Annotated[str, Field(description="first and last session of the test")]
    coverage: Annotated[float, Field(description="share of actuals inside the 80 % interval")]
    against_constant: Annotated[
        BandAnswer | None,
        Field(description="the same against a constant width; null where it was not measured"),
    ]
    verdict: Annotated[str, Field(description="what may be claimed")]
    worse_than: Annotated[list[str], Field(description="baselines that lose less for certain")]
    scope: Annotated[str, Field(description="over which tickers")]
    horizon: Annotated[int, Field(description="the horizon asked for")]
    sentence: Annotated[str, Field(description="the claim in one sentence")]
    horizons: Annotated[
        list[HorizonSkillAnswer] | None, Field(description="null where it was not measured")
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


class TickerAnswer(BaseModel):
    """One tracked ticker."""

    ticker: Annotated[str, Field(description="Yahoo's symbol")]
    name: Annotated[str, Field(description="of the company or the index")]
    market: Annotated[str, Field(description="where it is traded")]
    currency: Annotated[str, Field(description="of all prices")]
    source: Annotated[str, Field(description="where its bars come from")]
    first_session: Annotated[str, Field(description="oldest stored, YYYY-MM-DD")]
    last_session: Annotated[str, Field(description="newest stored, YYYY-MM-DD")]
    sessions: Annotated[int, Field(description="how many are stored")]
    last_close: Annotated[float, Field(description="newest close, raw")]


class BarAnswer(BaseModel):
    """One session; null where the source had no value."""

    session: Annotated[str, Field(description="YYYY-MM-DD")]
    open: Annotated[float | None, Field(description="first price")]
    high: Annotated[float | None, Field(description="highest price")]
    low: Annotated[float | None, Field(description="lowest price")]
    close: Annotated[float, Field(description="last price")]
    volume: Annotated[float | None, Field(description="shares traded")]
    dividend: Annotated[float, Field(description="cash a share, where it goes ex")]
    split_ratio: Annotated[float, Field(description="new shares for one old, 1 if none")]


class HistoryAnswer(BaseModel):
    """Bars of one ticker; `missing` sessions were never stored, those `held` failed a check."""

    ticker: Annotated[str, Field(description="whose bars")]
    currency: Annotated[str, Field(description="of all prices")]
    source: Annotated[str, Field(description="where the newest bar comes from")]
    adjusted: Annotated[bool, Field(description="whether dividends and splits are applied")]
    bars: Annotated[list[BarAnswer], Field(description="by session")]
    missing: Annotated[list[str], Field(description="sessions that were never stored")]
    held: Annotated[list[str], Field(description="sessions that failed a check")]
    since: Annotated[
        str | None,
        Field(description="the first session read, YYYY-MM-DD, where an unanswered step cuts off"),
    ]
    setback: Annotated[
        str | None, Field(description="why the newest bars could not be fetched, and since when")
    ]


class Problem(BaseModel):
    """The body of every answer that is not a success: problem details as in RFC 9457."""

    type: Annotated[str, Field(description="the kind of problem, where it is explained")]
    title: Annotated[str, Field(description="the kind in words")]
    status: Annotated[int, Field(description="the status of HTTP")]
    detail: Annotated[str, Field(description="what was wrong, one sentence")]
    code: Annotated[str, Field(description="which sentence it is, the same for good")]
    parameter: Annotated[
        str | None, Field(description="the parameter at fault, null if there is none")
    ]
    instance: Annotated[
        str, Field(description="names one unforeseen error; else left out", default="")
    ]


class Health(BaseModel):
    """Whether the process can do its work: "ok", or "degraded" where the champion cannot serve.

    `champion` is the version that forecasts are made with; `note` says what cannot serve and why.
    """

    status: Annotated[str, Field(description="ok or degraded")]
    note: Annotated[str | None, Field(description="what cannot serve and why")]
    version: Annotated[str, Field(description="of the program")]
    tickers: Annotated[int, Field(description="how many have bars")]
    champion: Annotated[str | None, Field(description="version that serves, null if none")]
