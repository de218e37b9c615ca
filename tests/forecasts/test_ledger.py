"""The ledger: forecasts once, never changed; scores against numbers worked out by hand."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.forecasts.ledger import LIVE, REPLAYED, SAMPLE, Ledger
from core.forecasts.make import Forecast, make
from core.forecasts.score import score
from core.models import create
from core.registry.cards import ModelCard
from core.registry.registry import ModelVersion
from core.schema import LEVELS
from core.services.score import score as score_all
from core.storage.bars import ParquetBars
from core.tickers import Ticker
from tests.bars import walk
from tests.homes import AT, Home, open_home

AAPL = Ticker.parse("AAPL")
CARD = ModelCard({}, ("AAPL",), "2022-01-03..2024-06-28", 600, "", "", None, {}, 1.0)
BARS = walk(sessions=600).assign(source="csv")  # ends on Friday 2024-06-28


def made(at: datetime = datetime(2024, 6, 29, tzinfo=UTC), source: str = "csv") -> Forecast:
    model = ModelVersion(3, "random_walk", "", AT, CARD)
    return make(create("random_walk"), model, BARS.assign(source=source), AAPL, at)


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    return open_home(tmp_path, records_url)


@pytest.fixture
def ledger(home: Home) -> Ledger:
    return Ledger(home.database)


def later(closes: list[float], **columns: object) -> pd.DataFrame:
    """Sessions after the walk with these closes, as multiples of its last one."""
    last = BARS["close"].iloc[-1]
    new = BARS.tail(len(closes)).reset_index(drop=True)
    dates = pd.bdate_range("2024-07-01", periods=len(closes)).as_unit("ns")
    prices = {name: np.array(closes) * last for name in ("open", "high", "low", "close")}
    return pd.concat([BARS, new.assign(session=dates, **prices, **columns)], ignore_index=True)


def test_a_forecast_is_written_once(ledger: Ledger) -> None:
    assert ledger.newest() is None
    assert ledger.append([made(), made()]) == 1
    assert ledger.append([made(at=datetime(2024, 6, 30, tzinfo=UTC))]) == 0
    assert ledger.newest() == datetime(2024, 6, 29, tzinfo=UTC)
    assert ledger.append([replace(made(), model=ModelVersion(4, "har", "", AT, CARD))]) == 1


def test_a_stand_in_s_forecast_is_not_the_model_s(ledger: Ledger) -> None:
    model = ModelVersion(3, "har", "", AT, CARD)
    young = make(create("random_walk"), model, BARS.tail(60), AAPL, AT)
    assert young.stand_in == "random_walk_gauss"
    assert ledger.append([young]) == 0 and ledger.open_entries() == []


@pytest.mark.parametrize(
    ("at", "source", "kind"),
    [
        (datetime(2024, 7, 1, 13, 29, tzinfo=UTC), "csv", LIVE),  # New York opens at 13:30 UTC
        (datetime(2024, 7, 1, 13, 30, tzinfo=UTC), "csv", REPLAYED),
        (datetime(2024, 6, 29, tzinfo=UTC), "sample", SAMPLE),
    ],
)
def test_the_kind_says_whether_it_was_made_in_time(
    ledger: Ledger, at: datetime, source: str, kind: str
) -> None:
    ledger.append([made(at, source)])
    assert [entry.kind for entry in ledger.open_entries()] == [kind]


def test_a_score_by_hand(ledger: Ledger) -> None:
    forecast = made()
    ledger.append([forecast])
    entry = ledger.open_entries()[0]
    found = score(entry, later([1.02, 0.97]), AT)
    assert found["horizon"].tolist() == [1, 2]
    assert [str(day) for day in found["scored_session"]] == ["2024-07-01", "2024-07-02"]
    assert found["actual"].tolist() == pytest.approx(
        [1.02 * forecast.last_close, 0.97 * forecast.last_close]
    )
    rows = forecast.frame[forecast.frame["horizon"] == 2]
    gaps = np.log(0.97) - np.log(rows["price"].to_numpy() / forecast.last_close)
    expected = np.mean([max(q * gap, (q - 1) * gap) for q, gap in zip(LEVELS, gaps)])
    assert found["pinball"].iloc[1] == pytest.approx(expected)
    assert found["baseline_pinball"].iloc[1] == pytest.approx(expected)  # it is the random walk


def test_dividends_and_splits_do_not_move_an_actual(ledger: Ledger) -> None:
    ledger.append([made()])
    entry = ledger.open_entries()[0]
    bars = later([1.0, 0.5])
    bars.loc[len(bars) - 1, "split_ratio"] = 2.0  # a 2:1 split halves the price and loses nothing
    assert score(entry, bars, AT)["actual"].iloc[1] == pytest.approx(entry.last_close)


def test_scoring_goes_on_where_it_stopped_and_changes_nothing(home: Home, ledger: Ledger) -> None:
    ledger.append([made()])
    home.bars.upsert(later([1.01]))
    assert score_all(home.bars, ledger, AT).to_dict() == {
        "status": "ok",
        "scored": 1,
        "waiting": 19,
        "failed": {},
    }
    first = ledger.scores(LIVE)
    assert score_all(home.bars, ledger, AT).scored == 0
    home.bars.upsert(later([1.01, 1.02, 1.03]))
    assert score_all(home.bars, ledger, AT).scored == 2
    both = ledger.scores(LIVE)
    pd.testing.assert_frame_equal(both.head(1), first)
    assert both["horizon"].tolist() == [1, 2, 3] and set(both["model_version"]) == {3}
    assert ledger.scores(SAMPLE).empty


def test_a_forecast_whose_bars_are_gone_waits(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([made()])
    done = score_all(ParquetBars(tmp_path / "other"), ledger, AT)
    assert (done.scored, done.waiting, done.failed) == (0, 20, {})


def test_there_is_no_way_to_change_or_delete() -> None:
    public = {name for name in dir(Ledger) if not name.startswith("_")}
    assert public == {"append", "add_scores", "open_entries", "scores", "newest"}
