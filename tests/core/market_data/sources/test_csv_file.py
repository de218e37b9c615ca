"""Bars from a file: what is read, and the one sentence for each way a file can be wrong."""

import gzip
import random
from pathlib import Path

import pandas as pd
import pytest

from core.foundation.errors import (
    InvalidInputError,
    NotFoundError,
    SchemaError,
    SourceError,
    TickerLensError,
)
from core.market_data.ingest import ingest
from core.market_data.sources.csv_file import CsvSource
from core.reference.schema import validate_bars
from core.reference.tickers import Ticker
from tests.support.bars import walk
from tests.support.homes import AT, file_bytes, open_home

AAPL = Ticker.parse("AAPL")
HEAD = "Date,Open,High,Low,Close,Volume"
ROW = "2024-01-02,1.0,2.0,0.5,1.5,100"
NEXT = "2024-01-03,1.0,2.0,0.5,1.6,200"


def source(folder: Path, *lines: str, ticker: Ticker | None = AAPL) -> CsvSource:
    path = folder / "bars.csv"
    path.write_text("\n".join(lines) + "\n")
    return CsvSource(path, ticker)


def fetched(given: CsvSource, ticker: Ticker = AAPL) -> pd.DataFrame:
    return given.fetch(ticker, None, None, AT)


def test_a_plain_file_of_one_ticker(tmp_path: Path) -> None:
    bars = fetched(source(tmp_path, HEAD, NEXT, ROW))
    pd.testing.assert_frame_equal(validate_bars(bars), bars, check_dtype=False)
    assert list(bars["close"]) == [1.5, 1.6] and list(bars["volume"]) == [100.0, 200.0]
    assert set(bars["source"]) == {"csv"} and (bars["ingested_at"] == AT).all()
    assert (bars["dividend"] == 0).all() and (bars["split_ratio"] == 1).all()


def test_what_pandas_wrote_comes_back(tmp_path: Path) -> None:
    bars = walk(sessions=50)
    bars.to_csv(tmp_path / "bars.csv", index=False)
    found = fetched(CsvSource(tmp_path / "bars.csv"))
    columns = ["session", "open", "high", "low", "close", "volume"]
    pd.testing.assert_frame_equal(found[columns], bars[columns], check_exact=True)


def test_several_tickers_in_any_case(tmp_path: Path) -> None:
    given = source(tmp_path, f"{HEAD.upper()},Symbol", f"{ROW},msft", f"{ROW},aapl", f"{NEXT},AAPL")
    assert [str(ticker) for ticker in given.tickers()] == ["AAPL", "MSFT"]
    assert len(fetched(given)) == 2 and len(fetched(given, Ticker.parse("MSFT"))) == 1
    with pytest.raises(NotFoundError, match="^IBM is not in the CSV file.$"):
        fetched(given, Ticker.parse("IBM"))


def test_a_file_as_yfinance_writes_it(tmp_path: Path) -> None:
    """Dates at the exchange's midnight in two time zones, and 0 where nothing was split."""
    given = source(
        tmp_path,
        f"{HEAD},Dividends,Stock Splits",
        "2020-02-03 00:00:00-05:00,300,310,290,305,100,0.0,0.0",
        "2020-08-31 00:00:00-04:00,127,131,126,129,400,0.82,4.0",
    )
    bars = fetched(given)
    assert [f"{session:%Y-%m-%d %H}" for session in bars["session"]] == [
        "2020-02-03 00",
        "2020-08-31 00",
    ]
    assert list(bars["split_ratio"]) == [1.0, 4.0] and list(bars["dividend"]) == [0.0, 0.82]


def test_a_compressed_file_and_one_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(f"{HEAD}\n{ROW}\n".encode()))
    (tmp_path / "b.csv").write_text(f"{HEAD}\r\n{ROW}\r\n", encoding="utf-8-sig")
    for name in ("a.csv.gz", "b.csv"):
        assert len(fetched(CsvSource(tmp_path / name, AAPL))) == 1


def test_a_range_holds_both_its_ends(tmp_path: Path) -> None:
    given = source(tmp_path, HEAD, ROW, NEXT)
    day = pd.Timestamp("2024-01-03")
    assert list(given.fetch(AAPL, day, day, AT)["session"]) == [day]


@pytest.mark.parametrize("column", HEAD.lower().split(",")[1:])
def test_a_missing_column_is_named(column: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=f"^bars.csv: column {column} is missing.$") as refused:
        source(tmp_path, HEAD.lower().replace(column, "other"), ROW)
    assert refused.value.parameter == column


