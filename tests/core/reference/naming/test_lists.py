"""Several tickers in one text."""

import pytest

from core.foundation.errors import InvalidInputError
from core.reference.naming.lists import find_all, namings, some_namings


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
        ("2330 TT, AAPL US Equity", ["2330.TW", "AAPL"]),
        ("2330 TT 2317 TT AAPL US", ["2330.TW", "2317.TW", "AAPL"]),
        ("MSFT AU HK", ["MSFT", "AU", "HK"]),
        ("TPE: 2330 50 BRK.B", ["2330.TW", "0050.TW", "BRK-B"]),
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


def test_each_says_how_it_was_read() -> None:
    notes = [str(one.note or "") for one in namings("AAPL, 50, TSMC, TPE:6488")]
    assert notes[0] == notes[2] == ""
    assert notes[1].startswith("50 was read as 0050.TW ")
    assert notes[3].startswith("TPE:6488 was read as 6488.TWO ")


def test_what_is_stored_means_itself() -> None:
    assert [str(one.ticker) for one in some_namings("50, 56", {"50"})] == ["50", "0056.TW"]


def test_nothing_named_is_one_sentence() -> None:
    with pytest.raises(InvalidInputError, match="^Name at least one ticker, such as AAPL or"):
        some_namings(" , ")
