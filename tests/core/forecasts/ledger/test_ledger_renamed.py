"""Forecasts that were made before a ticker changed its symbol: read and scored with those since."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Ledger, Written
from core.forecasts.ledger.score import score
from core.forecasts.ledger.track_record import track_record
from core.forecasts.make import make
from core.foundation.audit import Action
from core.foundation.errors import NotFoundError
from core.market_data.records.rename_log import Rename
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.tickers import Ticker
from core.registry.model_card import ModelCard
from core.registry.registry import ModelVersion
from tests.support.bars import walk
from tests.support.homes import AT, Home, open_home

FB, META = Ticker.parse("FB"), Ticker.parse("META")
CARD = ModelCard({}, ("FB",), "2022-01-03..2024-06-28", 600, "", "", None, {}, 1.0)
# Sessions of New York from 2022-03-14 to Friday 2024-06-28, and six more.
BARS = walk("FB", 606, end="2024-07-08").assign(source="csv")
BARS = BARS[BARS["session"] != "2024-07-04"].reset_index(drop=True)
UNTIL = pd.Timestamp("2024-06-28")
LATER = datetime(2024, 7, 9, 12, tzinfo=UTC)


def made(ticker: Ticker, until: pd.Timestamp) -> Forecast:
    bars = BARS[BARS["session"] <= until].assign(ticker=ticker.symbol)
    model = ModelVersion(3, "random_walk", "", AT, CARD)
    at = (until + pd.Timedelta(hours=30)).tz_localize("UTC").to_pydatetime()
    return make(create("random_walk"), model, bars, ticker, at)


def night(forecast: Forecast) -> datetime:
    return forecast.created_at


@pytest.fixture
def home(tmp_path: Path, records_url: str) -> Home:
    """A forecast of FB, and then the bars of six more sessions, of which three are FB's."""
    home = open_home(tmp_path, records_url)
    home.bars.upsert(BARS[BARS["session"] <= "2024-07-03"])
    home.bars.upsert(BARS[BARS["session"] > "2024-07-03"].assign(ticker="META"))
    first = made(FB, UNTIL)
    assert home.ledger.append([first], night(first)) == Written(1)
    return home


def renamed(home: Home) -> Rename:
    rename = Rename("FB", "META", AT, "ann", "a new symbol")
    home.rename_log.add(rename, Action(AT, "ann", "rename", "FB to META"))
    return rename


def taken_back(home: Home, rename: Rename) -> None:
    home.rename_log.take_back(rename, Action(AT, "ann", "take back rename", "FB to META"))


def actuals(ledger: Ledger, ticker: Ticker) -> pd.DataFrame:
    return ledger.track_record(ticker, ForecastKind.LIVE).dropna(subset=["actual"])


def test_an_open_forecast_of_the_old_symbol_is_scored_by_the_new_one_s_bars(home: Home) -> None:
    seals = home.ledger.seals()
    renamed(home)
    done = score(home.bars, home.ledger, LATER)
    assert (done.scored, done.failed) == (5, {}), "July 1, 2, 3, 5 and 8"
    rows = actuals(home.ledger, META)
    closes = BARS.loc[BARS["session"] > UNTIL, "close"].to_numpy()
    assert np.allclose(rows["actual"], closes, rtol=1e-12) and set(rows["ticker"]) == {"FB"}
    assert home.ledger.verify().forecasts_hash == seals.forecasts_hash
    assert score(home.bars, home.ledger, LATER).scored == 0


@pytest.mark.parametrize("named", [FB, META])
def test_its_scores_are_found_by_either_symbol(home: Home, named: Ticker) -> None:
    renamed(home)
    assert score(home.bars, home.ledger, LATER, [named]).scored == 5
    (row,) = home.ledger.served([named])
    assert row["ticker"] == "FB" and row["scored"] == 5


def test_without_the_rename_neither_has_the_other_s(home: Home) -> None:
    assert score(home.bars, home.ledger, LATER, [FB]).scored == 3
    assert actuals(home.ledger, META).empty and home.ledger.served([META]) == []
    with pytest.raises(NotFoundError, match="^XYZ is not tracked here, and the ledger holds no "):
        score(home.bars, home.ledger, LATER, [Ticker.parse("XYZ")])


def test_the_track_record_of_the_new_symbol_has_both_and_says_which(home: Home) -> None:
    rename = renamed(home)
    second = made(META, pd.Timestamp("2024-07-01"))
    assert home.ledger.append([second], night(second)) == Written(1)
    score(home.bars, home.ledger, LATER)
    found = track_record(home.ledger, META, 1, "csv")
    assert found.rows["ticker"].tolist() == ["FB", "META"] and found.n == 2
    assert found.window == "2024-07-01..2024-07-02"
    shown = home.ledger.shown_scores(["META"], [3], 1)
    assert shown["ticker"].tolist() == ["META", "META"]
    assert shown["as_of"].tolist() == [UNTIL, pd.Timestamp("2024-07-01")]
    assert home.ledger.out_of_order() == []
    taken_back(home, rename)
    assert track_record(home.ledger, META, 1, "csv").rows["ticker"].tolist() == ["META"]
    assert track_record(home.ledger, FB, 1, "csv").rows["ticker"].tolist() == ["FB"]
    assert home.ledger.verify() == home.ledger.seals()


def test_of_one_session_there_is_one_forecast_of_a_version_whatever_the_symbol(home: Home) -> None:
    renamed(home)
    again = made(META, UNTIL)
    assert home.ledger.append([again], night(again)) == Written()
    other = replace(again, model=ModelVersion(4, "random_walk", "", AT, CARD))
    assert home.ledger.append([other], night(other)) == Written(1)
    score(home.bars, home.ledger, LATER)
    shown = home.ledger.shown_scores(["META"], [3, 4], 1)
    assert shown["model_version"].tolist() == [4], "of several, the last that was shown"
