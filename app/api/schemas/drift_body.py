"""What monitoring found."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


def _sentence(message: Any) -> str | None:
    return None if message is None else str(message)


class MeasureAnswer(BaseModel):
    """One number behind a signal; null is unknown."""

    model_config = ConfigDict(from_attributes=True)

    name: Annotated[str, Field(description="its column or metric")]
    value: Annotated[float | None, Field(description="in the current window")]
    bound: Annotated[float | None, Field(description="that chance keeps it below")]
    reference: Annotated[float | None, Field(description="the same number on the reference")]
    beyond: Annotated[bool, Field(description="whether the value is above its bound")]


class SignalAnswer(BaseModel):
    """What one of the three signals says."""

    model_config = ConfigDict(from_attributes=True)

    name: Annotated[str, Field(description="data drift, prediction drift or performance decay")]
    verdict: Annotated[str, Field(description="in band, beyond chance or not enough data")]
    n: Annotated[int, Field(description="rows of the current window")]
    n_reference: Annotated[int, Field(description="rows of the reference")]
    beyond: Annotated[int, Field(description="measures beyond their bound")]
    budget: Annotated[int, Field(description="how many of these chance allows")]
    measures: Annotated[list[MeasureAnswer], Field(description="the numbers behind it")]
    reason: Annotated[
        str | None, BeforeValidator(_sentence), Field(description="what is lacking, if anything")
    ]
    source: Annotated[str, Field(description="live or replayed errors; empty of other signals")]
    reference_source: Annotated[str, Field(description="the same of the reference")]
    window: Annotated[str, Field(description="first and last session of the errors, or empty")]
    versions: Annotated[list[int], Field(description="whose live forecasts the errors are of")]
    tickers: Annotated[
        int, Field(description="whose rows these are, where so many stand for all; else 0")
    ]


class DriftAnswer(BaseModel):
    """One monitoring of one model version; Evidently's full pages are linked on the page Drift."""

    model_config = ConfigDict(from_attributes=True)

    id: Annotated[int, Field(description="counts up")]
    at: Annotated[datetime, Field(description="when it was measured")]
    model_version: Annotated[int, Field(description="of which version")]
    sample: Annotated[bool, Field(description="whether on sample bars")]
    reference_window: Annotated[str, Field(description="first and last session, or empty")]
    current_window: Annotated[str, Field(description="first and last session, or empty")]
    confirmed: Annotated[
        bool, Field(description="inputs moved beyond chance, and outputs or errors did too")
    ]
    training_asked: Annotated[bool, Field(description="a training was asked for because of it")]
    unlearned: Annotated[
        list[str] | None,
        Field(description="tickers it served and never learned from; null if unknown"),
    ]
    signals: Annotated[list[SignalAnswer], Field(description="three")]
