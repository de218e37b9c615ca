"""The index beside the bars against what every file says, in a folder and on S3."""

import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import StorageError
from core.market_data.catalog import CATALOG_COLUMNS, catalog, display_name
from core.market_data.freshness import Coverage, coverage
from core.market_data.lake import bar_origins
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.lake_index import NAME
from core.reference.bar_holds import PRICES_READ, Hold
from core.reference.renames import Renames
from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import SHIPPED, Calendars
from core.reference.tickers import Ticker
from tests.support.bars import frame
from tests.support.homes import closes
from tests.support.places import CountedObjects, Place
from tests.support.trials import TRIALS

SYMBOLS = ["AAPL", "FB", "META", "2330.TW", "BTC-USD"]
DAYS = pd.bdate_range("2024-03-01", periods=90)
STORM = Calendars((Override("XNYS", DAYS[9].date(), SessionChange.REMOVED, "a storm"),))
STEPS = 25  # of a trial
_UNREADABLE = Path("/proc/self/mem")


class Register:
    """Renames as they stand in turn."""

    def __init__(self) -> None:
        self.now = Renames()

    def __call__(self) -> Renames:
        return self.now


def every_file(lake: ParquetBars) -> tuple[pd.DataFrame, list[Coverage], dict[str, str]]:
    """Catalogue, coverage and damage as they are found by opening every file."""
    rows, covered, damaged = [], [], {}
    for ticker in lake.tickers():
        try:
            read, stored = lake.load([ticker], adjusted=False), lake.latest(ticker)
        except StorageError as error:
            damaged[ticker.symbol] = error.message
            continue
        if len(read):
            last = read.iloc[-1]
            change = float("nan")
            if len(read) > 1:
                change = last["close"] * last["split_ratio"] / read["close"].iloc[-2] - 1.0
            found = [ticker.symbol, display_name(ticker), ticker.market.code, ticker.currency]
            ends = read["session"].iloc[0], last["session"]
            rows.append([*found, last["source"], *ends, len(read), last["close"], change])
        sessions, holds = stored["session"], stored["held"].to_numpy(object)
        seen = np.isin(holds, PRICES_READ)
        calendar = SHIPPED[ticker.market.calendar]
        due = calendar.between(sessions.iloc[0], sessions.iloc[-1])
        covered.append(
            Coverage(
                ticker,
                stored["source"].iloc[-1],
                sessions[seen].max() if seen.any() else None,
                sessions.iloc[-1],
                int((~np.isin(holds, (Hold.NONE, Hold.STEP))).sum()),
                len(due.difference(pd.DatetimeIndex(sessions))),
                tuple(zip(sessions.iloc[-40:], map(bool, seen[-40:]), strict=True)),
            )
        )
    return pd.DataFrame(rows, columns=list(CATALOG_COLUMNS)), covered, damaged


def assert_told_alike(lake: ParquetBars) -> None:
    """The index says what the files say."""
    listed, covered, damaged = every_file(lake)
    found = catalog(lake.summaries())
    pd.testing.assert_frame_equal(found, listed, check_exact=True, check_dtype=False)
    assert coverage(lake.summaries(), SHIPPED) == covered
    assert {ticker: str(one) for ticker, one in lake.damaged().items()} == damaged
    read = lake.load(adjusted=False).groupby("ticker")["source"]
    assert bar_origins.sources(lake) == read.last().to_dict()
    own = [one for one, source in read.last().items() if source != "sample"]
    assert bar_origins.own_tickers(lake) == own
    some = [one for one in own if read.size()[one] >= 30]
    assert bar_origins.own_tickers(lake, 30) == some
    assert bar_origins.longest(lake) == int(read.size().max() if len(read) else 0)
    sample = [str(one) for one, sources in read if (sources == "sample").any()]
    assert [str(one) for one in bar_origins.with_sample_bars(lake)] == sample


def some_bars(chance: np.random.Generator, symbol: str, at: pd.Timestamp) -> pd.DataFrame:
    """Bars of a stretch with gaps, of which some are held back."""
    start = int(chance.integers(0, 60))
    days = DAYS[start : start + int(chance.integers(1, 30))]
    days = days[chance.random(len(days)) < 0.9] if len(days) > 1 else days
    bars = frame(
        symbol,
        days,
        chance.uniform(10, 20, len(days)).round(2),
        split_ratio=chance.choice([1.0, 1.0, 1.0, 2.0], len(days)),
        dividend=chance.choice([0.0, 0.0, 0.3], len(days)),
        source=str(chance.choice(["csv", "yahoo", "sample"])),
        ingested_at=at,
    )
    if chance.random() < 0.5:
        return bars
    few = chance.random(len(days)) < 0.2
    return bars.assign(held=np.where(few, chance.choice(list(Hold), len(days)), ""))


