"""The sentences on bars that break a rule of the `bars` contract."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from core.foundation.errors import SchemaError
from core.foundation.messages import Message


def refuse(
    bars: pd.DataFrame,
    bad: np.ndarray,
    name: str,
    sentence: Callable[[dict[str, Any]], Message],
    where: str,
) -> None:
    """Raise the sentence on the first row that is bad, if there is one.

    Parameters
    ----------
    bad : bool (rows,).
    name : the column.
    sentence : makes it of where, column, ticker and session.

    Raises
    ------
    SchemaError : there is such a row.
    """
    if bad.any():
        row = bars.loc[bad].iloc[0]
        values = {"ticker": row["ticker"], "session": row["session"].date()}
        raise SchemaError.of(sentence({"where": where, "column": name, **values}), name)


def twice(at: dict[str, Any]) -> Message:
    """A session is there more than once."""
    return Message("bars.twice", "{where}: {column} appears twice for {ticker} on {session}.", at)


def empty(at: dict[str, Any]) -> Message:
    """A value is missing."""
    return Message("bars.empty", "{where}: {column} is empty for {ticker} on {session}.", at)


def not_above_zero(at: dict[str, Any]) -> Message:
    """A number is zero or below."""
    return Message(
        "bars.not-above-zero", "{where}: {column} is not above zero for {ticker} on {session}.", at
    )


def below_low(at: dict[str, Any]) -> Message:
    """The high is below the low."""
    return Message(
        "bars.below-low", "{where}: {column} is below low for {ticker} on {session}.", at
    )


def negative(at: dict[str, Any]) -> Message:
    """A number is below zero."""
    return Message("bars.negative", "{where}: {column} is negative for {ticker} on {session}.", at)
