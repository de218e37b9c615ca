"""Work that is asked for, and how it stands."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from app.state.live_run import UNKNOWN, WAITING
from core.foundation.audit import MAX_REASON_CHARACTERS
from core.foundation.outbox import RunState
from core.lifecycle.train import DEFAULT
from core.models import NAMES
from core.reference.scope import ALL

MAX_SCOPE_CHARACTERS = 100


class TrainRequest(BaseModel):
    """A training that is wanted."""

    model_config = ConfigDict(extra="forbid")

    reason: Annotated[
        str,
        Field(
            description="why; it stays on record",
            examples=["new tickers"],
            json_schema_extra={"minLength": 1, "maxLength": MAX_REASON_CHARACTERS},
        ),
    ]
    scope: Annotated[
        str,
        Field(
            description="which tickers it learns from: all, us, tw, or one ticker",
            examples=["all", "us", "2330.TW"],
            json_schema_extra={"minLength": 1, "maxLength": MAX_SCOPE_CHARACTERS},
        ),
    ] = ALL
    model: Annotated[Literal[NAMES], Field(description="the forecaster")] = DEFAULT  # type: ignore
    gate: Annotated[
        bool,
        Field(strict=True, description="let the result serve at once if the gate says promote"),
    ] = False
    evaluate_all: Annotated[
        bool,
        Field(
            strict=True,
            description="measure skill on every ticker, not on 64 of each market at most",
        ),
    ] = False


class RunAnswer(BaseModel):
    """Something that was asked for, and how it stands now."""

    id: Annotated[int, Field(description="the request's number")]
    flow: Annotated[str, Field(description="what is to be run, such as train")]
    state: Annotated[
        Literal[(WAITING, *RunState, UNKNOWN)],  # type: ignore[valid-type]
        Field(
            description="WAITING for the scheduler, a state of Prefect's, LOST if the scheduler "
            "forgot it, SKIPPED for another of its scope, UNKNOWN while the scheduler cannot be "
            "reached"
        ),
    ]
    note: Annotated[
        str | None, Field(description="why it waits, is unknown, or ended as it did; null if clear")
    ]
    actor: Annotated[str, Field(description="who asked")]
    reason: Annotated[str | None, Field(description="why, null if none was wanted")]
    scope: Annotated[str | None, Field(description="of a training")]
    model: Annotated[str | None, Field(description="the forecaster of a training")]
    asked_at: Annotated[datetime, Field(description="when")]
    run_id: Annotated[str | None, Field(description="Prefect's run, null before it has one")]
    started_at: Annotated[datetime | None, Field(description="null before, and while unknown")]
    seconds: Annotated[float | None, Field(description="how long it has run, null if unknown")]
    ended_at: Annotated[datetime | None, Field(description="null before")]
    version: Annotated[int | None, Field(description="the version it trained, null if none")]
