"""The table of other vendors' spellings, and what a row makes of a text."""

import pytest

from core.reference.exchanges import BY_SUFFIX
from core.reference.instruments import instruments
from core.reference.naming.spellings import own_form, spelled, spellings


def test_every_row_is_read_back_from_what_it_writes() -> None:
    """Written by hand: each has an exchange that is served, and is found by its own spelling."""
    rows = spellings()
    assert len(rows) == len(set(rows)) > 80
    for one in rows:
        assert one.place in ("before", "after") and one.code in ("", "digits", "letters")
        assert one.suffix in ("", *BY_SUFFIX) and one.written == one.written.upper()
        code = "600519" if one.code == "digits" else "RY"
        symbol = one.written + code if one.place == "before" else code + one.written
        assert (code, one.suffix) in spelled(symbol), one


def test_no_ticker_that_is_known_is_another_vendors_spelling() -> None:
    assert [symbol for symbol in instruments() if spelled(symbol)] == []
    plain = ["BTC-USD", "EURUSD=X", "BAC-PL", "M&M.NS", "T.L", "^GSPC", "TWO", "HK", "USO"]
    assert [symbol for symbol in plain if spelled(symbol)] == []


@pytest.mark.parametrize(
    ("code", "suffix", "written"),
    [
        ("700", ".HK", "0700"),
        ("00700", ".HK", "0700"),
        ("80700", ".HK", "80700"),
        ("5930", ".KS", "005930"),
        ("1", ".SZ", "000001"),
        ("7203", ".T", "7203"),
        ("BRK.B", "", "BRK-B"),
        ("BT/A", ".L", "BT-A"),
        ("AAPL", "", "AAPL"),
    ],
)
def test_a_code_is_written_as_yahoo_does(code: str, suffix: str, written: str) -> None:
    assert own_form(code, suffix) == written


@pytest.mark.parametrize(
    "text", ["NASDAQ:../X", "NASDAQ:", ".US", "A B US", "TPE:2330;rm", "TPE:\n2330", "x" * 5000]
)
def test_what_is_no_code_is_not_read(text: str) -> None:

    assert spelled(text) == []
