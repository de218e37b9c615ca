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
    instruments,
    name_of,
    naming,
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
            "1234 is not known by its code alone; if 1234.TW or 1234.TWO is meant, write that.",
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


READ_AS = [
    *((text, "0050.TW") for text in ("50", "５０", "50.0", "50.TW", "TPE:50", "50 TT", "TW50")),
    *((text, "00878.TW") for text in ("878", "878.TW", "878-TW")),
    *((text, "0056.TW") for text in ("56", "056", "56.tw")),
    *((text, "00632R.TW") for text in ("632R", "632r")),
    *((text, "00679B.TWO") for text in ("679B", "679B.TWO", "00679B.TW", "TPE:00679B")),
    *((text, "2330.TW") for text in ("TPE:2330", "TWSE:2330", "2330-TW", "TW2330", "2330 TT")),
    *((text, "2330.TW") for text in ("2330.TWO", "2330TW", "tpe: 2330", "2330 TT Equity")),
    *((text, "2330.TW") for text in ("2330 台積電", "台積電(2330)", "2330.TW 台積電 TSMC")),
    *((text, "6488.TWO") for text in ("TPEX:6488", "TPE:6488", "6488.TW", "6488-TW")),
    *((text, "AAPL") for text in ("NASDAQ:AAPL", "AAPL.US", "AAPL US Equity", "aapl.oq")),
    *((text, "BRK-B") for text in ("NYSE:BRK.B", "BRK.B", "BRK/B", "BRK/B US Equity", "BRK.B.US")),
    *((text, "2881A.TW") for text in ("2881A", "２８８１Ａ", "TPE:2881A", "2881A.TWO")),
    *((text, "0700.HK") for text in ("700.HK", "00700.HK", "HKG:0700", "HK00700", "700 HK")),
    *((text, "005930.KS") for text in ("5930.KS", "KRX:5930")),
    *((text, "7203.T") for text in ("TSE:7203", "TYO:7203", "7203 JP Equity", "7203.JP")),
    *((text, "RY.TO") for text in ("TSE:RY", "TSX:RY", "RY CN Equity")),
    *((text, "600519.SS") for text in ("SH600519", "600519.SH", "SSE:600519")),
    ("LON:VOD", "VOD.L"),
    ("BT/A LN", "BT-A.L"),
]


@pytest.mark.parametrize(("text", "symbol"), READ_AS)
def test_lost_zeros_and_other_vendors_spellings_are_understood_and_said(
    text: str, symbol: str
) -> None:
    found = naming(text)
    assert found.ticker.symbol == symbol
    assert f" was read as {symbol}" in str(found.note)


def test_the_sentence_has_the_names_in_both_languages() -> None:
    sentence = "50 was read as 0050.TW 元大台灣50 Yuanta Taiwan 50."
    assert str(naming("50").note) == sentence
    assert naming("0050").note is naming("台積電").note is naming("brk-b").note is None
    assert naming('="0050"').ticker.symbol == "0050.TW"


UNCLEAR = [
    ("885", "if 00885.TW is meant, write that."),
    ("885.TW", "if 00885.TW is meant, write that."),
    ("7", "if 0007.TW is meant, write that."),
    ("700", "if 0700.HK (Tencent) or 00700.TW is meant, write that."),
    ("7203", "if 7203.T (Toyota) or 7203.TW or 7203.TWO is meant, write that."),
    ("6208", "if 006208.TW (Fubon Taiwan 50) or 6208.TW or 6208.TWO is meant, write that."),
    ("TPE:1234", "TPE:1234 may be 1234.TW or 1234.TWO; write which."),
    ("1234567", "1234567 is no ticker known here; those of the United States begin with a letter"),
    ("NASDAQ:2330", "NASDAQ:2330 is no ticker known here; those of the United States begin with"),
    ("2330.US", "2330.US is no ticker known here; those of the United States begin with a letter"),
]


@pytest.mark.parametrize(("text", "sentence"), UNCLEAR)
def test_what_several_fit_or_nothing_is_asked(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        find(text)
    assert sentence in refused.value.message


@given(st.from_regex(r"[0-9]{1,12}", fullmatch=True))
def test_digits_alone_are_never_american(text: str) -> None:
    try:
        ticker = find(text)
    except InvalidInputError as refused:
        assert text[:20] in refused.message
    else:
        assert ticker.market.code in ("tw", "two")


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
