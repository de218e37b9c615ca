"""Past forecasts on the Forecast page: of one kind, over what came, with their coverage."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from app.components.sentences import correction, past_coverage
from app.state.stores import Stores
from app.views.forecast import past_forecasts
from app.views.forecast.past_forecasts import figure
from core.forecasts.ledger.ledger import Written
from core.forecasts.ledger.score_entry import score
from core.forecasts.ledger.track_record import track_record
from core.forecasts.make import make
from core.foundation.audit import Action
from core.market_data.explain_steps import explain_step
from core.market_data.records.rename_log import Rename
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.app.test_main import opened, sample_bars, texts
from tests.support.forecasts import forecast

AAPL = Ticker.parse("AAPL")
HORIZON, PAST = 3, 10


def fill(
    stores: Stores,
    source: str,
    kind: str = ForecastKind.LIVE,
    scored: bool = True,
    width: float = 1.0,
) -> None:
    """Forecasts from the last ten sessions of the sample, scored on those that came since.

    `width` is that of their ranges, as a share of what it should be.
    """
    champion, bars = stores.registry.champion(), sample_bars("AAPL").assign(source=source)
    assert champion is not None
    for back in range(PAST, 0, -1):
        known = bars.iloc[:-back]
        night = known["session"].iloc[-1].to_pydatetime().replace(hour=23, tzinfo=UTC)
        made = make(create("random_walk"), champion, known, AAPL, night)
        prices = made.last_close * (made.frame["price"] / made.last_close) ** width
        made = replace(made, frame=made.frame.assign(price=prices))
        assert stores.ledger.append([made], night, kind) == Written(1)
    for entry in stores.ledger.open_entries():
        if scored and not entry.scored:
            stores.ledger.add_scores(score(entry, bars, datetime(2013, 3, 2, tzinfo=UTC), SHIPPED))


def page_text(stores: Stores) -> str:
    return texts(opened(ticker="AAPL", h=str(HORIZON)))


def columns(stores: Stores) -> pd.DataFrame:
    test = opened(ticker="AAPL", h=str(HORIZON))
    return next(frame.value for frame in test.dataframe if "As of" in frame.value)


def test_an_empty_ledger_is_one_sentence(sample: Stores) -> None:
    test = opened(ticker="AAPL")
    assert "Past forecasts" in [one.value for one in test.subheader]
    assert "No sample forecast of AAPL is in the ledger yet." in texts(test)
    assert not [frame for frame in test.dataframe if "As of" in frame.value]


def test_forecasts_that_wait_are_counted(sample: Stores) -> None:
    fill(sample, "sample", scored=False)
    assert f"{PAST} sample forecasts of AAPL, none scored at horizon {HORIZON} yet" in page_text(
        sample
    )


def test_what_no_bar_of_the_sample_can_score_is_not_waited_for(sample: Stores) -> None:
    made = forecast(sample.bars, sample.registry, AAPL, datetime(2013, 3, 2, tzinfo=UTC))
    assert sample.ledger.append([made], made.created_at) == Written(1)
    assert (
        f"1 sample forecast of AAPL, none scored at horizon {HORIZON}: the sample ends before the "
        "first target session, 2013-03-06."
    ) in page_text(sample)


@pytest.mark.parametrize(
    ("source", "kind"), [("csv", ForecastKind.LIVE), ("csv", ForecastKind.REPLAYED)]
)
def test_beside_sample_bars_no_other_kind_is_shown(sample: Stores, source: str, kind: str) -> None:
    fill(sample, source, kind)
    assert "No sample forecast of AAPL is in the ledger yet." in page_text(sample)
    assert track_record(sample.ledger, AAPL, HORIZON, "csv").rows.empty == (
        kind == ForecastKind.REPLAYED
    )


def test_coverage_is_told_with_n_and_window_and_shown_in_the_table(sample: Stores) -> None:
    fill(sample, "sample")
    fill(sample, "csv")  # live ones, to be left out
    test = opened(ticker="AAPL", h=str(HORIZON))
    table = next(frame.value for frame in test.dataframe if "As of" in frame.value)
    assert len(table) == PAST
    closes = sample_bars("AAPL").set_index("session")["close"]  # no split, no dividend in there
    known = table[table["actual"].notna()]
    # The forecast made h - 1 sessions before the last still waits.
    assert len(known) == PAST - HORIZON + 1
    dates = pd.DatetimeIndex(known["Target session"])
    np.testing.assert_allclose(known["actual"], closes[dates], rtol=0.02)
    inside = (known["low"] <= known["actual"]) & (known["actual"] <= known["high"])
    assert known["80 % interval"].map({"inside": True, "outside": False}).tolist() == list(inside)
    sentence = f"{100 * inside.mean():.0f} % of n {len(known)}, targets from {dates.min():%Y-%m-%d}"
    assert sentence in texts(test)


def test_a_forecast_stays_as_written_and_names_the_step_explained_after_it(
    sample: Stores,
) -> None:
    fill(sample, "sample")
    before = sample.ledger.seals()
    (step,) = [one for one in sample.quarantine.entries("AAPL") if one.code == "step"]
    assert step.id is not None and "Explained later" not in columns(sample)
    at = datetime(2013, 3, 3, tzinfo=UTC)
    explain_step(sample.gateway, sample.audit, step.id, "real", "ann", "a warning", at)
    table = columns(sample)["Explained later"]
    assert set(table) == {"2000-09-29: real"} and len(table) == PAST
    assert sample.ledger.verify() == before


def test_what_was_made_under_an_older_symbol_says_so(sample: Stores) -> None:
    fill(sample, "sample")
    shown = opened(ticker="AAPL", h=str(HORIZON)).dataframe
    assert not any("Made as" in frame.value for frame in shown)
    now = datetime(2013, 3, 2, tzinfo=UTC)
    rename = Rename("AAPL", "AAPX", now, "ann", "a new symbol")
    sample.rename_log.add(rename, Action(now, "ann", "rename", "AAPL to AAPX"))
    test = opened(ticker="AAPX", h=str(HORIZON))
    table = next(frame.value for frame in test.dataframe if "As of" in frame.value)
    assert not test.exception and table["Made as"].tolist() == ["AAPL"] * PAST
    assert test.title[0].value.startswith("AAPX")
    assert opened(ticker="AAPL").title[0].value.startswith("AAPX"), "an address of before leads on"


def test_what_the_chart_leaves_out_is_told(sample: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(sample, "sample")
    assert "The chart shows the last" not in page_text(sample)
    monkeypatch.setattr(past_forecasts, "_SHOWN", 4)
    assert f"The chart shows the last 4, the table all {PAST}." in page_text(sample)


def test_live_ones_are_called_so(sample: Stores) -> None:
    fill(sample, "csv")
    found = track_record(sample.ledger, AAPL, HORIZON, "csv")
    assert found.kind == ForecastKind.LIVE and found.n == PAST - HORIZON + 1
    assert past_coverage(found, "AAPL", HORIZON, found.rows["as_of"].max()).startswith(
        "Live coverage of the 80 % interval at hor"
    )


def test_the_chart_draws_each_session_once_and_marks_what_fell_outside() -> None:
    sessions = pd.DatetimeIndex(["2024-07-01", "2024-07-02", "2024-07-02", "2024-07-03"])
    rows = pd.DataFrame(
        {
            "target_session": sessions,
            "low": [1.0, 2.0, 3.0, 4.0],
            "median": [2.0, 3.0, 4.0, 5.0],
            "high": [3.0, 4.0, 5.0, 6.0],
            "actual": [9.0, 3.5, 3.5, np.nan],
            "inside_80": [0.0, 1.0, 1.0, np.nan],
        }
    )
    before = rows.copy()
    drawn = {line.name: line for line in figure(rows, dark=False).data}
    pd.testing.assert_frame_equal(rows, before)
    assert list(drawn["Median"].x) == ["2024-07-01", "2024-07-02", "2024-07-03"]
    assert list(drawn["Median"].y) == [2.0, 4.0, 5.0]
    actual = drawn["Actual (cross: outside)"]
    assert list(actual.y[:2]) == [9.0, 3.5] and np.isnan(actual.y[2])
    assert list(actual.marker.symbol[:2]) == ["x", "circle"]


def test_a_line_of_actuals_is_broken_where_one_is_unknown() -> None:
    rows = pd.DataFrame(
        {
            "target_session": pd.bdate_range("2024-07-01", periods=3),
            **{name: [1.0, 2.0, 3.0] for name in ("low", "median", "high")},
            "actual": [1.0, np.nan, 3.0],
            "inside_80": [1.0, np.nan, 0.0],
        }
    )
    actual = next(one for one in figure(rows, dark=True).data if one.name.startswith("Actual"))
    assert len(actual.x) == 3 and np.isnan(actual.y[1]) and not actual.connectgaps


def test_replayed_ones_are_shown_as_such_until_a_live_one_has_come(sample: Stores) -> None:
    sample.bars.upsert(sample_bars("AAPL").assign(source="csv"))
    champion = sample.registry.champion()
    assert champion is not None
    own, now = replace(champion.card, sample=False, sample_tickers=()), datetime.now(UTC)
    fitted = sample.registry.forecaster(champion)
    sample.registry.promote(sample.registry.register(fitted, own, now).version, "ann", "own", now)
    fill(sample, "csv", ForecastKind.REPLAYED)
    test = opened(ticker="AAPL", h=str(HORIZON))
    shown = texts(test)
    assert "LIVE" in shown and "REPLAYED" in shown
    assert "Replayed coverage of the 80 % interval at horizon 3: " in shown
    assert "They were made after the fact, each by the model's recipe fitted on what was" in shown
    fill(sample, "csv")
    assert "Live coverage of the 80 % interval at horizon 3: " in (shown := page_text(sample))
    assert "REPLAYED" not in shown and "Replayed coverage" not in shown


def test_what_was_replayed_is_drawn_hollow() -> None:
    rows = pd.DataFrame(
        {
            "target_session": pd.bdate_range("2024-07-01", periods=2),
            **{name: [1.0, 2.0] for name in ("low", "median", "high", "actual")},
            "inside_80": [1.0, 0.0],
        }
    )
    kinds = (ForecastKind.LIVE, ForecastKind.REPLAYED)
    live, replayed = (figure(rows, False, kind).data for kind in kinds)
    assert [list(one[-1].marker.symbol) for one in (live, replayed)] == [
        ["circle", "x"],
        ["circle-open", "x-open"],
    ]
    assert [one[1].fill for one in (live, replayed)] == ["tonexty", None]


def test_a_correction_is_told_where_there_is_one(sample: Stores) -> None:
    made = forecast(sample.bars, sample.registry, AAPL, datetime.now(UTC), ledger=sample.ledger)
    assert correction(made) == ""
    fill(sample, "csv", width=0.1)
    sample.bars.upsert(sample_bars("AAPL").assign(source="csv"))
    champion = sample.registry.champion()
    assert champion is not None
    own = replace(champion.card, sample=False, sample_tickers=())  # or it forecasts no others
    now, fitted = datetime.now(UTC), sample.registry.forecaster(champion)
    sample.registry.promote(sample.registry.register(fitted, own, now).version, "ann", "own", now)
    made = forecast(sample.bars, sample.registry, AAPL, datetime.now(UTC), ledger=sample.ledger)
    scores = 10 + 9 + 8 + 7 + 6  # of horizons 1 to 5; beyond, chance explains what so few say
    assert made.source == "csv" and f"{scores} scores from the ledger" in correction(made)
    assert f"{scores} scores from the ledger" in page_text(sample)
