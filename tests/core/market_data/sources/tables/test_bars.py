"""Siblings of what people have: one file of each kind that nobody listed, and what is refused."""

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.foundation.errors import SchemaError, TickerLensError
from core.market_data.sources.tables.bars import read_bars
from core.market_data.sources.tables.columns import known_words
from core.market_data.sources.tables.options import TableOptions, Understood
from core.reference.tickers import Ticker

HEAD = "Date,Open,High,Low,Close,Volume"
TW, US = "2330.TW", "AAPL"
Two = list[tuple[str, float, float, float, float, float]]
RIGHT: Two = [
    ("2026-11-24", 950.0, 960.5, 940.0, 955.25, 1_234_567.0),
    ("2026-11-25", 955.0, 970.0, 951.0, 966.75, 2_345_000.0),
]


def read(
    text: str | bytes, symbol: str | None = US, **options: Any
) -> tuple[pd.DataFrame, Understood]:
    content = text.encode() if isinstance(text, str) else text
    ticker = None if symbol is None else Ticker.parse(symbol)
    given = TableOptions(**options)
    return read_bars("a.csv", content, ticker, given, known_words())


def rows(bars: pd.DataFrame) -> Two:
    shown = bars.sort_values("session")
    columns = [shown[name] for name in ("open", "high", "low", "close", "volume")]
    days = [str(day.date()) for day in shown["session"]]
    return list(zip(days, *columns, strict=True))


def refusal(text: str | bytes, symbol: str | None = US, **options: object) -> str:
    with pytest.raises(TickerLensError) as refused:
        read(text, symbol, **options)
    assert "\n" not in refused.value.message
    return refused.value.message


