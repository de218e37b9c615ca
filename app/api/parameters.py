"""What stands in the address of a request, read strictly: each parameter known, once, and plain."""

import re
from collections import Counter
from datetime import date
from typing import Annotated, Any

from fastapi import Path, Request
from fastapi.dependencies.models import Dependant
from pydantic import BeforeValidator, Field, WithJsonSchema
from pydantic_core import PydanticCustomError

from core.foundation.errors import InvalidInputError
from core.foundation.printable import printable

MAX_TICKER_CHARACTERS = 100  # no code and no name is longer
MAX_NUMBER = 2**31 - 1  # of a row in the database
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)
_DAY = "^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"


def _whole(text: Any) -> Any:
    if isinstance(text, str) and not re.fullmatch("[0-9]{1,18}", text, re.ASCII):
        raise PydanticCustomError("whole_number", "Input should be a whole number in plain digits")
    return text


def _day(text: Any) -> Any:
    if isinstance(text, str) and not re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII):
        raise PydanticCustomError("day", "Input should be a date written as YYYY-MM-DD")
    return text


def _truth(text: Any) -> Any:
    if isinstance(text, str) and text.lower() not in ("true", "false"):
        raise PydanticCustomError("truth", "Input should be true or false")
    return text


Truth = Annotated[bool, BeforeValidator(_truth)]
Day = Annotated[
    date,
    BeforeValidator(_day),
    Field(ge=FIRST_DAY, le=LAST_DAY),
    WithJsonSchema({"type": "string", "format": "date", "pattern": _DAY}),
]
# What is longer is no ticker, which is said in better words than these bounds would.
TickerText = Annotated[
    str,
    Path(
        description="Yahoo's symbol, or a name in English or Chinese",
        json_schema_extra={"minLength": 1, "maxLength": MAX_TICKER_CHARACTERS},
        examples=["AAPL"],
    ),
]


def whole_number(least: int, most: int) -> Any:
    """The type of a whole number between two, both included."""
    return Annotated[int, Field(ge=least, le=most), BeforeValidator(_whole)]


async def known_parameters(request: Request) -> None:
    """Refuse a query parameter that the route does not have, and one that is given twice.

    A coroutine, as it waits for nothing: a thread for it would cost a tenth of a short request.

    Raises
    ------
    InvalidInputError : names the first.
    """
    known = set(_names(request.scope["route"].dependant))
    given = Counter(name for name, _ in request.query_params.multi_items())
    for name, count in given.items():
        shown = printable(name)
        if name not in known:
            raise InvalidInputError(
                "http.parameter-unknown",
                'There is no parameter "{name}".',
                {"name": shown},
                parameter=shown,
            )
        if count > 1:
            raise InvalidInputError(
                "http.parameter-repeated",
                'The parameter "{name}" is given {count} times; give it once.',
                {"name": shown, "count": count},
                parameter=shown,
            )


def _names(dependant: Dependant) -> list[str]:
    own = [one.alias for one in dependant.query_params]
    return own + [name for one in dependant.dependencies for name in _names(one)]
