"""Scoring all that is open, ticker by ticker."""

from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from core.forecasts.ledger import score as scoring
from core.forecasts.ledger.ledger import Ledger
from core.forecasts.ledger.score_entry import score as score_one
from core.forecasts.make import make
from core.market_data.lake.bar_store import ParquetBars
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion
from tests.core.forecasts.ledger.test_ledger import AT, CARD, NIGHT
from tests.support.bars import walk
from tests.support.homes import Home, open_home

_SYMBOLS, _VERSIONS = ("AAPL", "IBM", "MSFT", "TSM"), (1, 2, 3)
_ROWS = len(_SYMBOLS) * len(_VERSIONS) * 2


class _CountedBars(ParquetBars):
    """A lake that knows how often each ticker was read."""

    def __init__(self, *places: Any) -> None:
        super().__init__(*places)
        self.reads: Counter[str] = Counter()

    def load(self, tickers: Any = None, *more: Any, **named: Any) -> pd.DataFrame:
        self.reads.update([str(one) for one in tickers])
        return super().load(tickers, *more, **named)


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    """Three forecasts of each of four tickers, of which two sessions came since."""
    home = open_home(tmp_path, records_url)
    for number, symbol in enumerate(_SYMBOLS):
        bars = walk(symbol, 602, seed=number, end="2024-07-02").assign(source="csv")
        home.bars.upsert(bars)
        known = bars[bars["session"] <= "2024-06-28"]
        for version in _VERSIONS:
            model = ModelVersion(version, "random_walk", "", AT, CARD)
            made = make(create("random_walk"), model, known, Ticker.parse(symbol), NIGHT)
            assert home.ledger.append([made], NIGHT).new == 1
    return home


def _content(ledger: Ledger) -> pd.DataFrame:
    return ledger.scores(ForecastKind.LIVE)


def test_each_ticker_is_read_once_and_scores_are_those_of_one_forecast_after_the_other(
    home: Home,
) -> None:
    expected = [
        score_one(one, home.bars.load([one.ticker], adjusted=False), AT, SHIPPED)
        for one in home.ledger.open_entries()
    ]
    counted = _CountedBars(home.path / "bars")
    assert counted.tickers() == home.bars.tickers()
    assert scoring.score(counted, home.ledger, AT).to_dict() == {
        "status": "ok",
        "scored": _ROWS,
        "waiting": len(expected) * 18,
        "failed": {},
    }
    assert counted.reads == dict.fromkeys(_SYMBOLS, 1)
    columns = list(expected[0].columns)
    found = _content(home.ledger)[columns]
    pd.testing.assert_frame_equal(
        found, pd.concat(expected, ignore_index=True), check_dtype=False, rtol=0, atol=0
    )
    assert home.ledger.verify().scores == _ROWS


def test_only_the_open_forecasts_of_a_ticker_are_paged_in(home: Home) -> None:
    assert {one.ticker for one in home.ledger.open_entries(["IBM"])} == {"IBM"}
    assert len(home.ledger.open_entries(["IBM"])) == 3 and home.ledger.open_entries([]) == []
    scoring.score(home.bars, home.ledger, AT, [Ticker("IBM")])
    assert [one.scored for one in home.ledger.open_entries(["IBM"])] == [frozenset({1, 2})] * 3
    assert [one.scored for one in home.ledger.open_entries(["TSM"])] == [frozenset()] * 3


@pytest.mark.parametrize("stop", range(len(_SYMBOLS)))
def test_a_run_that_was_stopped_ends_as_one_that_was_not(
    home: Home, monkeypatch: pytest.MonkeyPatch, stop: int
) -> None:
    monkeypatch.setattr(scoring, "_WRITTEN_ROWS", 5)

    def progress(step: str, done: int, total: int, part: str = "") -> None:
        if done == stop:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scoring.score(home.bars, home.ledger, AT, progress=progress)
    stored = home.ledger.seals().scores
    assert (stored > 0) == (stop > 0) and stored < _ROWS
    assert scoring.score(home.bars, home.ledger, AT).scored == _ROWS - stored
    assert scoring.score(home.bars, home.ledger, AT).scored == 0
    assert home.ledger.verify().scores == _ROWS
    found = _content(home.ledger)[["ticker", "model_version", "horizon"]]
    assert len(found.drop_duplicates()) == _ROWS


def test_a_ticker_that_cannot_be_read_is_named_and_the_others_stand(home: Home) -> None:
    (file,) = (home.path / "bars").rglob("IBM.parquet")
    file.write_bytes(b"no parquet")
    done = scoring.score(home.bars, home.ledger, AT)
    assert done.scored == _ROWS - 6 and list(done.failed) == ["IBM"]
    assert {*_content(home.ledger)["ticker"]} == {*_SYMBOLS} - {"IBM"}