READ = {
    "pandas-datareader": (
        "Attributes,Adj Close,Close,High,Low,Open,Volume\nSymbols,AAPL,AAPL,AAPL,AAPL,AAPL,AAPL\n"
        "Date,,,,,,\n2026-11-24,1,955.25,960.5,940.0,950.0,1234567\n"
        "2026-11-25,1,966.75,970,951,955,2345000\n"
    ),
    "yfinance by ticker": (
        "Ticker,AAPL,AAPL,AAPL,AAPL,AAPL\nPrice,Open,High,Low,Close,Volume\nDate,,,,,\n"
        "2026-11-24,950,960.5,940,955.25,1234567\n2026-11-25,955,970,951,966.75,2345000\n"
    ),
    "yfinance without its index": (
        "Date,Close,High,Low,Open,Volume\n,AAPL,AAPL,AAPL,AAPL,AAPL\n"
        "2026-11-24,955.25,960.5,940.0,950.0,1234567\n2026-11-25,966.75,970,951,955,2345000\n"
    ),
    "quantmod": (
        '"","AAPL.Open","AAPL.High","AAPL.Low","AAPL.Close","AAPL.Volume","AAPL.Adjusted"\n'
        '"2026-11-24",950,960.5,940,955.25,1234567,955.25\n'
        '"2026-11-25",955,970,951,966.75,2345000,966.75\n'
    ),
    "joined names": (
        "date,Open_AAPL,High_AAPL,Low_AAPL,Close_AAPL,Volume_AAPL\n"
        "2026-11-24,950,960.5,940,955.25,1234567\n2026-11-25,955,970,951,966.75,2345000\n"
    ),
    "nasdaq.com": (
        "Date,Close/Last,Volume,Open,High,Low\n"
        "11/25/2026,$966.75,2345000,$955.00,$970.00,$951.00\n"
        "11/24/2026,$955.25,1234567,$950.00,$960.50,$940.00\n"
    ),
    "metatrader 5": (
        "<DATE>\t<OPEN>\t<HIGH>\t<LOW>\t<CLOSE>\t<TICKVOL>\t<VOL>\t<SPREAD>\n"
        "2026.11.24\t950\t960.5\t940\t955.25\t77\t1234567\t0\n"
        "2026.11.25\t955\t970\t951\t966.75\t78\t2345000\t0\n"
    ),
    "nasdaq nordic": (
        "sep=;\nDate;Bid;Ask;Opening price;High price;Low price;Closing price;Average price;"
        "Total volume;Turnover;Trades;\n"
        "2026-11-25;1,0;1,1;955,00;970,00;951,00;966,75;960,1;2345000;1,5;300;\n"
        "2026-11-24;1,0;1,1;950,00;960,50;940,00;955,25;960,1;1234567;1,5;300;\n"
    ),
    "onvista": (
        "Datum;Eröffnung;Hoch;Tief;Schluss;Volumen\n"
        "25.11.2026;955,00;970,00;951,00;966,75;2.345.000\n"
        "24.11.2026;950,00;960,50;940,00;955,25;1.234.567\n"
    ).encode("cp1252"),
    "euronext": (
        '"AAPL"\n"From 2026-11-24 to 2026-11-25"\n"US0378331005"\n'
        "Date;Open;High;Low;Last;Close;Number of Shares;Number of Trades;Turnover;vwap\n"
        "25/11/2026;955;970;951;966.7;966.75;2345000;1;1;1\n"
        "24/11/2026;950;960.5;940;955.2;955.25;1234567;1;1;1\n"
    ),
    "dukascopy": (
        "Gmt time,Open,High,Low,Close,Volume\n"
        "24.11.2026 00:00:00.000,950,960.5,940,955.25,1234567\n"
        "25.11.2026 00:00:00.000,955,970,951,966.75,2345000\n"
    ),
    "tiingo": (
        "date,close,high,low,open,volume,adjClose,adjHigh,adjLow,adjOpen,adjVolume,divCash,"
        "splitFactor\n"
        "2026-11-24T00:00:00.000Z,955.25,960.5,940,950,1234567,955.25,960.5,940,950,1,0.0,1.0\n"
        "2026-11-25T00:00:00.000Z,966.75,970,951,955,2345000,966.75,970,951,955,1,0.0,1.0\n"
    ),
    "quandl": (
        "Date,Open,High,Low,Close,Volume,Ex-Dividend,Split Ratio,Adj. Open,Adj. High,Adj. Low,"
        "Adj. Close,Adj. Volume\n"
        "2026-11-24,950,960.5,940,955.25,1234567,0.0,1.0,1,1,1,1,1\n"
        "2026-11-25,955,970,951,966.75,2345000,0.0,1.0,1,1,1,1,1\n"
    ),
    "bloomberg words": (
        "Date,Open Price,High Price,Low Price,Last Price,Volume\n"
        "Nov 24 2026,950,960.5,940,955.25,1234.567K\n25-Nov-2026,955,970,951,966.75,2.345M\n"
    ),
    "milliseconds": (
        "timestamp,o,h,l,c,v\n1795532400000,950,960.5,940,955.25,1234567\n"
        "1795618800000,955,970,951,966.75,2345000\n"
    ),
    "investing in german": (
        '"Datum","Zuletzt","Eröffn.","Hoch","Tief","Vol.","+/- %"\n'
        '"25.11.2026","966,75","955,00","970,00","951,00","2,345M","1,20%"\n'
        '"24.11.2026","955,25","950,00","960,50","940,00","1234,567K","0,10%"\n'
    ),
    "swiss": (
        "Datum;Eröffnung;Hoch;Tief;Schlusskurs;Volumen\n"
        "24.11.2026;950.00;960.50;940.00;955.25;1'234'567\n"
        "25.11.2026;955.00;970.00;951.00;966.75;2'345'000\n"
    ),
    "with a clock": (
        "Date,Open,High,Low,Close,Volume\n11/24/2026 16:00:00,950,960.5,940,955.25,1234567\n"
        "11/25/2026 4:00:00 PM,955,970,951,966.75,2345000\n"
    ),
}


@pytest.mark.parametrize("name", READ)
def test_what_vendors_write_is_read(name: str) -> None:
    assert rows(read(READ[name])[0]) == RIGHT


