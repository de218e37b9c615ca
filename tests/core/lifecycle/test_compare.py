"""Comparing forecasters on more tickers of a market than say anything new."""

from pathlib import Path

import pytest

from core.evaluation.walk_forward.evaluated_tickers import MARKET_TICKERS
from core.lifecycle.compare import ComparedRows, compare
from core.market_data.lake.bar_store import ParquetBars
from tests.support.bars import walks


@pytest.fixture(scope="module")
def bars(tmp_path_factory: pytest.TempPathFactory) -> ParquetBars:
    lake = ParquetBars(tmp_path_factory.mktemp("bars"))
    lake.upsert(walks(MARKET_TICKERS + 2, sessions=420))
    return lake


@pytest.mark.parametrize(("every_one", "tickers"), [(False, 64), (True, 66)])
def test_those_that_stand_for_all_are_compared_and_all_if_asked(
    bars: ParquetBars, tmp_path: Path, every_one: bool, tickers: int
) -> None:
    rows = ComparedRows(span=60, every=1, evaluate_all=every_one)
    found = compare(bars, tmp_path, ["drift"], rows)
    assert {one["ticker"].nunique() for one in found.scores.values()} == {tickers}
