"""The data contracts, stated once and checked at the door with errors naming the column."""

from typing import Any

import numpy as np
import pandas as pd

from core.foundation.errors import InvalidInputError, SchemaError
from core.foundation.printable import printable
from core.reference.bar_rules import below_low, empty, negative, not_above_zero, refuse, twice

PRICE_COLUMNS = ("open", "high", "low", "close")
BAR_COLUMNS = (
    "ticker",
    "session",
    *PRICE_COLUMNS,
    "volume",
    "dividend",
    "split_ratio",
    "source",
    "ingested_at",
)
FORECAST_COLUMNS = (
    "ticker",
    "as_of",
    "horizon",
    "target_session",
    "quantile",
    "price",
    "model_version",
    "created_at",
)
LEVELS = (0.05, 0.10, 0.25, 0.50, 0.75, 0.90, 0.95)
# The levels that bound the interval of each nominal level, in percent.
INTERVALS = {50: (0.25, 0.75), 80: (0.10, 0.90), 90: (0.05, 0.95)}
MAX_HORIZON = 20
HORIZONS = range(1, MAX_HORIZON + 1)
_EARLIEST, _LATEST = pd.Timestamp("1700-01-01"), pd.Timestamp("2200-12-31")
_NUMBERS = (*PRICE_COLUMNS, "volume", "dividend", "split_ratio")
_WHOLE_DATE = r"\d{4}(-\d\d-\d\d|\d{4})(?!\d)"


def empty_bars() -> pd.DataFrame:
    """A `bars` frame with no rows and the right dtypes."""
    frame = pd.DataFrame({name: pd.Series(dtype="float64") for name in BAR_COLUMNS})
    return frame.astype(
        {
            "ticker": "str",
            "session": "datetime64[ns]",
            "source": "str",
            "ingested_at": "datetime64[ns, UTC]",
        }
    )


def validate_bars(frame: pd.DataFrame, where: str = "bars") -> pd.DataFrame:
    """Check the `bars` contract and return the rows sorted by (ticker, session).

    Parameters
    ----------
    frame : long, one row per (ticker, session), prices as traded in the ticker's currency,
        volume in shares, dividend in currency per share on its ex date, split_ratio new shares
        per old one (1.0 on ordinary sessions). Extra columns are dropped, the input is not changed.
    where : how to name the frame in an error.

    Returns
    -------
    A new frame with exactly `BAR_COLUMNS`. Close is never NaN; open, high, low and volume may be
    (a closes-only series); dividend is 0.0 and split_ratio 1.0 where nothing happened.

    Raises
    ------
    SchemaError : the first broken rule, with the column and the first row that breaks it.
    """
    bars = typed_bars(frame, where)
    ready = _in_order_once(bars)  # as every store gives them: to look is cheaper than to sort
    if not ready:
        check_once(bars, where)
    check_prices(bars, where)
    check_actions(bars, where)
    return bars.reset_index(drop=True) if ready else in_order(bars)


def typed_bars(frame: pd.DataFrame, where: str = "bars") -> pd.DataFrame:
    """The columns of the `bars` contract with their dtypes, whatever the values say.

    Parameters
    ----------
    frame, where : as for `validate_bars`.

    Returns
    -------
    A new frame with exactly `BAR_COLUMNS` and the rows and index given; a dividend that is NaN is
    0.0 and a split_ratio 1.0.

    Raises
    ------
    SchemaError : a column is missing or holds another kind of value.
    """
    missing = [name for name in BAR_COLUMNS if name not in frame.columns]
    if missing:
        raise SchemaError(
            "frame.no-column",
            "{where}: column {column} is missing.",
            {"where": where, "column": missing[0]},
            parameter=missing[0],
        )
    numbers = {name: _numeric(frame[name], name, where) for name in _NUMBERS}
    empty = frame["ticker"].isna()
    if empty.any():
        raise SchemaError(
            "frame.empty-ticker",
            "{where}: ticker is empty in row {row}.",
            {"where": where, "row": frame.index[empty][0]},
            parameter="ticker",
        )
    columns = {
        "ticker": frame["ticker"].astype("str"),
        "session": _dates(frame["session"], where),
        **numbers,
        "dividend": numbers["dividend"].fillna(0.0),
        "split_ratio": numbers["split_ratio"].fillna(1.0),
        "source": frame["source"].astype("str"),
        "ingested_at": _instants(frame["ingested_at"]),
    }
    return pd.DataFrame(columns, columns=list(BAR_COLUMNS))


def in_order(bars: pd.DataFrame) -> pd.DataFrame:
    """Typed bars sorted by (ticker, session), on a new index."""
    alone = bars["ticker"].nunique() < 2
    if alone and bars["session"].is_monotonic_increasing:
        return bars.reset_index(drop=True)
    return bars.sort_values(["ticker", "session"], kind="stable", ignore_index=True)


def _in_order_once(bars: pd.DataFrame) -> bool:
    """Whether typed bars are sorted by (ticker, session) and hold none twice."""
    code, names = pd.factorize(bars["ticker"])
    session = bars["session"].to_numpy()
    later = (code[1:] == code[:-1]) & (session[1:] > session[:-1])
    return bool((later | (code[1:] > code[:-1])).all()) and list(names) == sorted(names)


