"""Whom a person means by a text: a code, a name, or the beginning of one, and never another."""

import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.market_data.ticker_search import exact, pick
from core.reference.instruments import find, instruments
from core.reference.tickers import Ticker

TRACKED = ["2330.TW", "AAPL", "AMZN", "FB", "META", "MSFT", "NVDA", "QUAL", "9999.TW"]


@pytest.mark.parametrize(
    ("text", "symbol"),
    [
        ("msft", "MSFT"),
        ("ＭＳＦＴ", "MSFT"),
        (" 2330 ", "2330.TW"),
        ("2330.tw", "2330.TW"),
        ("台積電", "2330.TW"),
        ("臺積電", "2330.TW"),
        ("TSMC", "2330.TW"),
        ("Apple", "AAPL"),
        ("蘋果", "AAPL"),
        ("app", "AAPL"),
        ("蘋", "AAPL"),
        ("micros", "MSFT"),
        ("QUA", "QUAL"),
        ("示範", "9999.TW"),
    ],
)
def test_a_code_a_name_and_the_beginning_of_either(text: str, symbol: str) -> None:
    assert pick(text, TRACKED).symbol == symbol


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("COST", "COST Costco 好市多 is known but not tracked here."),
        ("cost", "COST Costco 好市多 is known but not tracked here."),
        ("好市多", "COST Costco 好市多 is known but not tracked here."),
        ("Costc", "COST Costco 好市多 is known but not tracked here."),
        ("TSM", "TSM TSMC ADR 台積電ADR is known but not tracked here."),
        ("2303", "2303.TW 聯電 United Microelectronics is known but not tracked here."),
        ("ZZZZ", "ZZZZ is not tracked here."),
        ("M", "M may be META Meta 臉書 or MSFT Microsoft 微軟; write which."),
        ("facebook", "facebook may be FB Facebook or META Meta 臉書; write which."),
    ],
)
def test_what_is_not_tracked_or_not_clear_is_said(text: str, sentence: str) -> None:
    found = pick(text, TRACKED)
    assert (found.symbol, str(found.sentence or "")) == ("", sentence)


def test_a_text_that_stands_for_a_code_is_read_before_the_beginning_of_another() -> None:
    tracked = ["0050.TW", "5020.T", "BRK-B", "2330.TW"]
    found = pick("50", tracked)
    assert found.symbol == "0050.TW" and str(found.note).startswith("50 was read as 0050.TW ")
    assert pick("BRK.B", tracked).symbol == exact("NYSE:BRK.B", tracked) == "BRK-B"
    assert str(pick("56", tracked).sentence).startswith(
        "0056.TW 元大高股息 Yuanta High Dividend is"
    )
    assert pick("TPE:2330", tracked).symbol == exact("2330 TT", tracked) == "2330.TW"
    assert str(pick("TWSE:1101", tracked).untracked) == "1101.TW"
    assert pick("TWSE:1234", tracked).untracked == Ticker.parse("1234.TW")


def test_a_symbol_that_an_older_version_stored_is_still_found() -> None:
    assert pick("50", ["50", "0050.TW"]).symbol == "50"


@pytest.mark.parametrize("text", ["", "  ", "...", "a$b", "x" * 5000, "台" * 5000, "\ud800", "<b>"])
def test_nonsense_is_one_short_sentence(text: str) -> None:
    found = pick(text, TRACKED)
    assert not found.symbol and found.untracked is None
    assert str(found.sentence).endswith((".", "?")) and len(str(found.sentence)) < 200


def test_no_known_code_or_name_ever_opens_another_company() -> None:
    every = [one for one in instruments().values() if one.ticker.symbol not in TRACKED]
    assert len(every) > 100
    for one in every:
        for text in (one.ticker.symbol, *one.called):
            found = pick(text, TRACKED)
            assert not found.symbol, f"{text} opens {found.symbol}"
            meant = (
                find(text) if text.upper() in instruments() else one.ticker
            )  # a ticker before a name
            assert found.untracked == meant or " may be " in str(found.sentence)


def test_an_address_needs_the_whole_name() -> None:
    assert exact("2330", TRACKED) == exact("台積電", TRACKED) == "2330.TW"
    with pytest.raises(NotFoundError, match="APPL is not tracked here"):
        exact("appl", TRACKED)
    with pytest.raises(NotFoundError, match="MICRO is not tracked here"):
        exact("micro", TRACKED)
    with pytest.raises(NotFoundError, match="known but not tracked here"):
        exact("好市多", TRACKED)
    with pytest.raises(InvalidInputError, match="write which"):
        exact("facebook", TRACKED)