TAIWAN = {
    "tpex month": (
        "個股日成交資訊\n股票代號:2330\n股票名稱:台積電\n資料日期:115/11\n"
        "日 期,成交張數,成交仟元,開盤,最高,最低,收盤,漲跌,筆數\n"
        '"115/11/24","1,234.567","1",950.00,960.50,940.00,955.25,0.00,"1"\n'
        '"115/11/25＊","2,345","1",955.00,970.00,951.00,966.75,1.00,"1"\n共2筆\n'
    ).encode("big5"),
    "tej": (
        "年月日\t開盤價(元)\t最高價(元)\t最低價(元)\t收盤價(元)\t成交量(千股)\n"
        "20261124\t950\t960.5\t940\t955.25\t1234.567\n20261125\t955\t970\t951\t966.75\t2345\n"
    ).encode("utf-16"),
    "two months joined": (
        '"115年11月 2330 台積電 各日成交資訊"\n"日期","成交股數","開盤價","最高價","最低價","收盤價",\n'
        '"115/11/24","1,234,567","950.00","960.50","940.00","955.25",\n\n'
        '"115年11月 2330 台積電 各日成交資訊"\n"日期","成交股數","開盤價","最高價","最低價","收盤價",\n'
        '"115/11/25","2,345,000","955.00","970.00","951.00","966.75",\n"說明:"\n'
    ),
    "another order below": (
        f"{HEAD}\n115/11/24,950,960.5,940,955.25,1234567\n"
        "Close,Date,Open,High,Low,Volume\n966.75,2026/11/25,955,970,951,2345000\n"
    ),
    "taiwan in words": (
        "日期,開盤價,最高價,最低價,收盤價,成交股數\n"
        "民國115年11月24日,950,960.5,940,955.25,1234567\n115年11月25日,955,970,951,966.75,234.5萬\n"
    ),
    "finmind's zone": (
        f"{HEAD}\n2026-11-23 16:00:00+00:00,950,960.5,940,955.25,1234567\n"
        "2026-11-24T16:00:00Z,955,970,951,966.75,2345000\n"
    ),
    "after the close": (
        f"{HEAD}\n2026-11-24 13:30:00,950,960.5,940,955.25,1234567\n"
        "2026-11-25T13:30:00+08:00,955,970,951,966.75,2345000\n"
    ),
}


@pytest.mark.parametrize("name", TAIWAN)
def test_what_taiwan_writes_is_read(name: str) -> None:
    assert rows(read(TAIWAN[name], TW)[0]) == RIGHT


def test_years_of_two_digits_are_of_the_republic_for_a_ticker_of_taiwan() -> None:
    bars = read(f"{HEAD}\n99/01/04,1,2,1,2,3\n99/01/05,1,2,1,2,3\n", TW)[0]
    assert [day.date() for day in bars["session"]] == [date(2010, 1, 4), date(2010, 1, 5)]


def test_a_halt_is_no_bar_and_is_counted() -> None:
    bars, understood = read(f"{HEAD}\n115/11/24,--,--,--,--,0\n115/11/25,1,2,1,2,3\n", TW)
    assert len(bars) == 1 and understood.halted == 1 and understood.rows == 1


def test_actions_are_read_in_the_words_of_several_vendors() -> None:
    head = f"{HEAD},Ex-Dividend,Split Ratio"
    bars = read(f"{head}\n2026-11-24,1,2,1,2,3,,4:1\n2026-11-25,1,2,1,2,3,0.5,1-for-20\n")[0]
    assert list(bars["dividend"]) == [0.0, 0.5] and list(bars["split_ratio"]) == [4.0, 0.05]


@pytest.mark.parametrize(
    "column", ["除權息", "Capital changes", "adj factor", "Dividend type", "adj_factor", "複權因子"]
)
def test_a_column_that_looks_like_an_action_and_is_not_understood_is_named(column: str) -> None:
    text = f"{HEAD},{column}\n2026-11-24,1,2,1,2,3,0\n2026-11-25,1,2,1,2,3,1.5\n"
    expected = f"a.csv: column {column} looks like a dividend, a split or an adjustment and is not"
    assert refusal(text).startswith(expected)
    assert len(read(text.replace("1.5", ""))[0]) == 2  # where it says nothing, nothing is lost


def test_what_each_line_is_stands_in_what_was_understood() -> None:
    _, understood = read(TAIWAN["tpex month"], TW)
    assert understood.header == 5 and understood.encoding in ("cp950", "big5hkscs", "big5")
    assert understood.columns[1] == ("成交張數", "volume_thousands")
    assert [row for row, _ in understood.passed_over] == [1, 2, 3, 4, 8]
    assert read(READ["nasdaq.com"])[1].dates == "month-first"


