"""The lake of bars, on disk and on S3: what is stored, what is a revision, what a reader sees."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, SchemaError, StorageError
from core.market_data.lake.bar_store import ParquetBars, Upserted
from core.reference.schema import BAR_COLUMNS
from core.reference.tickers import Ticker
from tests.support.bars import walk, walks
from tests.support.homes import closes, file_bytes
from tests.support.places import Place

AAPL = Ticker.parse("AAPL")


@pytest.fixture
def lake(place: Place) -> ParquetBars:
    return place.open()


def test_what_is_stored_comes_back(lake: ParquetBars) -> None:
    bars = walks(3, 30)
    assert lake.upsert(bars.sample(frac=1.0, random_state=2)) == Upserted(new=90)
    found = lake.load(adjusted=False)
    assert list(found.columns) == list(BAR_COLUMNS)
    expected = bars.sort_values(["ticker", "session"], ignore_index=True)
    pd.testing.assert_frame_equal(found, expected, check_exact=True, check_dtype=False)


def test_an_empty_lake_gives_the_contract_with_no_rows(lake: ParquetBars) -> None:
    found = lake.load()
    assert len(found) == 0 and set(BAR_COLUMNS) <= set(found.columns)
    assert lake.tickers() == [] and len(lake.load(["AAPL"])) == 0


def test_upserting_twice_writes_once(lake: ParquetBars, place: Place) -> None:
    lake.upsert(walks(2, 20))
    before, stamp = place.contents(), lake.stamp()
    again = walks(2, 20).assign(ingested_at=pd.Timestamp("2024-08-01", tz="UTC"))
    assert lake.upsert(again) == Upserted(unchanged=40)
    assert len(before) == 2 and place.contents() == before and lake.stamp() == stamp


def test_rows_alike_in_their_gaps_are_unchanged(lake: ParquetBars) -> None:
    bars = closes("AAPL", [1.0, 2.0], volume=np.nan)
    assert bars["open"].isna().all()
    lake.upsert(bars)
    assert lake.upsert(bars) == Upserted(unchanged=2)
    assert lake.upsert(bars.assign(volume=[np.nan, 5.0])) == Upserted(corrected=1, unchanged=1)


def test_new_sessions_are_added_to_the_old(lake: ParquetBars) -> None:
    lake.upsert(walk(sessions=30).iloc[:20])
    assert lake.upsert(walk(sessions=30).iloc[15:]) == Upserted(new=10, unchanged=5)
    pd.testing.assert_frame_equal(lake.load(adjusted=False), walk(sessions=30), check_dtype=False)


def test_a_correction_is_a_revision_and_the_old_value_is_still_known(lake: ParquetBars) -> None:
    lake.upsert(closes("AAPL", [10.0, 11.0, 12.0], at="2024-07-01"))
    done = lake.upsert(closes("AAPL", [10.0, 11.5, 12.0], at="2024-07-03"))
    assert done == Upserted(corrected=1, unchanged=2)
    assert list(lake.load(adjusted=False)["close"]) == [10.0, 11.5, 12.0]
    expected = {1: [10.0, 11.0, 12.0], 2: [10.0, 11.0, 12.0], 3: [10.0, 11.5, 12.0]}
    for day, prices in expected.items():
        known_at = datetime(2024, 7, day, tzinfo=UTC)
        assert list(lake.load(adjusted=False, known_at=known_at)["close"]) == prices
    assert len(lake.load(known_at=datetime(2024, 6, 30, tzinfo=UTC))) == 0


def test_a_correction_taken_back_is_a_revision_too(lake: ParquetBars) -> None:
    for day, price in enumerate([10.0, 11.0, 10.0], start=1):
        lake.upsert(closes("AAPL", [price], at=f"2024-07-0{day}"))
    known = [datetime(2024, 7, day, tzinfo=UTC) for day in (1, 2, 3)]
    assert [lake.load(known_at=at)["close"].item() for at in known] == [10.0, 11.0, 10.0]


def test_a_correction_by_a_clock_that_went_back_still_counts(lake: ParquetBars) -> None:
    lake.upsert(closes("AAPL", [10.0], at="2024-07-02"))
    late = closes("AAPL", [11.0], at="2024-07-01")
    assert lake.upsert(late) == Upserted(corrected=1)
    assert lake.load()["close"].item() == 11.0
    assert lake.upsert(late) == Upserted(unchanged=1)


def test_a_later_split_changes_no_raw_row(lake: ParquetBars) -> None:
    before = closes("AAPL", [100.0, 102.0, 104.0])
    lake.upsert(before)
    lake.upsert(closes("AAPL", [52.0], start="2024-06-06", at="2024-07-02", split_ratio=2.0))
    raw, adjusted = lake.load(adjusted=False), lake.load()
    pd.testing.assert_frame_equal(raw.iloc[:3], before, check_dtype=False)
    assert list(adjusted["close"]) == [50.0, 51.0, 52.0, 52.0]
    then = lake.load(known_at=datetime(2024, 7, 1, tzinfo=UTC))
    assert list(then["close"]) == [100.0, 102.0, 104.0], "the split was not known"


def test_a_range_is_adjusted_for_what_came_after_it(lake: ParquetBars) -> None:
    lake.upsert(closes("AAPL", [100.0, 102.0, 51.0, 52.0], split_ratio=[1.0, 1.0, 2.0, 1.0]))
    found = lake.load(["aapl"], start=pd.Timestamp("2024-06-04"), end=pd.Timestamp("2024-06-05"))
    assert list(found["close"]) == [51.0, 51.0]
    assert list(found.index) == [0, 1]


def test_only_the_tickers_asked_for_and_each_once(lake: ParquetBars) -> None:
    lake.upsert(walks(3, 5))
    found = lake.load(["T2", Ticker.parse("T0"), "t0", "MISSING"])
    assert list(found["ticker"].unique()) == ["T0", "T2"] and len(found) == 10
    assert len(lake.load("T1")) == 5


@pytest.mark.parametrize(
    "symbol", ["^GSPC", "M&M.NS", "CON", "EURUSD=X", "0700.HK", "BRK-B", "A." + "B" * 18]
)
def test_odd_tickers_round_trip(symbol: str, lake: ParquetBars, place: Place) -> None:
    lake.upsert(closes(symbol, [1.0, 2.0]))
    assert [str(ticker) for ticker in lake.tickers()] == [symbol]
    assert list(place.open().load([symbol])["ticker"]) == [symbol] * 2
    lake.remove(Ticker.parse(symbol))
    assert lake.tickers() == []


@pytest.mark.parametrize("symbol", ["../up", "A/B", "..", "a b"])
def test_hostile_tickers_reach_no_file(
    symbol: str, lake: ParquetBars, place: Place, tmp_path: Path
) -> None:
    with pytest.raises(InvalidInputError):
        lake.upsert(closes(symbol, [1.0]))
    with pytest.raises(InvalidInputError):
        lake.load([symbol])
    assert place.contents() == {} and file_bytes(tmp_path) == {}


def test_bars_that_break_the_contract_store_nothing(lake: ParquetBars, place: Place) -> None:
    with pytest.raises(SchemaError, match="close is not above zero"):
        lake.upsert(pd.concat([closes("A", [1.0, 2.0]), closes("B", [1.0, -2.0])]))
    assert place.contents() == {}


def test_removing_one_ticker_leaves_the_others(lake: ParquetBars) -> None:
    lake.upsert(walks(2, 5))
    lake.remove(Ticker.parse("T0"))
    lake.remove(Ticker.parse("T0"))
    assert [str(ticker) for ticker in lake.tickers()] == ["T1"]


def _cut(content: bytes) -> bytes:
    return content[:-100]


def _hole(content: bytes) -> bytes:
    return content[:2000] + bytes(500) + content[2500:]


def _flipped(content: bytes) -> bytes:
    return content[:2000] + bytes([content[2000] ^ 1]) + content[2001:]


def _empty(_: bytes) -> bytes:
    return b""


def _text(_: bytes) -> bytes:
    return b"not parquet at all"


def _other_columns(_: bytes) -> bytes:
    return pd.DataFrame({"a": [1]}).to_parquet()


def _other_types(_: bytes) -> bytes:
    return walk(sessions=30).assign(close="high").to_parquet()


DAMAGES = [_cut, _hole, _flipped, _empty, _text, _other_columns, _other_types]


def harm(place: Place, symbol: str, damage: Callable[[bytes], bytes]) -> None:
    content = place.objects.read(f"{symbol}.parquet")
    assert content is not None
    place.overwrite(f"{symbol}.parquet", damage(content))


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named(
    damage: Callable[[bytes], bytes], lake: ParquetBars, place: Place
) -> None:
    lake.upsert(walk(sessions=30))
    harm(place, "AAPL", damage)
    for use in (
        lambda: lake.load(["AAPL"]),
        lambda: lake.latest(AAPL),
        lambda: lake.upsert(walk(sessions=31)),
    ):
        with pytest.raises(StorageError, match="AAPL.parquet cannot be read; remove it and ingest"):
            use()


def test_a_damaged_file_leaves_the_others_alone(lake: ParquetBars, place: Place) -> None:
    lake.upsert(walks(2, 30))
    harm(place, "T0", _cut)
    assert set(lake.load()["ticker"]) == {"T1"}
    assert list(lake.damaged()) == ["T0"] and "T0.parquet" in str(lake.damaged()["T0"])


def test_a_file_with_another_ticker_s_bars_is_refused(lake: ParquetBars, place: Place) -> None:
    lake.upsert(walk(sessions=30))
    place.overwrite("IBM.parquet", place.objects.read("AAPL.parquet") or b"")
    with pytest.raises(StorageError, match="IBM.parquet holds another ticker's bars"):
        lake.load(["IBM"])
    assert set(lake.load()["ticker"]) == {"AAPL"}


def test_a_file_that_holds_no_ticker_s_bars_is_passed_over(lake: ParquetBars, place: Place) -> None:
    lake.upsert(closes("AAPL", [1.0]))
    place.overwrite("AAPL (copy).parquet", place.objects.read("AAPL.parquet") or b"")
    assert lake.tickers() == [AAPL] and len(lake.load()) == 1


def test_the_stamp_changes_whenever_a_bar_does(lake: ParquetBars, place: Place) -> None:
    stamps = [lake.stamp()]
    lake.upsert(closes("AAPL", [1.0]))
    stamps.append(lake.stamp())
    lake.upsert(closes("AAPL", [2.0]))
    stamps.append(lake.stamp())
    lake.upsert(closes("MSFT", [2.0]))
    stamps.append(lake.stamp())
    lake.remove(AAPL)
    stamps.append(lake.stamp())
    assert len(set(stamps)) == 5
    lake.load()
    assert place.open().stamp() == stamps[-1]
    assert lake.stamp() == stamps[-1]


def test_the_input_is_not_changed(lake: ParquetBars) -> None:
    bars = walk(sessions=5).iloc[::-1]
    before = bars.copy(deep=True)
    lake.upsert(bars)
    pd.testing.assert_frame_equal(bars, before)