def test_a_first_column_of_another_name_is_the_date_if_it_holds_dates(tmp_path: Path) -> None:
    head = HEAD.replace("Date", "other")
    assert str(fetched(source(tmp_path, head, ROW))["session"][0])[:10] == "2024-01-02"
    with pytest.raises(SchemaError, match="^bars.csv: column Date is missing.$") as refused:
        source(tmp_path, head, ROW.replace("2024-01-02", "monday"))
    assert refused.value.parameter == "session"


WRONG_CELLS = [
    ("2024-01-02,1,2,0.5,dear,100", 'close has "dear" in row 3, not a number.'),
    ('2024-01-02,1,2,0.5,"1,50,0.00",100', 'close has "1,50,0.00" in row 3, not a number.'),
    ("2024-01-02,1,2,0.5,1_500,100", 'close has "1_500" in row 3, not a number.'),
    ("2024-01-02,1,2,0.5,=1+1,100", 'close has "=1+1" in row 3, not a number.'),
    ("2024-01-02,1,2,0.5,1e999,100", "close has an infinite value in row 3."),
    (
        "yesterday,1,2,0.5,1.5,100",
        'session has "yesterday" in row 3, not a date such as 2024-01-31.',
    ),
    (
        "13/01/20245,1,2,0.5,1.5,100",
        'session has "13/01/20245" in row 3, not a date such as 2024-01-31.',
    ),
    (
        "2024-02-30,1,2,0.5,1.5,100",
        'session has "2024-02-30" in row 3, not a date such as 2024-01-31.',
    ),
    ("=NOW(),1,2,0.5,1.5,100", 'session has "=NOW()" in row 3, not a date such as 2024-01-31.'),
    (",1,2,0.5,1.5,100", 'session has "" in row 3, not a date such as 2024-01-31.'),
]


