"""Prices with their currency."""

import pytest

from app.components.formats import money


@pytest.mark.parametrize(
    ("price", "currency", "told"),
    [
        (1085.0, "TWD", "NT$1,085.00"),
        (430.47, "USD", "US$430.47"),
        (68.2, "HKD", "HKD 68.20"),
        (71.5, "GBp", "pence (GBp) 71.50"),
        (3120.0, "ZAc", "cents (ZAc) 3,120.00"),
        (6500.0, "ILA", "agorot (ILA) 6,500.00"),
        (float("nan"), "GBp", "pence (GBp) unknown"),
    ],
)
def test_a_price_always_names_its_currency(price: float, currency: str, told: str) -> None:
    assert money(price, currency) == told
