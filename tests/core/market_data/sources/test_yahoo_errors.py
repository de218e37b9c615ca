"""Whether an answer is of the currency and the zone that a ticker's form lets expect."""

import pytest

from core.foundation.errors import SchemaError
from core.market_data.sources.yahoo_errors import check
from core.reference.tickers import Ticker

# What Yahoo sent in recorded answers, and for the last three what it is known to call hundredths.
SENT = [
    ("AAPL", "USD", "America/New_York"),
    ("^TNX", "USD", "America/Chicago"),
    ("2330.TW", "TWD", "Asia/Taipei"),
    ("WSU.DE", "EUR", "Europe/Berlin"),
    ("WSKT.JK", "IDR", "Asia/Jakarta"),
    ("0P000071W8.TO", "CAD", "America/Toronto"),
    ("EURUSD=X", "USD", "Europe/London"),
    ("BTC-USD", "USD", "UTC"),
    ("VOD.L", "GBp", "Europe/London"),
    ("NPN.JO", "ZAc", "Africa/Johannesburg"),
    ("TEVA.TA", "ILA", "Asia/Jerusalem"),
]


@pytest.mark.parametrize(("symbol", "currency", "zone"), SENT)
def test_what_yahoo_sends_is_expected(symbol: str, currency: str, zone: str) -> None:
    check(Ticker.parse(symbol), currency, zone, symbol.lower())


@pytest.mark.parametrize(
    ("symbol", "zone"),
    [
        ("7203.T", "Asia/Taipei"),
        ("0700.HK", "UTC"),
        ("MC.PA", "Europe/London"),
        ("VOD.L", "Atlantic/Reykjavik"),  # the same in winter alone
        ("AAPL", "Europe/London"),
        ("2330.TW", "Nowhere/At all"),
        ("2330.TW", "../x"),
    ],
)
def test_dates_of_another_zone_are_refused(symbol: str, zone: str) -> None:
    ticker = Ticker.parse(symbol)
    with pytest.raises(SchemaError) as caught:
        check(ticker, ticker.currency, zone, None)
    expected = f"Yahoo dates {symbol} by {zone}, where {ticker.market.zone} is expected."
    assert caught.value.message == expected


def test_clocks_that_agree_all_year_date_alike() -> None:
    check(Ticker.parse("MC.PA"), "EUR", "Europe/Berlin", "MC.PA")
    check(Ticker.parse("2330.TW"), "TWD", "Asia/Shanghai", None)
