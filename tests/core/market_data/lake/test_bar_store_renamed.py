"""The files of a ticker's old and new symbol, read as one."""

from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, RemovedError, StorageError
from core.market_data.lake.bar_store import ParquetBars, Upserted
from core.reference.renames import Renames
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.homes import closes
from tests.support.places import Place

FB, META = Ticker.parse("FB"), Ticker.parse("META")
RENAMED = datetime(2024, 8, 1, tzinfo=UTC)
IN_FORCE = Renames((("FB", "META"),))


class Register:
    """Renames as they stand in turn."""

    def __init__(self) -> None:
        self.now = Renames()

    def __call__(self) -> Renames:
        return self.now


@pytest.fixture
def register() -> Register:
    return Register()


@pytest.fixture
def lake(place: Place, register: Register) -> ParquetBars:
    opened = place.open()
    opened.renames = register
    return opened


def at(bars: pd.DataFrame, day: str) -> pd.DataFrame:
    return bars.assign(ingested_at=pd.Timestamp(day, tz="UTC"))


def values(bars: pd.DataFrame) -> pd.DataFrame:
    return bars.drop(columns="ticker").reset_index(drop=True)


def test_all_revisions_are_read_under_the_new_symbol(lake: ParquetBars, register: Register) -> None:
    bars = walk("FB", 30)
    lake.upsert(at(bars, "2024-07-01"))
    lake.upsert(at(bars.tail(1).assign(close=bars["high"].max()), "2024-07-02"))
    before, stamp = lake.revisions(FB), lake.stamp()
    early = pd.Timestamp("2024-07-01 12:00", tz="UTC")
    known = lake.load(["FB"], known_at=early)
    register.now = IN_FORCE
    assert lake.tickers() == [META] and lake.stamp() != stamp
    after = lake.revisions(META)
    pd.testing.assert_frame_equal(values(after), values(before))
    assert set(after["ticker"]) == {"META"}
    pd.testing.assert_frame_equal(
        values(lake.load(["META"], known_at=early)), values(known), check_exact=True
    )
    assert lake.load(["FB"]).empty and lake.latest(FB).empty and lake.revisions(FB).empty
    register.now = Renames()
    assert lake.stamp() == stamp and lake.tickers() == [FB]


def test_older_sessions_come_before_the_new_symbol_s_own(
    lake: ParquetBars, register: Register
) -> None:
    bars = walk("FB", 30)
    lake.upsert(at(bars.head(20), "2024-07-01"))
    lake.upsert(at(bars.tail(12).assign(ticker="META"), "2024-07-03"))
    register.now = IN_FORCE
    found = lake.load(["META"], adjusted=False)
    assert found["session"].tolist() == bars["session"].tolist()
    assert np.array_equal(found["close"], bars["close"])
    (stored,) = lake.summaries()
    assert stored.ticker == META and len(stored.days.numbers()) == 30


def test_what_is_written_since_is_the_new_symbol_s(lake: ParquetBars, register: Register) -> None:
    bars = walk("FB", 30)
    lake.upsert(at(bars.head(20), "2024-07-01"))
    register.now = IN_FORCE
    fresh = at(bars.tail(12).assign(ticker="META"), "2024-08-02")
    assert lake.upsert(fresh, onto_stored=True) == Upserted(new=10, unchanged=2)
    assert lake.upsert(fresh, onto_stored=True) == Upserted(unchanged=12)
    register.now = Renames()
    assert len(lake.latest(FB)) == 20 and len(lake.latest(META)) == 10


def test_nothing_more_is_written_under_the_old_symbol(
    lake: ParquetBars, register: Register
) -> None:
    lake.upsert(closes("FB", [1.0, 2.0]))
    register.now = IN_FORCE
    for onto_stored in (True, False):
        with pytest.raises(InvalidInputError, match="^FB is META now; name that.$"):
            lake.upsert(closes("FB", [1.0, 2.0, 3.0]), onto_stored=onto_stored)
    lake.remove(FB)
    assert len(lake.load(["META"])) == 2


def test_removing_the_new_symbol_removes_both(lake: ParquetBars, register: Register) -> None:
    lake.upsert(closes("FB", [1.0]))
    lake.upsert(closes("META", [2.0], start="2024-06-04"))
    register.now = IN_FORCE
    lake.remove(META)
    assert lake.tickers() == []
    with pytest.raises(RemovedError):
        lake.upsert(closes("META", [1.0]), onto_stored=True)
    register.now = Renames()
    assert lake.tickers() == []


def test_parted_each_has_its_own_and_corrections_since_go_to_the_old_one(
    lake: ParquetBars, register: Register
) -> None:
    lake.upsert(closes("FB", [1.0, 2.0, 3.0], at="2024-07-01", volume=np.nan))
    lake.upsert(closes("META", [3.0, 4.0], start="2024-06-05", at="2024-07-02", volume=np.nan))
    register.now = IN_FORCE
    lake.upsert(closes("META", [1.5], at="2024-08-02", volume=np.nan), onto_stored=True)
    lake.upsert(closes("META", [3.5], "2024-06-05", at="2024-08-02"), onto_stored=True)
    lake.upsert(closes("META", [5.0], "2024-06-07", at="2024-08-02"), onto_stored=True)
    whole = lake.revisions(META)
    for _ in range(2):  # stopped before the rename was taken back, and begun again
        assert lake.part(FB, META, RENAMED) == pd.Timestamp("2024-06-05")
        pd.testing.assert_frame_equal(lake.revisions(META), whole)
    register.now = Renames()
    assert lake.latest(FB)["close"].tolist() == [1.5, 2.0, 3.0]
    assert lake.revisions(FB)["close"].tolist() == [1.0, 1.5, 2.0, 3.0]
    assert lake.latest(META)["close"].tolist() == [3.5, 4.0, 5.0]


def test_parted_a_symbol_without_bars_of_its_own_has_none(
    lake: ParquetBars, register: Register
) -> None:
    lake.upsert(closes("FB", [1.0, 2.0], at="2024-07-01"))
    register.now = IN_FORCE
    lake.upsert(closes("META", [1.5], at="2024-08-02"), onto_stored=True)
    for _ in range(2):
        assert lake.part(FB, META, RENAMED) is None
    register.now = Renames()
    assert lake.tickers() == [FB] and lake.latest(FB)["close"].tolist() == [1.5, 2.0]


def test_a_file_that_cannot_be_read_is_named(
    lake: ParquetBars, register: Register, place: Place
) -> None:
    lake.upsert(closes("FB", [1.0]))
    lake.upsert(closes("META", [2.0], start="2024-06-04"))
    register.now = IN_FORCE
    place.overwrite("FB.parquet", b"PAR1")
    with pytest.raises(StorageError, match="^FB.parquet cannot be read; "):
        lake.load(["META"])
    assert list(lake.damaged()) == ["META"]
