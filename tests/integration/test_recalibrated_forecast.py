"""The ledger's live scores correct the next forecast, and nothing else does."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa

from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Ledger, Written
from core.forecasts.ledger.score_entry import score
from core.forecasts.make import make
from core.forecasts.recalibrated import Correction, recalibrated
from core.forecasts.serialize import pack, unpack
from core.foundation.caches.cache import ProcessCache
from core.models import create
from core.models.recalibration import LEARNED_FROM, recalibrate
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.workflows.forecast import forecast_one
from tests.core.forecasts.ledger.test_ledger import CARD
from tests.support.bars import walk
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home

AAPL, IBM, TAIWAN = (Ticker.parse(symbol) for symbol in ("AAPL", "IBM", "2330.TW"))
BARS = {
    ticker: walk(ticker.symbol, sessions=560, seed=seed, volatility=0.02).assign(source="csv")
    for seed, ticker in enumerate((AAPL, IBM, TAIWAN))
}
PAST = 12  # sessions on which forecasts were made before


@pytest.fixture
def ledger(home: Home) -> Ledger:
    """Bars of three tickers of two exchanges, and a champion."""
    home.bars.upsert(pd.concat(BARS.values(), ignore_index=True))
    fitted = create("random_walk").fit(BARS[AAPL])
    home.registry.register(fitted, CARD, AT)
    home.registry.promote(1, "ann", "first", AT)
    return Ledger(home.database)


def write(
    home: Home,
    ledger: Ledger,
    ticker: Ticker,
    kind: str = ForecastKind.LIVE,
    source: str = "csv",
    *more: Ticker,
) -> None:
    """Forecasts of past sessions as they would have been made, with half the true width."""
    champion, tickers = home.registry.champion(), (ticker, *more)
    assert champion is not None
    for back in range(PAST, 0, -1):
        for one in tickers:  # date by date: the ledger is written in the order of time
            known = BARS[one].assign(source=source).iloc[:-back]
            session = pd.Timestamp(known["session"].iloc[-1])
            # Between the end of the session's day, there, and the next opening.
            hours = 22 if one.market.calendar == "XTAI" else 28.5
            night = session.to_pydatetime().replace(tzinfo=UTC) + timedelta(hours=hours)
            made = make(create("random_walk"), champion, known, one, night)
            prices = made.last_close * (made.frame["price"] / made.last_close) ** 0.5
            narrow = Forecast(**{**vars(made), "frame": made.frame.assign(price=prices)})
            assert ledger.append([narrow], night, kind) == Written(1)
    for entry in ledger.open_entries():
        if entry.ticker in map(str, tickers):
            bars = BARS[Ticker.parse(entry.ticker)].assign(source=source)
            ledger.add_scores(score(entry, bars, AT - timedelta(hours=1), SHIPPED))


def of(home: Home, ticker: Ticker = AAPL, ledger: Ledger | None = None) -> Forecast:
    return forecast(home.bars, home.registry, ticker, AT, ledger=ledger)


def test_without_scores_nothing_changes_to_the_bit(home: Home, ledger: Ledger) -> None:
    plain, with_ledger = of(home), of(home, ledger=ledger)
    pd.testing.assert_frame_equal(plain.frame, with_ledger.frame, check_exact=True)
    assert with_ledger.recalibrated == 0


def test_it_is_corrected_as_a_backtest_would(home: Home, ledger: Ledger) -> None:
    write(home, ledger, AAPL, ForecastKind.LIVE, "csv", IBM)
    plain, changed = of(home), of(home, ledger=ledger)
    rows = ledger.scores(ForecastKind.LIVE)
    past = rows.rename(columns={"scored_session": "target_session"})[list(LEARNED_FROM)]
    past = past.assign(target_session=pd.to_datetime(past["target_session"]))
    expected = recalibrate(plain.distribution(), past)
    np.testing.assert_allclose(changed.distribution().returns, expected.returns, atol=1e-12)
    assert not np.allclose(changed.distribution().returns, plain.distribution().returns, atol=1e-6)
    moved = ~np.isclose(changed.distribution().returns, plain.distribution().returns).all(axis=1)
    assert changed.recalibrated == rows["horizon"].isin(np.flatnonzero(moved) + 1).sum() > 2 * PAST
    pd.testing.assert_frame_equal(changed.baseline, plain.baseline, check_exact=True)
    assert changed.to_dict()["recalibrated"] == changed.recalibrated
    assert unpack(pack(changed), changed.model).recalibrated == changed.recalibrated


@pytest.mark.parametrize(
    ("kind", "source"), [(ForecastKind.REPLAYED, "csv"), (ForecastKind.LIVE, "sample")]
)
def test_only_live_ones_teach(home: Home, ledger: Ledger, kind: str, source: str) -> None:
    write(home, ledger, AAPL, kind, source)
    assert ledger.seals().scores > PAST
    assert of(home, ledger=ledger).recalibrated == 0


def test_only_the_same_exchange_and_model_teach(home: Home, ledger: Ledger) -> None:
    write(home, ledger, TAIWAN)
    assert of(home, ledger=ledger).recalibrated == 0
    assert of(home, TAIWAN, ledger).recalibrated > 0
    home.registry.register(create("random_walk").fit(BARS[AAPL]), CARD, AT)
    home.registry.register(create("drift").fit(BARS[AAPL]), CARD, AT)
    for version, learns in ((2, True), (3, False)):
        home.registry.promote(version, "ann", "newer", AT)
        assert (of(home, TAIWAN, ledger).recalibrated > 0) == learns


def test_scores_that_say_no_more_than_chance_change_not_a_bit(home: Home, ledger: Ledger) -> None:
    write(home, ledger, AAPL)
    last = pd.Timestamp(BARS[AAPL]["session"].iloc[-1])
    few = ledger.past_scores("XNYS", [1], last - pd.offsets.BDay(PAST - 2))
    plain = of(home)
    found = recalibrated(plain, Correction.of(few))
    assert len(few) and found.recalibrated == 0
    pd.testing.assert_frame_equal(found.frame, plain.frame, check_exact=True)


def test_sample_bars_and_stand_ins_are_left_as_they_are(home: Home, ledger: Ledger) -> None:
    write(home, ledger, AAPL)
    home.bars.upsert(walk("NEW", sessions=60).assign(source="csv"))
    home.bars.upsert(walk("OLD", sessions=560))
    for symbol in ("NEW", "OLD"):
        found = of(home, Ticker.parse(symbol), ledger)
        assert found.recalibrated == 0 and (found.source == "sample") == (symbol == "OLD")


def test_what_was_not_known_yet_does_not_teach(home: Home, ledger: Ledger) -> None:
    write(home, ledger, AAPL)
    last = pd.Timestamp(BARS[AAPL]["session"].iloc[-1])
    whole = ledger.past_scores("XNYS", [1], last)
    before = ledger.past_scores("XNYS", [1], last - pd.offsets.BDay(3))
    assert whole["target_session"].max() == last and 0 < before["n"].sum() < whole["n"].sum()
    assert before["target_session"].max() == last - pd.offsets.BDay(3)


def test_a_kept_forecast_is_made_anew_after_scores_are_added(home: Home, ledger: Ledger) -> None:
    cache = ProcessCache()

    def cached() -> int:
        found = forecast(home.bars, home.registry, AAPL, AT, cache=cache, ledger=ledger)
        return found.recalibrated

    assert cached() == 0
    write(home, ledger, AAPL)
    expected = of(home, ledger=ledger).recalibrated
    assert (cached(), cached()) == (expected, expected) != (0, 0)


def test_what_is_shown_is_written_down_once_and_in_time(home: Home, ledger: Ledger) -> None:
    def shown(ticker: Ticker, at: datetime = AT) -> Forecast:
        return forecast_one(home, ticker, lambda: at)

    of(home, AAPL, ledger)
    assert ledger.verify().forecasts == 0  # asked for by a program, which writes by itself
    made = shown(AAPL)
    shown(AAPL)
    row = ledger.served([AAPL], None)[0]
    assert (row["as_of"], row["model_version"]) == (made.as_of.date(), 1)
    assert shown(TAIWAN).ticker == TAIWAN  # its exchange opened before AT
    assert ledger.verify().forecasts == 1
    home.bars.remove(IBM)
    home.bars.upsert(BARS[IBM].assign(source="sample"))
    assert shown(IBM).source == "sample" and ledger.verify().forecasts == 1


def test_a_ledger_that_cannot_be_written_hides_no_forecast(home: Home, ledger: Ledger) -> None:
    with home.database.write() as connection:
        connection.execute(sa.text("DELETE FROM ledger_heads"))
    made = forecast_one(home, AAPL, lambda: AT)
    assert made.ticker == AAPL
