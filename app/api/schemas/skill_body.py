"""What a model is worth, out of sample."""

from typing import Annotated

from pydantic import BaseModel, Field


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


class VersionSkill(BaseModel):
    """1 - pinball loss / the baseline's, out of sample; `scope` says over which tickers.

    Over horizons 1 to 20 together.
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
    horizons: Annotated[
        list[HorizonSkillAnswer] | None, Field(description="null where it was not measured")
    ]


class SkillAnswer(VersionSkill):
    """The skill of a forecast's model; `sentence` is of `horizon`, the last that was asked for."""

    horizon: Annotated[int, Field(description="the horizon asked for")]
    sentence: Annotated[str, Field(description="the claim in one sentence")]
