"""A table of bars, written in a dialect drawn by chance, reads back to the same bars."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.foundation.errors import TickerLensError
from core.market_data.sources.csv_file import CsvSource
from core.market_data.sources.tables.options import TableOptions
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.support.trials import TRIALS

TICKER = Ticker.parse("2330.TW")
FIELDS = ["open", "high", "low", "close", "volume"]
HEADERS = {
    "English": ["Date", "Open", "High", "Low", "Close", "Volume"],
    "German": ["Datum", "Eröffnung", "Hoch", "Tief", "Schluss", "Volumen"],
    "Polish": ["Data", "Otwarcie", "Najwyzszy", "Najnizszy", "Zamkniecie", "Wolumen"],
    "Chinese": ["日期", "開盤價", "最高價", "最低價", "收盤價", "成交股數"],
}
DATES = {
    "ISO": lambda day: f"{day:%Y-%m-%d}",
    "slashes": lambda day: f"{day:%Y/%m/%d}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "day first": lambda day: f"{day:%d.%m.%Y}",
    "month first": lambda day: f"{day:%m/%d/%Y}",
    "words": lambda day: f"{day:%b %d, %Y}",
    "Republic": lambda day: f"{day.year - 1911}/{day:%m/%d}",
    "seconds": lambda day: str(int(day.timestamp())),
    "midnight": lambda day: f"{day:%Y-%m-%d} 00:00:00+08:00",
}
ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "big5")


@dataclass(frozen=True)
class Dialect:
    """How a file is written."""

    header: str
    dates: str
    separator: str
    decimal: str
    thousands: bool
    newest_first: bool
    title: bool
    footer: bool
    line_end: str
    encoding: str


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    header = draw(st.sampled_from(sorted(HEADERS)))
    return Dialect(
        header,
        draw(st.sampled_from(sorted(DATES))),
        draw(st.sampled_from(",;\t")),
        draw(st.sampled_from(".,")),
        *(draw(st.booleans()) for _ in range(4)),
        draw(st.sampled_from(["\n", "\r\n"])),
        draw(st.sampled_from([one for one in ENCODINGS if header != "German" or one != "big5"])),
    )


def bars(seed: int, sessions: int) -> pd.DataFrame:
    """Prices in whole cents and volumes above a thousand, as 2330.TW has them."""
    chance = np.random.default_rng(seed)
    days = SHIPPED["XTAI"].between(pd.Timestamp("2021-01-04"), pd.Timestamp("2022-12-30"))
    close = 500 * np.exp(np.cumsum(chance.normal(0, 0.01, sessions)))
    first = close * np.exp(chance.normal(0, 0.003, sessions))
    values = {
        "open": first,
        "high": np.maximum(first, close) + 1,
        "low": np.minimum(first, close) - 1,
        "close": close,
    }
    frame = pd.DataFrame({name: np.round(of, 2) for name, of in values.items()})
    frame["volume"] = chance.integers(20_000_000, 60_000_000, sessions).astype(float)
    frame.insert(0, "session", days[:sessions])
    return frame


def written(frame: pd.DataFrame, how: Dialect) -> bytes:
    """The file's bytes."""

    def number(value: float, places: int) -> str:
        text = f"{value:,.{places}f}" if how.thousands else f"{value:.{places}f}"
        return text.translate(str.maketrans(",.", ".,")) if how.decimal == "," else text

    out = io.StringIO()
    writer = csv.writer(out, delimiter=how.separator, lineterminator=how.line_end)
    if how.title:
        writer.writerow(["2330 台積電" if how.header == "Chinese" else "Prices of 2330"])
    writer.writerow(HEADERS[how.header])
    for row in frame[::-1].itertuples() if how.newest_first else frame.itertuples():
        prices = [number(getattr(row, name), 2) for name in FIELDS[:-1]]
        writer.writerow([DATES[how.dates](row.session), *prices, number(row.volume, 0)])
    if how.footer:
        writer.writerow([])
        writer.writerow(["說明:" if how.header == "Chinese" else "Source: our broker"])
    return out.getvalue().encode(how.encoding)


@given(dialects(), st.integers(0, 2**32 - 1), st.integers(30, 90))
@settings(
    max_examples=20 * TRIALS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_a_table_in_any_dialect_reads_back_to_the_same_bars(
    tmp_path: Path, how: Dialect, seed: int, sessions: int
) -> None:
    frame = bars(seed, sessions)
    file = tmp_path / "prices.csv"
    file.write_bytes(written(frame, how))
    source = CsvSource(file, TICKER)
    read = source.fetch(TICKER, None, None, pd.Timestamp("2024-01-01", tz="UTC"))
    pd.testing.assert_frame_equal(
        read[["session", *FIELDS]].reset_index(drop=True), frame, check_dtype=False
    )


@given(st.binary(max_size=400) | st.text(max_size=400).map(str.encode), st.sampled_from(["", ","]))
@settings(
    max_examples=50 * TRIALS,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_bytes_that_are_no_table_get_one_sentence(
    tmp_path: Path, content: bytes, decimal: str
) -> None:
    file = tmp_path / "prices.csv"
    file.write_bytes(content)
    with pytest.raises(TickerLensError) as refused:
        CsvSource(file, TICKER, TableOptions(decimal=decimal))
    assert "\n" not in str(refused.value) and str(refused.value).endswith(".")
