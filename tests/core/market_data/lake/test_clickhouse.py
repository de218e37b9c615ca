"""The copy of the bars in ClickHouse's real engine: its frames, its errors, and who may read it."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, OfflineError, StorageError
from core.foundation.settings import Settings
from core.market_data.lake.bar_store import ParquetBars
from core.market_data.lake.clickhouse import Address, ClickHouseBars
from core.market_data.lake.replicated_bar_store import MirroredBars
from core.market_data.replicate import mirror
from core.reference.tickers import Ticker
from core.wiring import Workspace
from tests.support.bars import walk, walks
from tests.support.clickhouse.server import PASSWORD, TIMEOUT_SECONDS, ClickHouse, clickhouse
from tests.support.homes import closes
from tests.support.ports import free_port

KNOWN = datetime(2024, 7, 2, tzinfo=UTC)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClickHouse]:
    with clickhouse(tmp_path_factory.mktemp("clickhouse")) as running:
        yield running


@pytest.fixture
def copy(server: ClickHouse) -> ClickHouseBars:
    """A copy without a row."""
    found = ClickHouseBars(server.url, TIMEOUT_SECONDS)
    found.prepare()
    found.forget(map(Ticker.parse, ("AAPL", "T0", "T1", "^GSPC")))
    return found


@pytest.fixture
def lake(tmp_path: Path) -> ParquetBars:
    """Three tickers, with a split, a dividend, gaps, corrections and rows that are held back."""
    bars = ParquetBars(tmp_path / "bars")
    bars.upsert(walks(2, 40))
    old = closes("^GSPC", [17.76, 17.92, 18.5], start="1950-01-03", dividend=[0.0, 0.1, 0.0])
    instants = pd.to_datetime(["2024-07-01T00:00:00.123456789Z"] * 3)
    bars.upsert(old.assign(volume=np.nan, ingested_at=instants))
    bars.upsert(closes("T0", [50.0, 0.1 + 0.2], start="2024-06-27", at="2024-07-02"))
    late = closes("T1", [25.0, 7.0], start="2024-06-26", at="2024-07-03", split_ratio=[4.0, 1.0])
    bars.upsert(late.assign(held=["prices", "all"]))
    return bars


@pytest.mark.parametrize(
    "requested",
    [
        {},
        {"adjusted": False},
        {"tickers": ["T1", "^GSPC"]},
        {"tickers": "T0"},
        {"tickers": ["AAPL", "T0"], "known_at": KNOWN},
        {"start": pd.Timestamp("2024-06-03"), "end": pd.Timestamp("2024-06-27")},
        {"start": pd.Timestamp("2024-06-03"), "adjusted": False},
        {"known_at": KNOWN},
        {"known_at": pd.Timestamp("2024-07-01T00:00:00.123456788Z")},
        {"known_at": pd.Timestamp("2024-07-01T00:00:00.123456789Z")},
        {"known_at": datetime(9999, 1, 1, tzinfo=UTC)},
        {"known_at": datetime(1, 1, 1, tzinfo=UTC)},
        {"tickers": ["AAPL"]},
        {"tickers": []},
    ],
)
def test_it_reads_as_the_lake_does(
    requested: dict[str, Any], lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path
) -> None:
    mirror(lake, copy, tmp_path / "lock")
    pd.testing.assert_frame_equal(copy.load(**requested), lake.load(**requested), check_exact=True)


def test_any_number_of_tickers_may_be_asked_for(
    lake: ParquetBars, copy: ClickHouseBars, tmp_path: Path
) -> None:
    mirror(lake, copy, tmp_path / "lock")
    requested = ["T0", *(f"NONE-{number}" for number in range(2_000))]
    pd.testing.assert_frame_equal(copy.load(requested), lake.load(requested), check_exact=True)


def test_an_empty_copy_reads_as_an_empty_lake(copy: ClickHouseBars, tmp_path: Path) -> None:
    pd.testing.assert_frame_equal(copy.load(), ParquetBars(tmp_path).load())


def test_what_is_written_twice_is_there_once(copy: ClickHouseBars, lake: ParquetBars) -> None:
    rows = lake.revisions(Ticker.parse("T1"))
    for _ in range(3):
        copy.append(rows)
    latest = copy.latest([Ticker.parse("T1")])
    assert len(latest) == 40 and not latest.duplicated(["ticker", "session"]).any()


def test_of_two_revisions_known_at_once_the_later_counts(copy: ClickHouseBars) -> None:
    first, second = closes("AAPL", [1.0]).assign(held=""), closes("AAPL", [2.0]).assign(held="")
    copy.append(pd.concat([first, second]))
    assert copy.latest([Ticker.parse("AAPL")])["close"].tolist() == [2.0]
    copy.append(first)
    assert copy.latest([Ticker.parse("AAPL")])["close"].tolist() == [1.0]


def test_every_bit_of_a_number_is_kept(copy: ClickHouseBars) -> None:
    numbers = [5e-324, 1.7976931348623157e308, 0.1 + 0.2, 2**53 - 1.0, np.nan, -0.0]
    dates = pd.to_datetime(["1900-01-01", "1969-12-31", "1970-01-01", "2024-02-29"])
    bars = walk(sessions=6).assign(held="all", close=numbers, open=numbers[::-1])
    bars.loc[:3, "session"] = dates.as_unit("ns")
    copy.append(bars)
    found = copy.latest([Ticker.parse("AAPL")])
    for name in ("open", "close"):
        assert found[name].to_numpy().tobytes() == bars[name].to_numpy().tobytes()
    assert found["session"].tolist() == bars["session"].tolist()


def test_wide_reads_use_the_copy_only_while_it_is_the_lake(
    server: ClickHouse, copy: ClickHouseBars, lake: ParquetBars, tmp_path: Path
) -> None:
    reading = MirroredBars(tmp_path / "bars", ClickHouseBars(server.url, TIMEOUT_SECONDS), wide=1)
    mirror(lake, copy, tmp_path / "lock")
    # What only the copy holds shows where an answer came from.
    one = closes("T0", [99.0], start="2024-06-28", at="2024-07-05").assign(held="")
    copy.append(one)
    assert reading.load(adjusted=False).query("ticker == 'T0'")["close"].iloc[-1] == 99.0
    assert reading.load(["T0", "T1"])["close"].iloc[39] == 99.0
    assert reading.load(["T0"])["close"].iloc[-1] == 0.1 + 0.2
    lake.upsert(closes("T0", [3.0], start="2024-07-01"))
    assert reading.load(["T0", "T1"], adjusted=False)["close"].iloc[40] == 3.0
    pd.testing.assert_frame_equal(reading.load(), lake.load(), check_exact=True)


def test_wide_reads_survive_an_outage(lake: ParquetBars, tmp_path: Path) -> None:
    nobody = ClickHouseBars(f"clickhouse://127.0.0.1:{free_port()}/bars")
    reading = MirroredBars(tmp_path / "bars", nobody, wide=1)
    pd.testing.assert_frame_equal(reading.load(), lake.load())
    assert len(reading.load()) > 0


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("clickhouse://a:b@c:1/d", ("http", "c", 1, "a", "b", "d")),
        ("http://a:b@c/d", ("http", "c", 8123, "a", "b", "d")),
        ("https://a:b%2F%40@c/d", ("https", "c", 8443, "a", "b/@", "d")),
        ("clickhouse://c", ("http", "c", 8123, "default", "", "default")),
    ],
)
def test_addresses(url: str, expected: tuple[object, ...]) -> None:
    assert tuple(vars(Address.parse(url)).values()) == expected


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://a:hidden@c/d",
        "clickhouse://a:hidden@c:port/d",
        "clickhouse://a:hidden@/d",
        "clickhouse://a:hidden@c/d;drop",
        "clickhouse://a:hidden@[c/d",
        "c:8123",
    ],
)
def test_a_wrong_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        ClickHouseBars(url)
    assert "TICKERLENS_CLICKHOUSE_URL" in caught.value.message
    assert "hidden" not in str(caught.value)
    assert "hidden" not in repr(Address.parse("clickhouse://a:hidden@c/d"))


def test_a_wrong_password_is_one_sentence_without_it(server: ClickHouse) -> None:
    wrong = server.url.replace("s3cret", "wr0ng")
    with pytest.raises(StorageError) as caught:
        ClickHouseBars(wrong, TIMEOUT_SECONDS).stamps()
    assert caught.value.message == (
        f"ClickHouse at 127.0.0.1:{server.port} does not let tickerlens in; "
        "see TICKERLENS_CLICKHOUSE_URL."
    )
    assert "wr0ng" not in str(caught.value.__cause__)


def test_what_the_engine_refuses_is_one_sentence(server: ClickHouse) -> None:
    with pytest.raises(StorageError, match="refused what it was asked, code 81 .UNKNOWN_DATABASE"):
        ClickHouseBars(server.url.removesuffix("bars") + "nowhere", TIMEOUT_SECONDS).stamps()


def test_nobody_there_is_said_soon() -> None:
    with pytest.raises(OfflineError, match=r"ClickHouse at 127.0.0.1:\d+ does not answer\."):
        ClickHouseBars(f"clickhouse://a:{PASSWORD[:6]}@127.0.0.1:{free_port()}/bars").stamps()


def test_one_that_accepts_and_says_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(OfflineError):
            ClickHouseBars(f"http://127.0.0.1:{silent.getsockname()[1]}/bars").stamps()


def test_the_settings_choose_who_is_read(tmp_path: Path) -> None:
    there = "clickhouse://127.0.0.1:1/bars"
    for url, reads, kind in [
        ("", False, ParquetBars),
        ("", True, ParquetBars),
        (there, False, ParquetBars),
        (there, True, MirroredBars),
    ]:
        settings = Settings(home=tmp_path, clickhouse_url=url, clickhouse_reads=reads)
        assert type(Workspace(settings).bars) is kind
        assert (Workspace(settings).replica is None) == (url == "")