@pytest.mark.parametrize(("row", "sentence"), WRONG_CELLS)
def test_a_wrong_cell_is_one_sentence(row: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(SchemaError) as refused:
        source(tmp_path, HEAD, NEXT, row)
    assert refused.value.message == f"bars.csv: {sentence}"


def test_a_file_without_tickers_needs_one_named(tmp_path: Path) -> None:
    with pytest.raises(
        SchemaError, match="column ticker is missing; name one ticker with --tickers"
    ):
        source(tmp_path, HEAD, ROW, ticker=None)


@pytest.mark.parametrize("cell", ["=cmd|' /C calc'!A0", "../../etc", "", "12345"])
def test_a_hostile_ticker_cell_is_refused(cell: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInputError) as refused:
        source(tmp_path, f"Ticker,{HEAD}", f"{cell},{ROW}")
    assert refused.value.parameter == "ticker"


@pytest.mark.parametrize(
    ("cell", "symbol"), [("2330", "2330.TW"), ("0050", "0050.TW"), ("台積電", "2330.TW")]
)
def test_the_ticker_column_is_read_as_a_person_types_it(
    cell: str, symbol: str, tmp_path: Path
) -> None:
    given = source(tmp_path, f"Ticker,{HEAD}", f"{cell},{ROW}")
    assert given.tickers() == [Ticker.parse(symbol)]


def test_an_empty_ticker_is_named_by_its_row(tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match="ticker is empty in row 3"):
        source(tmp_path, f"Ticker,{HEAD}", f"AAPL,{ROW}", f",{NEXT}")


def test_a_column_given_twice_is_named(tmp_path: Path) -> None:
    expected = "^bars.csv: column Date appears twice, as Date and as Session.$"
    with pytest.raises(SchemaError, match=expected):
        source(tmp_path, f"{HEAD},Session", f"{ROW},2024-01-02")


@pytest.mark.parametrize(
    ("again", "named"),
    [
        ("Close", "Close"),
        ("close ", "Close"),
        ("Date", "Date"),
        ("Adj Close,Adj Close", "Adj Close"),
    ],
)
def test_a_column_written_twice_is_refused_and_not_chosen_from(
    again: str, named: str, tmp_path: Path
) -> None:
    cells = ",7" * (again.count(",") + 1)
    with pytest.raises(SchemaError, match=f"^bars.csv: column {named} appears twice.$"):
        source(tmp_path, f"{HEAD},{again}", f"{ROW}{cells}")


def test_a_separator_at_the_end_of_a_row_is_no_cell(tmp_path: Path) -> None:
    assert list(fetched(source(tmp_path, HEAD, f"{ROW},", f"{NEXT},"))["close"]) == [1.5, 1.6]


@pytest.mark.parametrize("more", [",9.0", ",9.0,"])
def test_a_row_longer_than_the_header_is_counted(more: str, tmp_path: Path) -> None:
    expected = f"^bars.csv: row 2 has {6 + more.count(',')} cells, the header has 6.$"
    with pytest.raises(SchemaError, match=expected):
        source(tmp_path, HEAD, ROW + more, NEXT + more)
    with pytest.raises(SchemaError, match=expected.replace("row 2", "row 3")):
        source(tmp_path, HEAD, ROW, NEXT + more)


def test_a_header_may_be_longer_than_its_rows(tmp_path: Path) -> None:
    assert len(fetched(source(tmp_path, f"{HEAD},", f"{ROW},", NEXT))) == 2


@pytest.mark.parametrize("day", ["9999-12-31", "1492-10-12"])
def test_a_date_outside_of_what_can_be_is_said_so(day: str, tmp_path: Path) -> None:
    expected = f'session has "{day}" in row 2, outside of 1700-01-01 to 2200-12-31'
    with pytest.raises(SchemaError, match=expected):
        source(tmp_path, HEAD, ROW.replace("2024-01-02", day))


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("rows", [slice(None), slice(30, 31), slice(20, 40)])
@pytest.mark.parametrize("price", [1e300, 1.7e308])
def test_prices_no_exchange_has_are_held_and_nothing_is_printed(
    price: float, rows: slice, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bars = walk("AAPL", 60)
    bars.loc[bars.index[rows], ["open", "high", "low", "close"]] = price
    bars.assign(Date=bars["session"]).drop(columns="session").to_csv(tmp_path / "huge.csv")
    home = open_home(tmp_path / "home")
    given = CsvSource(tmp_path / "huge.csv", AAPL)
    if rows == slice(30, 31):
        assert ingest(given, home.gateway, AT).held_back["AAPL"] >= 1
    else:
        with pytest.raises(SchemaError, match="^All 60 bars of AAPL failed a check and are held"):
            ingest(given, home.gateway, AT)
    assert capsys.readouterr() == ("", "")


UNREADABLE = {
    "empty.csv": b"",
    "spaces.csv": b"  \n\n",
    "header.csv": f"{HEAD}\n".encode(),
    "binary.csv": bytes(range(256)) * 100,
    "zeros.csv": bytes(10_000),
    "quote.csv": f'{HEAD}\n"{ROW}\n'.encode(),
    "no.csv.gz": b"not gzip",
    "cut.csv.gz": gzip.compress(f"{HEAD}\n{ROW}\n".encode() * 99)[:-12],
    "broken.csv.gz": gzip.compress(b"x")[:10] + b"\xff" * 50,
}


UNREADABLE_SAID = (
    r"(cannot be read as CSV|has no rows|is no text file; a CSV file is text"
    r"|is not UTF-8 text; save it as CSV UTF-8)\."
    r"|: row 2 has a quotation mark that is not paired\."
)


@pytest.mark.parametrize("name", UNREADABLE)
def test_an_unreadable_file_is_one_sentence_that_names_it(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(UNREADABLE[name])
    with pytest.raises(SourceError, match=rf"^{name} ?({UNREADABLE_SAID})$"):
        CsvSource(tmp_path / name, AAPL)


@pytest.mark.parametrize("name", ["binary.csv", "zeros.csv"])
def test_a_file_that_is_no_text_is_said_so(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(UNREADABLE[name])
    with pytest.raises(SourceError, match=f"^{name} is no text file; a CSV file is text.$"):
        CsvSource(tmp_path / name, AAPL)


def test_no_file_and_a_folder_are_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="^There is no file .*nothing.csv.$"):
        CsvSource(tmp_path / "nothing.csv", AAPL)
    with pytest.raises(SourceError, match="^There is no CSV file in "):
        CsvSource(tmp_path, AAPL)


def test_a_device_that_never_ends_is_not_read() -> None:
    with pytest.raises(SourceError, match="^/dev/zero is a device; a CSV file is wanted.$"):
        CsvSource(Path("/dev/zero"), AAPL)


def test_many_rows_of_nonsense_are_one_sentence_and_store_nothing(tmp_path: Path) -> None:
    draw = random.Random(1)
    words = ["2024-01-02", "-1", "nan", "inf", "x", "=1", "", "9e99", "AAPL", "\u793a"]
    rows = [",".join(draw.choices(words, k=6)) for _ in range(20_000)]
    home = open_home(tmp_path / "home")
    before = file_bytes(tmp_path / "home" / "bars")
    with pytest.raises(TickerLensError) as refused:
        ingest(source(tmp_path, HEAD, *rows), home.gateway, AT)
    assert "\n" not in refused.value.message and len(refused.value.message) < 200
    assert file_bytes(tmp_path / "home" / "bars") == before == {}