def test_rows_are_numbered_as_an_editor_shows_them() -> None:
    text = f"a title\n\n{HEAD}\n\n2026-11-24,1,2,1,2,3\n\n2026-11-25,1,2,1,x,3\n"
    assert refusal(text) == 'a.csv: close has "x" in row 7, not a number.'


def test_a_missing_header_is_said() -> None:
    assert refusal("2026-11-24,1,2,1,2,3\n2026-11-25,1,2,1,2,3\n").startswith("a.csv has no header")
    assert refusal("Huey,Dewey\n1,2\n").startswith("a.csv: no line names the columns of bars")


def test_two_companies_in_one_file_are_refused() -> None:
    months = TAIWAN["two months joined"]
    assert isinstance(months, str)
    other = months.replace("2330", "2317", 1)
    assert refusal(other, None) == (
        "a.csv holds several companies, 2317 and 2330; give a file for each."
    )
    days = [f"2026-11-{day:02}" for day in range(16, 21)]
    lines = [f"{day},{p},{p},{p},{p},9" for p in (10, 200) for day in days]
    assert "two prices far apart on 5 of 5 sessions" in refusal("\n".join([HEAD, *lines]))


def test_tickers_in_a_column_of_names_are_found() -> None:
    text = (
        "date,open,high,low,close,volume,Name\n2026-11-24,1,2,1,2,3,{}\n2026-11-24,1,2,1,2,3,{}\n"
    )
    text = text.format("AAPL", "IBM")
    assert sorted(read(text, None)[0]["ticker"]) == ["AAPL", "IBM"]


@pytest.mark.parametrize(
    ("dates", "right"),
    [
        (("03/04/2026", "04/04/2026"), None),
        (("03/04/2026", "13/04/2026"), [date(2026, 4, 3), date(2026, 4, 13)]),
        (("03/04/2026", "04/13/2026"), [date(2026, 3, 4), date(2026, 4, 13)]),
    ],
)
def test_day_and_month_are_told_by_the_whole_file_or_asked(
    dates: tuple[str, str], right: list[date] | None
) -> None:
    text = "\n".join([HEAD, *(f"{day},1,2,1,2,3" for day in dates)])
    if right is None:
        assert "say --dates day-first or --dates month-first" in refusal(text)
        found = read(text, dates="month-first")[0]["session"]
        assert [day.date() for day in found] == [date(2026, 3, 4), date(2026, 4, 4)]
    else:
        assert [day.date() for day in read(text)[0]["session"]] == right


def test_days_and_months_in_both_orders_are_refused() -> None:
    text = f"{HEAD}\n13/04/2026,1,2,1,2,3\n04/14/2026,1,2,1,2,3\n"
    assert '"13/04/2026" in row 2 cannot have day and month in the same order' in refusal(text)


def test_a_comma_that_may_be_either_is_asked_about() -> None:
    text = f"{HEAD}\n2026-11-24;1,234;1,235;1,233;1,234;3\n".replace(",O", ";O")
    text = text.replace(HEAD.replace(",O", ";O"), HEAD.replace(",", ";"))
    assert "say --decimal comma or --decimal point" in refusal(text)
    assert read(text, decimal=",")[0]["close"].iloc[0] == 1.234
    assert read(text, decimal=".")[0]["close"].iloc[0] == 1234.0


def test_stamps_of_a_zone_where_nobody_trades_then_are_refused() -> None:
    """An American close on a Taipei clock: Tuesday to Saturday at five in the morning."""
    days = ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20", "2026-11-21"]
    text = "\n".join([HEAD, *(f"{day} 05:00,1,2,1,2,3" for day in days)])
    assert "of another time zone than AAPL trades in (America/New_York)" in refusal(text)


def test_words_of_ones_own_stand_before_ours(tmp_path: Path) -> None:
    own = tmp_path / "columns.csv"
    own.write_text("meaning,words\nclose,Kurz|Last sale\nignored,除權息\n")
    text = "Date,Open,High,Low,Kurz,Volume,除權息\n2026-11-24,1,2,1,2,3,9\n"
    bars, _ = read_bars("a.csv", text.encode(), Ticker.parse(US), TableOptions(), known_words(own))
    assert list(bars["close"]) == [2.0]
    own.write_text("meaning,words\nclosed,Kurz\n")
    with pytest.raises(SchemaError, match='^columns.csv: row 2 has the meaning "closed"; known'):
        known_words(own)
