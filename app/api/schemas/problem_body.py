"""What was wrong with a request, and whether the app can do its work."""

from typing import Annotated

from pydantic import BaseModel, Field
from pydantic.json_schema import SkipJsonSchema


def _is_none(value: str | None) -> bool:
    return value is None


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
        str | SkipJsonSchema[None],
        Field(description="names one unforeseen error; else left out", exclude_if=_is_none),
    ] = None


class Health(BaseModel):
    """Whether the process can do its work: "ok", or "degraded" where the champion cannot serve.

    `champion` is the version that forecasts are made with; `note` says what cannot serve and why.
    """

    status: Annotated[str, Field(description="ok or degraded")]
    note: Annotated[str | None, Field(description="what cannot serve and why")]
    version: Annotated[str, Field(description="of the program")]
    tickers: Annotated[int, Field(description="how many have bars")]
    champion: Annotated[str | None, Field(description="version that serves, null if none")]
