"""What a person types, and the ticker it finds."""

import csv
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.foundation.errors import InvalidInputError
from core.reference.instruments import (
    TAIWAN_TEN,
    US_TEN,
    find,
    find_all,
    instruments,
    name_of,
    search,
)
from core.reference.tickers import Ticker
from tests.house.tree import ROOT

FOUND = [
    *((text, "2330.TW") for text in ("2330", "台積電", "TSMC", "tsmc", "２３３０", " 2330.tw ")),
    *((text, "2330.TW") for text in ("ＴＳＭＣ", "Taiwan Semiconductor", "台積")),
    *((text, "TSM") for text in ("TSM", "tsm", "台積電ADR", "台積電 ADR", "TSMC ADR")),
    *((text, "2317.TW") for text in ("Hon Hai", "honhai", "Foxconn", "鴻海", "2317", "富士康")),
    *((text, "5274.TWO") for text in ("5274", "5274.TWO", "信驊", "aspeed")),
    *((text, "0050.TW") for text in ("0050", "元大台灣50", "元大臺灣50")),
    *((text, "00631L.TW") for text in ("00631l", "00631L.TW")),
    *((text, "AAPL") for text in ("aapl", "ＡＡＰＬ", "Apple", "蘋果")),
    *((text, "GOOGL") for text in ("google", "谷歌", "GOOGL")),
    *((text, "2884.TW") for text in ("E.Sun", "ESun", "玉山金")),
    *((text, "TWD=X") for text in ("TWD=X", "USD/TWD", "usdtwd", "美元兌台幣")),
    *((text, "^TWII") for text in ("^TWII", "加權指數", "taiex", "大盤")),
    *((text, "^GSPC") for text in ("S&P 500", "S&P500", "標普500")),
    *((text, "DAL") for text in ("DAL", "達美航空")),
    ("UMC", "UMC"),
    ("聯電", "2303.TW"),
    ("ZZZZ", "ZZZZ"),
    ("brk-b", "BRK-B"),
    ("7203.T", "7203.T"),
]


@pytest.mark.parametrize(("text", "symbol"), FOUND)
def test_codes_names_and_tickers_find_the_ticker(text: str, symbol: str) -> None:
    assert find(text) == Ticker.parse(symbol)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (
            "Delta",
            "Delta may be 2308.TW (Delta Electronics) or DAL (Delta Air Lines); write which.",
        ),
        (
            "1234",
            "1234 is not known by its code alone; write 1234.TW if it is listed on TWSE or "
            "1234.TWO if on TPEx.",
        ),
        (
            "大立",
            "Nothing known here is called 大立; is it 3008.TW 大立光 Largan?",
        ),
        (
            "morgan st",
            "Nothing known here is called morgan st; is it MS Morgan Stanley 摩根士丹利?",
        ),
        ("不存在", "Nothing known here is called 不存在; write its ticker, such as 2330.TW."),
        (
            "A$",
            '"A$" is not a ticker; it should look like AAPL, BRK-B or 2330.TW, at most 20 '
            "characters.",
        ),
        ("Nobody knows", '"Nobody knows" is not a ticker; it should look like AAPL, BRK-B or '),
        ("", "The ticker is empty; try AAPL or 2330.TW."),
    ],
)
def test_what_finds_nothing_is_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        find(text)
    assert refused.value.message.startswith(sentence) and refused.value.parameter == "ticker"


def test_a_ticker_of_an_exchange_without_a_calendar_is_refused() -> None:
    with pytest.raises(InvalidInputError, match="^2222.SR: no trading calendar for .SR; "):
        find("2222.SR")


def test_every_row_of_the_table_is_found_by_all_it_is_called() -> None:
    """Written by hand: every ticker has a market, and no name means two by accident."""
    known = instruments()
    path = ROOT / "core" / "reference" / "tables" / "instruments.csv"
    with path.open(encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    assert len(rows) == len(known) > 350
    kinds = Counter(one.kind for one in known.values())
    assert set(kinds) == {"stock", "ETF", "index", "currency"}
    assert all(one.ticker.market and one.english for one in known.values())
    several = {"Delta", "Alibaba", "阿里巴巴", "Sony", "索尼", "Toyota", "豐田"}
    for symbol, one in known.items():
        assert find(symbol) == find(symbol.lower()) == one.ticker
        for name in set(one.called) - several - set(known):
            assert find(name) == one.ticker, name
    markets = Counter(one.ticker.market.code for one in known.values())
    assert markets["tw"] > 100 and markets["two"] > 25 and markets["us"] > 150


def test_the_default_watchlists_are_bilingual() -> None:
    for ten in (TAIWAN_TEN, US_TEN):
        assert len(ten) == len(set(ten)) == 10
        for symbol in ten:
            known = instruments()[symbol]
            assert known.english and known.chinese
    assert name_of(Ticker.parse("2330.TW")) == "台積電 TSMC"
    assert name_of(Ticker.parse("AAPL")) == "Apple 蘋果"
    assert name_of(Ticker.parse("ZZZZ")) == ""


def symbols(text: str) -> list[str]:
    return [ticker.symbol for ticker in find_all(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("2330, 台積電, TSMC", ["2330.TW"]),
        ("2330、鴻海，AAPL\nTSM;msft", ["2330.TW", "2317.TW", "AAPL", "TSM", "MSFT"]),
        ("Hon Hai, Bank of America", ["2317.TW", "BAC"]),
        ("aapl hon hai 2454 ２３３０", ["AAPL", "2317.TW", "2454.TW", "2330.TW"]),
        ("台積電　鴻海", ["2330.TW", "2317.TW"]),
        (" , ,\n", []),
    ],
)
def test_a_list_is_read_between_commas_lines_and_spaces(text: str, found: list[str]) -> None:
    assert symbols(text) == found


def test_one_bad_name_has_its_own_sentence_and_several_are_listed() -> None:
    with pytest.raises(InvalidInputError, match="^1234 is not known by its code alone; "):
        find_all("AAPL, 1234")
    with pytest.raises(InvalidInputError, match="^1234, 不存在, A\\$ are no tickers known here; "):
        find_all("AAPL, 1234, 不存在 A$")


def found(text: str, limit: int = 5) -> list[str]:
    return [one.ticker.symbol for one in search(text, limit)]


def test_a_picker_lists_the_best_first() -> None:
    assert found("2330")[0] == "2330.TW"
    assert found("台積") == ["2330.TW", "TSM"]
    assert found("23", 3) == ["2301.TW", "2303.TW", "2308.TW"]
    assert found("tsm")[:2] == ["TSM", "2330.TW"]
    assert found("semiconductor", 50) and "2330.TW" in found("semiconductor", 50)
    assert found("") == found("$$") == []
    assert str(search("聯發")[0]) == "2454.TW 聯發科 MediaTek"


@given(st.text() | st.text("台積電2330TSMC .,&-", max_size=20))
def test_any_text_finds_a_ticker_or_says_why_in_one_line(text: str) -> None:
    try:
        ticker = find(text)
    except InvalidInputError as refused:
        assert refused.message.isprintable() and len(refused.message) < 250
    else:
        assert Ticker.parse(ticker.symbol) == ticker
    search(text)
