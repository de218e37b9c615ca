"""The `bars` contract at the door, and horizons."""

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, SchemaError
from core.reference.schema import BAR_COLUMNS, empty_bars, validate_bars, validate_horizon
from tests.support.bars import walk, walks

# What breaks a rule on the row of 2024-06-27, and what the sentence says after the column.
CORRUPT = [
    ("open", 0.0, "is not above zero for AAPL on 2024-06-27"),
    ("high", -1.0, "is not above zero for AAPL on 2024-06-27"),
    ("low", -0.5, "is not above zero for AAPL on 2024-06-27"),
    ("low", 1e9, ""),
    ("close", np.nan, "is empty for AAPL on 2024-06-27"),
    ("close", -3.0, "is not above zero for AAPL on 2024-06-27"),
    ("volume", -1.0, "is negative for AAPL on 2024-06-27"),
    ("dividend", -0.1, "is negative for AAPL on 2024-06-27"),
    ("split_ratio", 0.0, "is not above zero for AAPL on 2024-06-27"),
    ("split_ratio", -2.0, "is not above zero for AAPL on 2024-06-27"),
    ("session", pd.Timestamp("2024-06-28"), "appears twice for AAPL on 2024-06-28"),
    ("close", np.inf, "has an infinite value in row 3"),
]


@pytest.mark.parametrize(("column", "value", "what"), CORRUPT)
def test_a_broken_rule_names_column_and_row(column: str, value: object, what: str) -> None:
    bars = walk(sessions=5)
    bars.loc[3, column] = value
    if not what:
        column, what = "high", "is below low for AAPL on 2024-06-27"
    with pytest.raises(SchemaError, match=f"^the file: {column} {what}.$") as refused:
        validate_bars(bars, "the file")
    assert refused.value.parameter == column


@pytest.mark.parametrize("column", BAR_COLUMNS)
def test_a_missing_column_is_named(column: str) -> None:
    with pytest.raises(SchemaError, match=f"^bars: column {column} is missing.$") as refused:
        validate_bars(walk(sessions=2).drop(columns=column))
    assert refused.value.parameter == column


def test_text_among_numbers_is_shown_but_not_at_length() -> None:
    bars = walk(sessions=2).astype({"close": object})
    bars.loc[1, "close"] = "n/a"
    with pytest.raises(SchemaError, match='^bars: close has "n/a" in row 1, not a number.$'):
        validate_bars(bars)
    bars.loc[1, "close"] = "x" * 10_000
    with pytest.raises(SchemaError) as refused:
        validate_bars(bars)
    assert len(refused.value.message) < 200


NO_DATES = ["yesterday", "01/02/2024", "2024-02-30", "", None, "=NOW()"]
NO_DATES += ["2024-02", "2024-1", "2024", "2024-1-5", "2024-01-021"]  # cut off, or not whole


@pytest.mark.parametrize("text", NO_DATES)
def test_what_is_no_date_is_refused(text: object) -> None:
    with pytest.raises(SchemaError, match="not a date such as 2024-01-31.$") as refused:
        validate_bars(walk(sessions=2).assign(session=["2024-01-02", text]))
    assert refused.value.parameter == "session"


@pytest.mark.parametrize("text", ["9999-01-02", "1492-10-12"])
def test_a_date_outside_of_what_can_be_is_refused(text: str) -> None:
    with pytest.raises(
        SchemaError, match=f'"{text}" in row 1, outside of 1700-01-01 to 2200-12-31.$'
    ):
        validate_bars(walk(sessions=2).assign(session=["2024-01-02", text]))


def test_a_year_written_as_a_number_is_no_date() -> None:
    with pytest.raises(SchemaError, match='session has "2023" in row 0, not a date'):
        validate_bars(walk(sessions=2).assign(session=[2023, 2024]))


def test_a_date_written_as_a_number_is_that_date() -> None:
    found = validate_bars(walk(sessions=2).assign(session=[20240102, 20240103]))
    assert list(found["session"]) == [pd.Timestamp("2024-01-02"), pd.Timestamp("2024-01-03")]


def test_time_zones_are_refused_one_or_several() -> None:
    for other in ("2024-01-03 00:00-05:00", "2024-07-01 00:00-04:00"):
        bars = walk(sessions=2).assign(session=["2024-01-02 00:00-05:00", other])
        with pytest.raises(SchemaError, match="session must be a date without a time zone.$"):
            validate_bars(bars)


def test_a_row_without_a_ticker_is_refused() -> None:
    with pytest.raises(SchemaError, match="ticker is empty in row 1"):
        validate_bars(walk(sessions=2).assign(ticker=["AAPL", None]))


def test_rows_come_back_in_order_whatever_order_they_came_in() -> None:
    bars = walks(3, 40)
    found = validate_bars(bars.sample(frac=1.0, random_state=1))
    pd.testing.assert_frame_equal(found, bars.sort_values(["ticker", "session"]), check_dtype=False)


def test_the_input_is_not_changed() -> None:
    bars = walk(sessions=4).iloc[::-1].assign(extra=1)
    bars.loc[2, "dividend"] = np.nan
    before = bars.copy(deep=True)
    assert list(validate_bars(bars).columns) == list(BAR_COLUMNS)
    pd.testing.assert_frame_equal(bars, before)


def test_a_closes_only_series_keeps_the_contract() -> None:
    bars = walk(sessions=3).assign(open=np.nan, high=np.nan, low=np.nan, volume=np.nan)
    found = validate_bars(bars.assign(dividend=np.nan, split_ratio=np.nan))
    assert found["open"].isna().all() and found["close"].notna().all()
    assert (found["dividend"] == 0.0).all() and (found["split_ratio"] == 1.0).all()


def test_empty_bars_keep_the_contract() -> None:
    found = validate_bars(empty_bars())
    assert list(found.columns) == list(BAR_COLUMNS) and len(found) == 0
    assert found.dtypes.equals(validate_bars(walk(sessions=2)).dtypes)


@pytest.mark.parametrize("value", [1, 20, np.int64(7), np.uint8(3)])
def test_horizons_from_one_to_twenty_pass(value: int) -> None:
    assert validate_horizon(value) == value and type(validate_horizon(value)) is int


NO_HORIZONS = [0, 21, -1, True, False, 5.0, 5.5, float("nan"), 1e400, 10**30, "x", "5", None, [5]]


@pytest.mark.parametrize("value", NO_HORIZONS)
def test_other_horizons_are_refused(value: object) -> None:
    sentence = "^The horizon must be a whole number of sessions from 1 to 20.$"
    with pytest.raises(InvalidInputError, match=sentence) as refused:
        validate_horizon(value)
    assert refused.value.parameter == "horizon"