def test_it_says_what_the_files_say_whatever_happens_to_them(place: Place) -> None:
    for trial in range(TRIALS):
        chance, register = np.random.default_rng(trial), Register()
        lake = place.open()
        lake.renames = register
        for ticker in lake.tickers():
            lake.remove(ticker)
        for step in range(STEPS):
            at = pd.Timestamp("2024-07-01", tz="UTC") + pd.Timedelta(hours=step)
            symbol = str(chance.choice(SYMBOLS))
            what = chance.choice(["bars"] * 6 + ["remove", "damage", "rename", "index"])
            if what == "rename":
                register.now = Renames() if register.now.pairs else Renames((("FB", "META"),))
            elif what == "index":
                place.overwrite(NAME, b"" if chance.random() < 0.5 else b"PAR1 of another PAR1")
            elif what == "damage" and f"{symbol}.parquet" in place.objects.versions():
                place.overwrite(f"{symbol}.parquet", b"nothing")
            elif register.now.names(symbol):
                if what == "remove" or symbol in lake.damaged():
                    lake.remove(Ticker.parse(symbol))
                else:
                    lake.upsert(some_bars(chance, symbol, at))
            if chance.random() < 0.4:
                continue  # so that several tickers are read anew at once
            other = place.open()
            other.renames = register
            for one in (lake, other):
                assert_told_alike(one)


def test_only_what_changed_is_read_by_whoever_comes_next(place: Place) -> None:
    lake = place.open()
    for symbol in SYMBOLS:
        lake.upsert(closes(symbol, [1.0, 2.0]))
    lake.summaries()
    lake.upsert(closes("FB", [3.0], start="2024-06-05"))
    counted = CountedObjects(place.objects)
    later = ParquetBars(counted)
    first = later.summaries()
    assert counted.read_names == {NAME: 1, "FB.parquet": 1}
    assert counted.updated == {NAME: 1}
    assert later.summaries() is first and sum(counted.read_names.values()) == 2
    third = CountedObjects(place.objects)
    assert catalog(ParquetBars(third).summaries()).set_index("ticker")["last_close"]["FB"] == 3.0
    assert third.read_names == {NAME: 1} and not third.updated


def test_the_index_is_no_part_of_the_bars(place: Place) -> None:
    lake = place.open()
    lake.upsert(closes("AAPL", [1.0, 2.0]))
    before = lake.stamp(), lake.stamps()
    lake.summaries()
    assert place.objects.read(NAME) and (lake.stamp(), lake.stamps()) == before
    lake.remove(Ticker.parse("AAPL"))
    assert list(lake.summaries()) == [] and lake.tickers() == []


def test_an_answer_does_not_wait_for_what_cannot_be_written(tmp_path: Path) -> None:
    lake = ParquetBars(tmp_path)
    lake.upsert(closes("AAPL", [1.0, 2.0]))
    (tmp_path / NAME).mkdir()  # no file can take its place
    assert_told_alike(lake)
    assert lake.summaries() is lake.summaries()


@pytest.mark.skipif(not _UNREADABLE.exists(), reason="of Linux alone")
def test_a_file_that_could_not_be_read_once_is_read_again(tmp_path: Path) -> None:
    lake = ParquetBars(tmp_path)
    lake.upsert(closes("AAPL", [1.0, 2.0]))
    lake.upsert(closes("IBM", [1.0, 2.0]))
    aside = (tmp_path / "IBM.parquet").rename(tmp_path / "aside")
    (tmp_path / "IBM.parquet").symlink_to(_UNREADABLE)  # there, and refuses to be read
    assert list(lake.damaged()) == ["IBM"] and list(catalog(lake.summaries())["ticker"]) == ["AAPL"]
    (tmp_path / "IBM.parquet").unlink()
    aside.rename(tmp_path / "IBM.parquet")
    assert lake.damaged() == {} and list(catalog(lake.summaries())["ticker"]) == ["AAPL", "IBM"]


def test_missing_sessions_go_by_the_calendar_of_the_moment(place: Place) -> None:
    lake = place.open()
    days = DAYS[[7, 8, 10]]  # without the day of the storm
    lake.upsert(frame("AAPL", days, [1.0, 2.0, 3.0]))
    assert [one.missing for one in coverage(lake.summaries(), SHIPPED)] == [1]
    assert [one.missing for one in coverage(lake.summaries(), STORM)] == [0]


def test_readers_and_writers_at_once_leave_the_truth(place: Place) -> None:
    over, failed = threading.Event(), list[BaseException]()

    def read() -> None:
        try:
            while not over.is_set():
                place.open().summaries()
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for one in threads:
        one.start()
    chance, lake = np.random.default_rng(7), place.open()
    for step in range(STEPS):
        at = pd.Timestamp("2024-07-01", tz="UTC") + pd.Timedelta(hours=step)
        lake.upsert(some_bars(chance, str(chance.choice(SYMBOLS)), at))
    over.set()
    for one in threads:
        one.join()
    assert not failed
    assert_told_alike(lake)
    assert_told_alike(place.open())
