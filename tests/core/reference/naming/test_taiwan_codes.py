"""Codes of Taiwan by their form alone."""

from core.reference.naming.taiwan_codes import (
    has_all_digits,
    listed_as,
    possible,
    preferred,
)

LISTED = ["0050.TW", "00878.TW", "2881.TW", "00679B.TWO", "0878.HK", "AAPL"]


def test_zeros_in_front_may_be_lost() -> None:
    assert listed_as("50", LISTED) == listed_as("0050", LISTED) == ["0050.TW"]
    assert listed_as("878", LISTED) == ["00878.TW"]  # not the one in Hong Kong
    assert listed_as("679B", LISTED) == ["00679B.TWO"]
    assert listed_as("0", LISTED) == listed_as("00050", LISTED) == []


def test_a_preferred_share_trades_where_its_ordinary_one_does() -> None:
    assert preferred("2881A", LISTED) == ["2881A.TW"]
    assert preferred("2882A", LISTED) == preferred("2881", LISTED) == []


def test_what_a_code_may_be() -> None:
    assert possible("1234") == ["1234.TW", "1234.TWO"]
    assert (possible("885"), possible("61"), possible("7")) == (
        ["00885.TW"],
        ["0061.TW"],
        ["0007.TW"],
    )
    assert possible("665L") == ["00665L.TW"]


def test_codes_have_four_digits_or_more() -> None:
    assert has_all_digits("0050") and has_all_digits("00632R") and has_all_digits("2881A")
    assert not has_all_digits("878") and not has_all_digits("632R") and not has_all_digits("AAPL")
