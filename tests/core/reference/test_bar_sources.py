"""What is sample data is asked in one place."""

import ast

import pandas as pd
import pytest

from core.reference.bar_sources import BarSource, is_sample, sample_rows, sample_tickers
from tests.house.tree import ROOT, files


@pytest.mark.parametrize("source", ["sample", "csv", "yahoo", ""])
def test_the_sample_alone_is_sample_data(source: str) -> None:
    assert is_sample(source) == (source == "sample")


def test_a_ticker_with_one_row_of_the_sample_is_named_once() -> None:
    rows = pd.DataFrame(
        {
            "ticker": ["TSM", "TSM", "IBM", "AAPL", "AAPL", "AAPL"],
            "source": ["csv", "sample", "yahoo", "sample", "sample", "csv"],
        },
        index=[5, 4, 3, 2, 1, 0],
    )
    assert sample_rows(rows).tolist() == [False, True, False, True, True, False]
    assert sample_tickers(rows) == ["TSM", "AAPL"]
    assert sample_tickers(rows.head(0)) == []


def test_nobody_compares_a_source_with_the_sample_by_hand() -> None:
    # The workspace does not ask: it opens the source of that name.
    allowed = {"core/reference/bar_sources.py", "core/wiring.py"}
    found = set()
    for path in files("app/*.py", "core/*.py", "flows/*.py", "monitoring/*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Compare):
                sides = {ast.unparse(one) for one in (node.left, *node.comparators)}
                if f"BarSource.{BarSource.SAMPLE.name}" in sides:
                    found.add(path.relative_to(ROOT).as_posix())
    assert found <= allowed, found - allowed
