"""What a table on a page holds when it is copied or downloaded into a spreadsheet."""

import re

import pandas as pd
import pytest

from app.components.formats import written
from app.components.grid import harmless
from tests.house.tree import ROOT

FORMULAS = [
    "=1+1",
    '=HYPERLINK("http://evil.example")',
    "+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\uff1d1+1",
    "\uff0bA1",
    "\uff20SUM(A1)",
    "-A1",
    "+to+A1",
]
HARMLESS = ["+2.1 % (\u22120.6 % to +4.6 %)", "-", "-1.5", "+3.5 %", "a=1", "2330.TW", "^TWII", ""]


@pytest.mark.parametrize("text", FORMULAS, ids=ascii)
def test_a_formula_is_text_wherever_it_stands(text: str) -> None:
    table = pd.DataFrame(
        {"n": [1.5, 2.5], "By": ["ann", text], text: ["x", None]}, index=["a", text]
    )
    safe = harmless(table)
    assert safe.iloc[1, 1] == "'" + text
    assert safe.columns.tolist() == ["n", "By", "'" + text] and safe.index[1] == "'" + text
    assert table.iloc[1, 1] == text, "what was handed in stays"
    assert harmless(table.astype({"By": "category"})).iloc[1, 1] == "'" + text
    assert harmless(table.astype({"By": "string"})).iloc[1, 1] == "'" + text


@pytest.mark.parametrize("text", HARMLESS, ids=ascii)
def test_what_is_no_formula_reads_as_it_was(text: str) -> None:
    table = pd.DataFrame({"By": [text], "at": [pd.Timestamp("2024-01-02")], "held": [True]})
    pd.testing.assert_frame_equal(harmless(table), table)


def test_a_table_with_its_own_number_formats_keeps_them() -> None:
    table = pd.DataFrame({"x": [1.25], "By": ["=1+1"]})
    styled = written(table, {"x": lambda value: f"{value:.1f} %"})
    styled.data = harmless(styled.data)
    shown = styled.to_html()
    assert "1.2 %" in shown and "'=1+1" in shown or "&#x27;=1+1" in shown


def test_every_table_of_the_pages_goes_through_the_one_door() -> None:
    sources = [*(ROOT / "app").rglob("*.py")]
    assert len(sources) > 40
    drawing = re.compile(r"\.dataframe\(|\.data_editor\(|\bst\.table\(")
    found = {path.name for path in sources if drawing.search(path.read_text())}
    assert found == {"grid.py"}
