"""Model versions: what they learned from, what they are worth, and what the gate said."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.api.schemas.skill_body import BandAnswer, VersionSkill


class GateAnswer(BaseModel):
    """What the gate said of a version last."""

    at: Annotated[datetime, Field(description="when")]
    champion: Annotated[int, Field(description="the version it was compared with")]
    verdict: Annotated[str, Field(description="promote, keep or reject")]
    kind: Annotated[str, Field(description="refresh: the champion's own recipe; else change")]
    reasons: Annotated[list[str], Field(description="sentences, the deciding one first")]
    loss_reduction: Annotated[
        BandAnswer | None,
        Field(description="share of the champion's loss it saves, with its 95 % band"),
    ]
    n: Annotated[int, Field(description="forecasts that both were scored on")]
    lapsed: Annotated[str | None, Field(description="why that holds no longer; null where it does")]


class VersionAnswer(BaseModel):
    """One model version; `skill` is null where history was too short to measure it."""

    version: Annotated[int, Field(description="counts up from 1")]
    name: Annotated[str, Field(description="of the forecaster")]
    created_at: Annotated[datetime, Field(description="when it was trained")]
    aliases: Annotated[
        list[str],
        Field(description="where it stands now, such as champion or challenger.AAPL"),
    ]
    scope: Annotated[str, Field(description="which tickers it learned from: all, a market, one")]
    tickers: Annotated[int, Field(description="how many these were")]
    evaluated_tickers: Annotated[
        int, Field(description="on how many of them skill was measured; the others are like them")
    ]
    window: Annotated[str, Field(description="first and last session it learned from")]
    bars: Annotated[int, Field(description="how many it learned from")]
    sample: Annotated[bool, Field(description="whether they were sample ones alone")]
    params: Annotated[dict[str, float | int | str], Field(description="of the forecaster")]
    seconds: Annotated[float, Field(description="how long training and scoring took")]
    actor: Annotated[str | None, Field(description="who asked for it, null if unknown")]
    reason: Annotated[str | None, Field(description="why, null if unknown")]
    run_id: Annotated[str | None, Field(description="the flow run, null outside of one")]
    commit: Annotated[str | None, Field(description="of the program, null if unknown")]
    data_hash: Annotated[str, Field(description="SHA-256 of the bars it learned from")]
    sha256: Annotated[str, Field(description="of its file")]
    skill: Annotated[VersionSkill | None, Field(description="what it is worth, out of sample")]
    gate: Annotated[GateAnswer | None, Field(description="null where it was never asked")]
