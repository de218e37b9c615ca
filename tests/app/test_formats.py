"""Prices with their currency."""

import pandas as pd
import pytest

from app.components.formats import adding_up, money


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


def test_parts_add_up_as_printed() -> None:
    parts = pd.Series({"a": 10.04, "b": 20.04, "c": 1.04, "d": -0.04})
    told = adding_up(parts)
    assert f"{told.sum():.1f}" == "31.1" == f"{parts.sum():.1f}"
    assert (told - parts).abs().max() < 0.1
    unknown = pd.Series({"a": float("nan"), "b": float("nan")})
    assert adding_up(unknown).isna().all()
