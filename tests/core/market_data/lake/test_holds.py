"""What is read of held rows: every number here was worked out by hand."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import SchemaError
from core.market_data.lake.bar_store import ParquetBars, Upserted
from core.market_data.lake.holds import readable, validate_holds
from core.reference.schema import BAR_COLUMNS
from core.reference.tickers import Ticker
from tests.support.homes import closes

AAPL = Ticker.parse("AAPL")


def rows(holds: list[str], dividend: list[float], split: list[float]) -> pd.DataFrame:
    prices = [10.0 + place for place in range(len(holds))]
    return closes("AAPL", prices, dividend=dividend, split_ratio=split).assign(held=holds)


def read(stored: pd.DataFrame) -> list[tuple[float, float, float]]:
    found = readable(stored)
    assert list(found.columns) == list(BAR_COLUMNS) and list(found.index) == list(range(len(found)))
    return list(found[["close", "dividend", "split_ratio"]].itertuples(index=False, name=None))


def test_rows_that_are_not_held_are_read_as_they_are() -> None:
    found = read(rows(["", ""], [0.0, 0.5], [1.0, 2.0]))
    assert found == [(10.0, 0.0, 1.0), (11.0, 0.5, 2.0)]


def test_a_split_of_held_prices_counts_on_the_next_row() -> None:
    found = read(rows(["", "prices", ""], [0.0] * 3, [1.0, 4.0, 1.0]))
    assert found == [(10.0, 0.0, 1.0), (12.0, 0.0, 4.0)]


def test_a_dividend_before_a_split_is_so_much_less_a_new_share() -> None:
    # 3 a share of the held session, a 2:1 split on the next: 1.5 a new share, beside its own 0.5.
    found = read(rows(["", "prices", ""], [0.0, 3.0, 0.5], [1.0, 1.0, 2.0]))
    assert found == [(10.0, 0.0, 1.0), (12.0, 2.0, 2.0)]


def test_split_and_dividend_of_one_held_row() -> None:
    # 1 a share that the 3:1 split of its own session has made already.
    found = read(rows(["", "prices", ""], [0.0, 1.0, 0.25], [1.0, 3.0, 2.0]))
    assert found == [(10.0, 0.0, 1.0), (12.0, 0.75, 6.0)]


def test_several_held_rows_in_a_row_carry_on() -> None:
    # 8, through 2:1 and 4:1, is 1; 2 through 4:1 is 0.5; and 0.25 of the row itself.
    holds = ["", "prices", "prices", "all", "prices", ""]
    dividend = [0.0, 8.0, 2.0, 100.0, 0.0, 0.25]
    found = read(rows(holds, dividend, [1.0, 1.0, 2.0, 50.0, 1.0, 4.0]))
    assert found == [(10.0, 0.0, 1.0), (15.0, 1.75, 8.0)]


def test_after_the_last_usable_row_actions_wait() -> None:
    frame = rows(["", "prices"], [0.0, 1.0], [1.0, 2.0])
    assert read(frame) == [(10.0, 0.0, 1.0)]
    assert read(rows(["", "prices", ""], [0.0, 1.0, 0.0], [1.0, 2.0, 1.0]))[-1] == (12.0, 1.0, 2.0)


def test_rows_held_altogether_leave_no_trace() -> None:
    assert read(rows(["", "all", ""], [0.0, 9.0, 0.0], [1.0, 7.0, 1.0])) == [
        (10.0, 0.0, 1.0),
        (12.0, 0.0, 1.0),
    ]


def test_held_actions_read_as_none() -> None:
    found = read(rows(["prices", "actions"], [0.5, 9.0], [2.0, 7.0]))
    assert found == [(11.0, 0.5, 2.0)], "its own count as none, what was carried to it counts"


def test_nothing_is_carried_to_another_ticker() -> None:
    one = rows(["", "prices"], [0.0, 1.0], [1.0, 2.0])
    other = one.assign(ticker="IBM", held="", dividend=0.0, split_ratio=1.0)
    found = readable(pd.concat([one, other], ignore_index=True))
    assert (found["split_ratio"] == 1.0).all() and (found["dividend"] == 0.0).all()
    assert list(found["ticker"]) == ["AAPL", "IBM", "IBM"]


def test_all_rows_held_read_as_none() -> None:
    assert read(rows(["all", "prices"], [0.0, 0.0], [1.0, 1.0])) == []


def test_what_is_held_need_not_keep_the_contract() -> None:
    stored = rows(["prices", "actions", "all"], [0.0, -1.0, -1.0], [1.0, 0.0, -2.0])
    stored["close"] = [np.nan, 11.0, -3.0]
    stored["high"], stored["low"] = [1.0, 2.0, 1.0], [2.0, 1.0, 2.0]
    stored.loc[1, ["high", "low"]] = [2.0, 1.0]
    before = stored.copy(deep=True)
    pd.testing.assert_frame_equal(validate_holds(stored), before, check_dtype=False)


@pytest.mark.parametrize(
    ("hold", "column", "value"),
    [
        ("", "close", np.nan),
        ("actions", "close", -1.0),
        ("prices", "dividend", -1.0),
        ("", "split_ratio", 0.0),
    ],
)
def test_what_may_be_read_must_keep_it(hold: str, column: str, value: float) -> None:
    with pytest.raises(SchemaError) as refused:
        validate_holds(rows([hold], [0.0], [1.0]).assign(**{column: value}))
    assert refused.value.parameter == column


@pytest.mark.parametrize("hold", ["maybe", None, 1.0])
def test_another_standing_is_refused(hold: object) -> None:
    with pytest.raises(SchemaError, match="it may be empty, prices, actions, all or step.$"):
        validate_holds(closes("AAPL", [1.0]).assign(held=hold))


def test_a_hold_is_a_revision_and_so_is_its_end(tmp_path: Path) -> None:
    lake = ParquetBars(tmp_path)
    lake.upsert(closes("AAPL", [10.0, 11.0, 12.0], at="2024-07-01"))
    again = closes("AAPL", [10.0, 11.0, 12.0], at="2024-07-02")
    assert lake.upsert(again.assign(held=["", "all", ""])) == Upserted(corrected=1, unchanged=2)
    assert list(lake.load()["close"]) == [10.0, 12.0]
    assert list(lake.latest(AAPL)["held"]) == ["", "all", ""]
    assert lake.upsert(again) == Upserted(unchanged=3), "without the column, it stays held"
    assert list(lake.load()["close"]) == [10.0, 12.0]
    third = closes("AAPL", [10.0, 11.0, 12.0], at="2024-07-03")
    assert lake.upsert(third.assign(held="")) == Upserted(corrected=1, unchanged=2)
    known = [datetime(2024, 7, day, tzinfo=UTC) for day in (1, 2, 3)]
    assert [len(lake.load(known_at=at)) for at in known] == [3, 2, 3]


def test_a_changed_row_without_the_column_may_be_read(tmp_path: Path) -> None:
    lake = ParquetBars(tmp_path)
    lake.upsert(closes("AAPL", [10.0, 1100.0]).assign(held=["", "prices"]))
    assert list(lake.load()["close"]) == [10.0]
    assert lake.upsert(closes("AAPL", [10.0, 11.0, 12.0])) == Upserted(1, 1, 1)
    assert list(lake.load()["close"]) == [10.0, 11.0, 12.0]


def test_the_latest_of_a_ticker_without_bars(tmp_path: Path) -> None:
    found = ParquetBars(tmp_path).latest(AAPL)
    assert list(found.columns) == [*BAR_COLUMNS, "held"] and len(found) == 0


def test_files_from_before_there_was_such_a_column_are_read(tmp_path: Path) -> None:
    closes("AAPL", [10.0, 11.0]).to_parquet(tmp_path / "AAPL.parquet", index=False)
    lake = ParquetBars(tmp_path)
    assert list(lake.load()["close"]) == [10.0, 11.0]
    assert list(lake.latest(AAPL)["held"]) == ["", ""]
    assert lake.upsert(closes("AAPL", [10.0, 11.0]).assign(held=["", "all"])).corrected == 1
    assert list(lake.load()["close"]) == [10.0]
