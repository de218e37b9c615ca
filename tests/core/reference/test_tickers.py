"""One grammar for tickers: what passes, what is refused, and in which words."""

from datetime import UTC, datetime

import exchange_calendars
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.foundation.errors import InvalidInputError
from core.reference.exchanges import BY_SUFFIX, INDICES
from core.reference.tickers import Ticker

GOOD = [
    "BRK-B",
    "^GSPC",
    "EURUSD=X",
    "0700.HK",
    "BTC-USD",
    "M&M.NS",
    "2330.TW",
    "CON",
    "A",
    "^TWII",
]

HOSTILE = [
    *(
        "",
        " ",
        "\t",
        "\n",
        "AAPL\n",
        "\nAAPL",
        "AAPL\x00",
        "\x00",
        "AA PL",
        "AAPL MSFT",
        "AAPL,MSFT",
    ),
    *(
        "'",
        '"',
        "AAPL'--",
        'AAPL";',
        "`id`",
        "$(id)",
        "AAPL;rm",
        "AAPL|x",
        "<b>",
        "{AAPL}",
        "%41APL",
    ),
    *(
        "..",
        ".",
        "...",
        "A..B",
        "AAPL.",
        ".TW",
        "../../etc/passwd",
        "/etc/passwd",
        "A/B",
        "A\\B",
        "~",
    ),
    *("-", "^", "^^GSPC", "=X", "AAPL=", "AAPL=X=X", "@AAPL", "+1", "AAPL?x=1", "AAPL#x"),
    *(
        "\uff21\uff21\uff30\uff2c",
        "stra\u00dfe",
        "\u00df",
        "\ud800",
        "\u0410\u0410PL",
        "\u0661\u0662",
    ),
    *(
        "\U0001f680",
        "\U0001f680" * 24,
        "AAPL\u200b",
        "\u00a0AAPL",
        "A" * 21,
        "A" * 10_000,
        "\u0131BM",
    ),
]


@pytest.mark.parametrize("text", GOOD)
def test_good_tickers_are_kept(text: str) -> None:
    assert Ticker.parse(text).symbol == text
    assert str(Ticker.parse(f"  {text.lower()} ")) == text


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:24])
def test_hostile_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError) as refused:
        Ticker.parse(text)
    assert refused.value.parameter == "ticker"


@pytest.mark.parametrize("value", [None, 2330, 1.5, b"AAPL", ["AAPL"], {"a": 1}, True])
def test_what_is_not_text_is_refused(value: object) -> None:
    with pytest.raises(InvalidInputError, match="^A ticker is text such as AAPL or 2330.TW.$"):
        Ticker.parse(value)


@given(
    st.text() | st.text("ABC.^=X-&0", max_size=25) | st.text("\U0001f680\ud800\\\"'", max_size=60)
)
def test_any_text_is_a_fixed_point_or_one_printable_sentence(text: str) -> None:
    try:
        parsed = Ticker.parse(text)
    except InvalidInputError as refused:
        assert refused.message.isprintable() and refused.message.encode()
        assert len(refused.message) <= 200
    else:
        assert Ticker.parse(parsed.symbol) == parsed
        assert parsed.symbol.isascii() and 1 <= len(parsed.symbol) <= 20
        assert not set(parsed.symbol) & set("/\\'\"%;<>`$ ") and ".." not in parsed.symbol


def test_twenty_characters_are_the_most() -> None:
    assert Ticker.parse("  " + "A" * 20 + "  ").symbol == "A" * 20
    with pytest.raises(InvalidInputError, match="at most 20 characters"):
        Ticker.parse("A" * 21)


MARKETS = [
    ("AAPL", "XNYS", "USD", "America/New_York"),
    ("BRK-B", "XNYS", "USD", "America/New_York"),
    ("^GSPC", "XNYS", "USD", "America/New_York"),
    ("2330.TW", "XTAI", "TWD", "Asia/Taipei"),
    ("6488.TWO", "XTAI", "TWD", "Asia/Taipei"),
    ("^TWII", "XTAI", "TWD", "Asia/Taipei"),
    ("EURUSD=X", "24/5", "USD", "UTC"),
    ("USDTWD=X", "24/5", "TWD", "UTC"),
    ("BTC-USD", "24/7", "USD", "UTC"),
    ("ETH-EUR", "24/7", "EUR", "UTC"),
    ("TWD=X", "24/5", "TWD", "UTC"),
    ("0700.HK", "XHKG", "HKD", "Asia/Hong_Kong"),
    ("7203.T", "XTKS", "JPY", "Asia/Tokyo"),
    ("M&M.NS", "XBOM", "INR", "Asia/Kolkata"),
    ("VOD.L", "XLON", "GBp", "Europe/London"),
    ("^FTSE", "XLON", "GBP", "Europe/London"),
    ("NPN.JO", "XJSE", "ZAc", "Africa/Johannesburg"),
    ("TEVA.TA", "XTAE", "ILA", "Asia/Jerusalem"),
    ("^N225", "XTKS", "JPY", "Asia/Tokyo"),
    ("^HSI", "XHKG", "HKD", "Asia/Hong_Kong"),
    ("^GDAXI", "XETR", "EUR", "Europe/Berlin"),
    *((index, "XNYS", "USD", "America/New_York") for index in ("^DJI", "^IXIC", "^VIX", "^SOX")),
]


@pytest.mark.parametrize(("text", "calendar", "currency", "zone"), MARKETS)
def test_market_follows_from_the_form(text: str, calendar: str, currency: str, zone: str) -> None:
    ticker = Ticker.parse(text)
    assert (ticker.market.calendar, ticker.currency) == (calendar, currency)
    assert ticker.market.timezone.key == zone


@pytest.mark.parametrize("text", ["0700.XX", "GC=F", "BRK.B", "2222.SR"])
def test_an_exchange_without_a_calendar_is_one_sentence(text: str) -> None:
    ending = text[text.find("=") :] if "=" in text else text[text.find(".") :]
    with pytest.raises(InvalidInputError) as refused:
        Ticker.parse(text).market
    assert refused.value.message.startswith(f"{text}: no trading calendar for {ending}; known are")
    assert "\n" not in refused.value.message


def test_an_unknown_index_is_one_sentence() -> None:
    with pytest.raises(
        InvalidInputError, match="^\\^XYZ: no trading calendar for this index; known"
    ):
        Ticker.parse("^XYZ").market


def test_every_exchange_has_a_calendar_in_its_own_zone() -> None:
    """The two tables are written by hand: here they meet the library."""
    assert len(BY_SUFFIX) > 40
    for suffix, market in BY_SUFFIX.items():
        ticker = Ticker.parse(f"A{suffix}")
        assert ticker.market is market and market.suffix == suffix
        kind = exchange_calendars.get_calendar(market.calendar, start="2020", end="2020-12-31")
        for noon in (datetime(2020, month, 1, 12, tzinfo=UTC) for month in (1, 7)):
            theirs, ours = noon.astimezone(kind.tz), noon.astimezone(market.timezone)
            assert theirs.utcoffset() == ours.utcoffset(), suffix
    assert len({market.code for market in BY_SUFFIX.values()} | {"us"}) == len(BY_SUFFIX) + 1
    assert [Ticker.parse(index).symbol for index in INDICES] == list(INDICES)


def test_tickers_sort_and_compare_by_symbol() -> None:
    parsed = [Ticker.parse(text) for text in ("msft", "AAPL", "aapl")]
    assert sorted(set(parsed)) == [Ticker.parse("AAPL"), Ticker.parse("MSFT")]