def check_once(bars: pd.DataFrame, where: str = "bars") -> None:
    """Refuse typed bars that hold a session of a ticker twice.

    Raises
    ------
    SchemaError : with the first session that does.
    """
    repeated = bars.duplicated(["ticker", "session"]).to_numpy()
    refuse(bars, repeated, "session", twice, where)


def check_prices(bars: pd.DataFrame, where: str = "bars") -> None:
    """Refuse typed bars whose prices or volume break the `bars` contract.

    Raises
    ------
    SchemaError : the first broken rule, with the column and the first row that breaks it.
    """
    value = {name: bars[name].to_numpy() for name in (*PRICE_COLUMNS, "volume")}
    refuse(bars, np.isnan(value["close"]), "close", empty, where)
    for name in PRICE_COLUMNS:
        refuse(bars, value[name] <= 0, name, not_above_zero, where)
    refuse(bars, value["high"] < value["low"], "high", below_low, where)
    refuse(bars, value["volume"] < 0, "volume", negative, where)


def check_actions(bars: pd.DataFrame, where: str = "bars") -> None:
    """Refuse typed bars whose dividend or split breaks the `bars` contract.

    Raises
    ------
    SchemaError : the first broken rule, with the column and the first row that breaks it.
    """
    refuse(bars, bars["dividend"].to_numpy() < 0, "dividend", negative, where)
    none = bars["split_ratio"].to_numpy() <= 0
    refuse(bars, none, "split_ratio", not_above_zero, where)


def validate_horizon(value: object) -> int:
    """Read a horizon in sessions.

    Raises
    ------
    InvalidInputError : not a whole number from 1 to `MAX_HORIZON`.
    """
    if isinstance(value, (int, np.integer)) and not isinstance(value, bool):
        if 1 <= value <= MAX_HORIZON:
            return int(value)
    raise InvalidInputError(
        "horizon.out-of-range",
        "The horizon must be a whole number of sessions from 1 to {most}.",
        {"most": MAX_HORIZON},
        parameter="horizon",
    )


def validate_range(start: pd.Timestamp | None, end: pd.Timestamp | None) -> None:
    """Check the first and the last session wanted; None stands for no bound.

    Raises
    ------
    InvalidInputError : `start` lies after `end`.
    """
    if start is not None and end is not None and start > end:
        raise InvalidInputError(
            "start.after-end",
            "start {start} is after end {end}.",
            {"start": start.date(), "end": end.date()},
            parameter="start",
        )


def _numeric(column: pd.Series, name: str, where: str) -> pd.Series:
    values = column
    if column.dtype != np.float64:
        values = pd.to_numeric(column, errors="coerce").astype("float64")
        lost = values.isna() & column.notna()
        if lost.any():
            raise SchemaError(
                "frame.not-a-number",
                '{where}: {column} has "{value}" in row {row}, not a number.',
                {"where": where, "column": name, **_first(column, lost)},
                parameter=name,
            )
    infinite = np.isinf(values.to_numpy())
    if infinite.any():
        row = values.index[infinite][0]
        raise SchemaError(
            "frame.infinite",
            "{where}: {column} has an infinite value in row {row}.",
            {"where": where, "column": name, "row": row},
            parameter=name,
        )
    return values


def _instants(column: pd.Series) -> pd.Series:
    if column.dtype == "datetime64[ns, UTC]":
        return column
    return pd.to_datetime(column, utc=True).astype("datetime64[ns, UTC]")


def _dates(column: pd.Series, where: str) -> pd.Series:
    if column.dtype == "datetime64[ns]":
        dates, zoned = column, False
    else:
        dates, zoned = _parsed(column)
    if zoned:
        raise SchemaError(
            "frame.zoned-session",
            "{where}: session must be a date without a time zone.",
            {"where": where},
            parameter="session",
        )
    bad = ~dates.between(_EARLIEST, _LATEST)
    if bad.any():
        values = {"where": where, **_first(column, bad)}
        if pd.isna(dates[bad].iloc[0]):
            raise SchemaError(
                "frame.not-a-date",
                '{where}: session has "{value}" in row {row}, not a date such as 2024-01-31.',
                values,
                parameter="session",
            )
        raise SchemaError(
            "frame.date-out-of-range",
            '{where}: session has "{value}" in row {row}, outside of {earliest} to {latest}.',
            {**values, "earliest": _EARLIEST.date(), "latest": _LATEST.date()},
            parameter="session",
        )
    sessions: pd.Series = dates.dt.normalize().astype("datetime64[ns]")
    return sessions


def _parsed(column: pd.Series) -> tuple[pd.Series, bool]:
    """The dates, NaT for what is none, and whether they have a time zone."""
    # ISO alone: 3/4/2024 is March to some and April to others, and a guess is never noticed. Nor
    # would be one that made 2024-02, the rest of a line that was cut off, the first of the month.
    whole = column.notna()
    if not pd.api.types.is_datetime64_any_dtype(column):
        whole = column.astype("str").str.match(_WHOLE_DATE)
    try:
        dates = pd.to_datetime(column.where(whole), format="ISO8601", errors="coerce")
    except ValueError:  # several time zones
        return column, True
    return dates, getattr(dates.dt, "tz", None) is not None


def _first(column: pd.Series, bad: pd.Series) -> dict[str, Any]:
    """The first bad value and its row, as the index numbers them."""
    return {"value": printable(str(column[bad].iloc[0])), "row": column.index[bad][0]}
