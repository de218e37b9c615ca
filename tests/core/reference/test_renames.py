"""What a ticker is called now, and what it was called before."""

import pytest

from core.foundation.errors import InvalidInputError
from core.reference.renames import Renames
from core.reference.tickers import Ticker

CHAIN = Renames((("FB", "META"), ("META", "MET"), ("GOOG", "GOOGL")))


@pytest.mark.parametrize(
    ("symbol", "now"),
    [("FB", "MET"), ("META", "MET"), ("MET", "MET"), ("GOOG", "GOOGL"), ("AAPL", "AAPL")],
)
def test_a_chain_leads_to_the_newest_symbol(symbol: str, now: str) -> None:
    assert CHAIN.now(symbol) == now


def test_a_ticker_has_all_its_names_the_newest_first_and_an_old_symbol_none() -> None:
    assert CHAIN.names("MET") == ("MET", "META", "FB")
    assert CHAIN.names("AAPL") == ("AAPL",)
    assert CHAIN.names("META") == () == CHAIN.names("FB")
    assert CHAIN.without("META").names("META") == ("META", "FB")


def test_of_two_that_became_one_the_value_of_the_newest_symbol_counts() -> None:
    found = CHAIN.by_present_symbol({"AAPL": 1, "FB": 2, "META": 3, "GOOG": 4})
    assert found == {"AAPL": 1, "MET": 3, "GOOGL": 4}
    assert list(found) == ["AAPL", "MET", "GOOGL"]


def test_an_old_symbol_is_refused_by_the_name_it_has_now() -> None:
    with pytest.raises(InvalidInputError, match="^FB is MET now; name that.$"):
        CHAIN.refuse(Ticker.parse("FB"))
    CHAIN.refuse(Ticker.parse("MET"))
