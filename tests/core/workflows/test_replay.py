"""Past forecasts that are written down after the fact: as honest, and marked."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError, NotFoundError
from core.lifecycle.train import TrainingRequest
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.tickers import Ticker
from core.workflows.replay import SESSIONS, WantedReplay, replay, replay_later
from core.workflows.training.train import train
from tests.support.bars import walk
from tests.support.cards import CARD
from tests.support.homes import AT, Home, open_home

NAMES = ("AAPL", "MSFT")


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    return filled(tmp_path / "home", records_url)


def filled(folder: Path, url: str = "", forecaster: str = "ewma") -> Home:
    home = open_home(folder, url)
    for number, name in enumerate(NAMES):
        home.bars.upsert(walk(name, 400, number).assign(source="csv"))
    card = replace(CARD, tickers=NAMES, params={}, skill_by_ticker={})
    fitted = create(forecaster).fit(home.bars.load(adjusted=False))
    model = home.registry.register(fitted, replace(card, params=fitted.params()), AT)
    home.registry.promote(model.version, "ann", "first", AT)
    return home


def rows(home: Home, kind: str = ForecastKind.REPLAYED) -> pd.DataFrame:
    return home.ledger.track_record(Ticker.parse("AAPL"), kind)


def test_the_past_is_filled_once_and_scored_and_no_live_record_is_touched(home: Home) -> None:
    done = replay(home, "ann", clock=lambda: AT)
    # Of the last session none is made: its first target is still to come.
    assert done["new_in_ledger"] == len(NAMES) * (SESSIONS - 1) and done["untimely"] == {}
    assert done["scored"] == len(NAMES) * sum(min(20, ahead) for ahead in range(1, SESSIONS))
    found = rows(home)
    assert set(found["model_version"]) == {1} and found["actual"].notna().sum() > 800
    assert rows(home, ForecastKind.LIVE).empty
    assert home.ledger.shown_scores(NAMES, [1], 20).empty
    before = home.ledger.verify()
    again = replay(home, "ann", clock=lambda: AT + timedelta(days=1))
    assert (again["new_in_ledger"], home.ledger.verify()) == (0, before)
    assert home.ledger.out_of_order() == []


def test_a_range_and_a_ticker_may_be_named(home: Home) -> None:
    start, end = pd.Timestamp("2024-05-01"), pd.Timestamp("2024-05-14")
    wanted = WantedReplay([Ticker.parse("AAPL")], start, end)
    done = replay(home, "ann", wanted, clock=lambda: AT)
    assert (done["tickers"], done["sessions"], done["new_in_ledger"]) == (1, 10, 10)
    assert rows(home)["as_of"].agg(["min", "max"]).tolist() == [start, end]
    with pytest.raises(NotFoundError, match="^NVDA is not tracked here.$"):
        replay(home, "ann", WantedReplay([Ticker.parse("NVDA")]))


@pytest.mark.parametrize("forecaster", ["har", "ewma"])
def test_nothing_later_than_an_origin_is_in_its_forecast(tmp_path: Path, forecaster: str) -> None:
    """Bars that go another way after an origin leave every forecast up to it as it was."""
    origin = pd.Timestamp("2024-05-15")
    found = []
    for number, change in enumerate((1.0, 1.7)):
        home = filled(tmp_path / str(number), forecaster=forecaster)
        for name in NAMES:
            own = home.bars.load([Ticker.parse(name)], adjusted=False)
            later = own["session"] > origin
            own.loc[later, ["open", "high", "low", "close"]] *= change
            home.bars.upsert(own.assign(ingested_at=pd.Timestamp(AT)))
        replay(home, "ann", WantedReplay(start=pd.Timestamp("2024-05-01")), clock=lambda: AT)
        found.append(rows(home)[["as_of", "horizon", "low", "median", "high"]])
        home.database.close()
    before, after = (one[one["as_of"] <= origin].reset_index(drop=True) for one in found)
    assert len(before) == 11 * 20
    pd.testing.assert_frame_equal(before, after, check_exact=True)
    last = [one[one["as_of"] > origin]["median"].to_numpy() for one in found]
    assert not np.allclose(*last)


def test_the_sample_alone_is_not_replayed(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    with pytest.raises(NotFoundError, match="^No model was trained yet.$"):
        replay(home, "ann")
    home.bars.upsert(walk("AAPL", 400))
    model = home.registry.register(create("ewma"), replace(CARD, sample=True), AT)
    home.registry.promote(model.version, "ann", "first", AT)
    with pytest.raises(InvalidInputError, match="^Only sample data is stored"):
        replay(home, "ann")
    assert replay_later(home, "ann", AT) is None


def test_after_the_first_training_it_is_asked_for_once(tmp_path: Path) -> None:
    home = open_home(tmp_path)
    home.bars.upsert(walk("AAPL", 600).assign(source="csv"))
    train(home, TrainingRequest("ann", "first"), clock=lambda: AT, later=True)
    (request,) = home.outbox.latest("replay")
    assert request.parameters == {"missing": True} and request.actor == "ann"
    done = replay(home, request.actor, WantedReplay(missing=True), clock=lambda: AT)
    assert done["new_in_ledger"] == SESSIONS - 1
    assert replay_later(home, "ann", AT) is None
    nothing = replay(home, "ann", WantedReplay(missing=True), clock=lambda: AT)
    assert (nothing["tickers"], nothing["new_in_ledger"]) == (0, 0)
