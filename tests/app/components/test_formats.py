"""Prices with their currency."""

import pandas as pd
import pytest

from app.components.formats import adding_up, amount, cell, column_format, money


@pytest.mark.parametrize(
    ("price", "currency", "expected"),
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
def test_a_price_always_names_its_currency(price: float, currency: str, expected: str) -> None:
    assert money(price, currency) == expected


@pytest.mark.parametrize(
    ("like", "form", "expected"),
    [(1342.66, "accounting", "1,342.66"), (2.0, "accounting", "2.00"), (0.5, "%.5f", "0.50000")],
)
def test_a_table_writes_prices_as_its_heading_does(like: float, form: str, expected: str) -> None:
    assert column_format(like) == form and amount(like, like) == expected


def test_parts_add_up_as_printed() -> None:
    parts = pd.Series({"a": 10.04, "b": 20.04, "c": 1.04, "d": -0.04})
    rounded = adding_up(parts)
    assert f"{rounded.sum():.1f}" == "31.1" == f"{parts.sum():.1f}"
    assert (rounded - parts).abs().max() < 0.1
    unknown = pd.Series({"a": float("nan"), "b": float("nan")})
    assert adding_up(unknown).isna().all()


@pytest.mark.parametrize("first", "=+-@\t\r＝＋－＠", ids=ascii)
def test_no_cell_of_a_file_begins_as_a_formula_does(first: str) -> None:
    assert cell(f"{first}1+1") == f"'{first}1+1"
    assert cell(f"a{first}") == f"a{first}" and cell("") == ""
