"""The ledger: forecasts once, never changed; scores against numbers worked out by hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Ledger, Written
from core.forecasts.ledger.score import score as score_all
from core.forecasts.ledger.score_entry import score
from core.forecasts.make import make
from core.foundation.errors import InvalidInputError
from core.market_data.lake.bar_store import ParquetBars
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.schema import LEVELS
from core.reference.session_overrides import Override, SessionChange
from core.reference.sessions import SHIPPED, Calendars
from core.reference.tickers import Ticker
from core.registry.model_card import ModelCard
from core.registry.registry import ModelVersion
from tests.support.bars import walk
from tests.support.homes import AT, Home, open_home

AAPL = Ticker.parse("AAPL")
CARD = ModelCard({}, ("AAPL",), "2022-01-03..2024-06-28", 600, "", "", None, {}, 1.0)
BARS = walk(sessions=600).assign(source="csv")  # ends on Friday 2024-06-28
NIGHT = datetime(2024, 6, 29, tzinfo=UTC)
OPEN = datetime(2024, 7, 1, 13, 30, tzinfo=UTC)  # of New York on the first target session


def made(at: datetime = NIGHT, source: str = "csv") -> Forecast:
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
    assert ledger.append([made(), made()], NIGHT) == Written(1)
    assert ledger.append([made(at=datetime(2024, 6, 30, tzinfo=UTC))], NIGHT) == Written()
    assert ledger.newest() == NIGHT
    again = replace(made(), model=ModelVersion(4, "har", "", AT, CARD))
    assert ledger.append([again], NIGHT) == Written(1)
    assert ledger.verify() == ledger.seals() and ledger.seals().forecasts == 2


def young(source: str = "csv") -> Forecast:
    """One of a ticker that is too young for the model, by the fallback."""
    model = ModelVersion(3, "har", "", AT, CARD)
    few = BARS.tail(60).assign(source=source)
    made = make(create("random_walk"), model, few, AAPL, NIGHT)
    assert made.fallback == "random_walk_gauss"
    return made


def test_a_fallback_s_forecast_is_kept_and_scored_but_is_not_the_model_s(ledger: Ledger) -> None:
    assert ledger.append([young(), young()], NIGHT) == Written(1)
    assert ledger.append([made()], NIGHT) == Written(1)  # of the same version and session
    (entry,) = [one for one in ledger.open_entries() if one.kind == ForecastKind.FALLBACK]
    ledger.add_scores(score(entry, later([1.02, 0.97]), AT, SHIPPED))
    rows = ledger.track_record(AAPL, ForecastKind.FALLBACK)
    assert len(rows) == 20 and rows["actual"].notna().sum() == 2
    assert set(rows["made_by"]) == {"random_walk_gauss"}
    assert len(ledger.scores(ForecastKind.FALLBACK)) == 2 and ledger.scores(ForecastKind.LIVE).empty
    assert ledger.track_record(AAPL, ForecastKind.LIVE)["actual"].isna().all()
    assert ledger.past_scores("XNYS", [3], pd.Timestamp("2024-07-02")).empty
    assert ledger.shown_scores(["AAPL"], [3], 20).empty
    found = [(one["kind"], one["made_by"]) for one in ledger.served([AAPL])]
    assert found == [("fallback", ["random_walk_gauss", "untrained"]), ("live", None)]
    assert ledger.verify() == ledger.seals() and ledger.seals().forecasts == 2


def test_a_fallback_s_late_forecast_is_refused_too(ledger: Ledger) -> None:
    done = ledger.append([young()], OPEN)
    assert str(done.late["AAPL"]).endswith("before the forecast was written; refused.")


@pytest.mark.parametrize(("source", "kind"), [("sample", "live"), ("csv", "replayed")])
def test_what_is_not_live_is_kept_of_the_model_alone(
    ledger: Ledger, source: str, kind: str
) -> None:
    assert ledger.append([young(source)], NIGHT, kind) == Written()


@pytest.mark.parametrize(
    ("made_at", "written_at", "which"),
    [
        (NIGHT, OPEN, "written"),
        (NIGHT, OPEN + timedelta(days=3), "written"),
        (OPEN, NIGHT, "made"),  # by a clock that is wrong
        (OPEN, OPEN, "made"),
    ],
)
def test_a_late_one_is_refused_by_name(
    ledger: Ledger, made_at: datetime, written_at: datetime, which: str
) -> None:
    expected = (
        "AAPL: its first target session 2024-07-01 had opened at 2024-07-01 13:30 UTC "
        f"before the forecast was {which}; refused."
    )
    done = ledger.append([made(made_at)], written_at)
    assert done.new == 0 and list(map(str, done.late.values())) == [expected]
    assert ledger.open_entries() == [] and ledger.seals().forecasts == 0
    assert ledger.append([made()], OPEN - timedelta(minutes=1)) == Written(1)
    assert ledger.append([made(made_at)], written_at) == Written()  # it is there, in time


def storm_on(day: date) -> Calendars:
    return Calendars((Override("XNYS", day, SessionChange.REMOVED, "a storm"),))


def test_when_a_storm_closes_the_exchange_the_next_session_decides(home: Home) -> None:
    known = [Calendars()]
    ledger = Ledger(home.database, calendars=lambda: known[-1])
    assert ledger.append([made(OPEN)], OPEN).new == 0
    known.append(storm_on(date(2024, 7, 1)))
    assert ledger.append([made(OPEN)], OPEN) == Written(1)


@pytest.mark.parametrize(
    ("source", "requested", "kind"),
    [
        ("csv", ForecastKind.LIVE, ForecastKind.LIVE),
        ("csv", ForecastKind.REPLAYED, ForecastKind.REPLAYED),
        ("sample", ForecastKind.LIVE, ForecastKind.SAMPLE),
        ("sample", ForecastKind.REPLAYED, ForecastKind.SAMPLE),
    ],
)
def test_the_kind_is_what_it_is(ledger: Ledger, source: str, requested: str, kind: str) -> None:
    at = NIGHT if kind == ForecastKind.LIVE else datetime(2026, 1, 1, tzinfo=UTC)
    assert ledger.append([made(at, source)], at, requested) == Written(1)
    assert [entry.kind for entry in ledger.open_entries()] == [kind]
    shown = ledger.served([AAPL], date(2024, 6, 28))
    assert [(one["model_version"], one["kind"], one["scored"]) for one in shown] == [(3, kind, 0)]
    assert ledger.served([AAPL], date(2024, 6, 27)) == []


def test_a_replayed_one_stands_beside_the_live_one_and_is_never_mixed_with_it(
    ledger: Ledger,
) -> None:
    assert ledger.append([made()], NIGHT, ForecastKind.REPLAYED) == Written(1)
    assert ledger.append([made()], NIGHT) == Written(1)
    for entry in ledger.open_entries():
        ledger.add_scores(score(entry, later([1.02, 0.97]), AT, SHIPPED))
    for kind in (ForecastKind.LIVE, ForecastKind.REPLAYED):
        assert len(ledger.scores(kind)) == 2
        track_record = ledger.track_record(AAPL, kind)
        assert len(track_record) == 20 and track_record["actual"].notna().sum() == 2
        assert track_record["target_session"].is_monotonic_increasing
    found = ledger.past_scores("XNYS", [3], pd.Timestamp("2024-07-02"))
    assert found["n"].tolist() == [1, 1]


def test_a_score_by_hand(ledger: Ledger) -> None:
    forecast = made()
    ledger.append([forecast], NIGHT)
    entry = ledger.open_entries()[0]
    found = score(entry, later([1.02, 0.97]), AT, SHIPPED)
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
    prices, actual = rows["price"].to_numpy(), 0.97 * forecast.last_close
    for share, low, high in ((50, 2, 4), (80, 1, 5), (90, 0, 6)):
        within = prices[low] <= actual <= prices[high]
        assert found[f"inside_{share}"].iloc[1] == float(within)
    below = [q for q, price in zip(LEVELS, prices, strict=True) if price <= actual]
    above = [q for q, price in zip(LEVELS, prices, strict=True) if price > actual]
    assert max(below, default=0.0) <= found["pit"].iloc[1] <= min(above, default=1.0)
    distribution = forecast.distribution()
    grid = (np.arange(200_000) + 0.5) / 200_000
    losses = np.log(0.97) - distribution.quantile(grid.tolist())[1]
    integral = 2 * np.mean(np.maximum(grid * losses, (grid - 1) * losses))
    assert found["crps"].iloc[1] == pytest.approx(integral, rel=1e-4)


def test_a_session_that_fell_away_is_scored_on_the_one_that_came(ledger: Ledger) -> None:
    ledger.append([made()], NIGHT)
    entry, bars = ledger.open_entries()[0], later([1.0, 1.01, 1.02])
    storm = bars[bars["session"] != pd.Timestamp("2024-07-02")].reset_index(drop=True)
    found = score(entry, storm, AT, storm_on(date(2024, 7, 2)))
    assert [str(day) for day in found["scored_session"]] == ["2024-07-01", "2024-07-03"]
    ledger.add_scores(found)
    targets = ledger.track_record(AAPL, ForecastKind.LIVE)["target_session"].head(3)
    days = targets.dt.strftime("%Y-%m-%d").tolist()
    assert days == ["2024-07-01", "2024-07-03", "2024-07-03"]  # the last is as planned


def test_a_missing_bar_is_waited_for_but_not_for_ever(ledger: Ledger) -> None:
    """July 4 is no session; of a listed one, the bar may be held back or come late."""
    ledger.append([made()], NIGHT)
    entry, bars = ledger.open_entries()[0], later([1.0] * 9)
    holiday = pd.Timestamp("2024-07-04")
    bars = bars[bars["session"] != holiday].reset_index(drop=True)
    assert score(entry, bars, AT, SHIPPED)["horizon"].tolist() == list(range(1, 9))
    gap = bars[bars["session"] != pd.Timestamp("2024-07-03")].reset_index(drop=True)
    for come, scored in ((4, 2), (5, 7)):
        found = score(entry, gap.iloc[: len(BARS) + 2 + come], AT, SHIPPED)
        assert found["horizon"].tolist() == list(range(1, scored + 1))


def test_two_runs_at_once_score_once(ledger: Ledger) -> None:
    ledger.append([made()], NIGHT)
    found = score(ledger.open_entries()[0], later([1.02, 0.97]), AT, SHIPPED)
    assert [ledger.add_scores(part) for part in (found.head(1), found, found)] == [1, 1, 0]
    assert ledger.verify().scores == 2


def test_another_kind_cannot_be_asked_for(ledger: Ledger) -> None:
    with pytest.raises(InvalidInputError, match="^A forecast is live or replayed.$"):
        ledger.append([made()], NIGHT, ForecastKind.SAMPLE)


def test_what_is_unknown_of_a_score_is_null(ledger: Ledger) -> None:
    ledger.append([made()], NIGHT)
    found = score(ledger.open_entries()[0], later([1.02]), AT, SHIPPED)
    ledger.add_scores(found.assign(pit=np.nan, inside_50=np.nan))
    stored = ledger.scores(ForecastKind.LIVE)
    assert stored["pit"].isna().all() and stored["inside_90"].notna().all()
    ledger.verify()


def test_dividends_and_splits_do_not_move_an_actual(ledger: Ledger) -> None:
    ledger.append([made()], NIGHT)
    entry = ledger.open_entries()[0]
    bars = later([1.0, 0.5])
    bars.loc[len(bars) - 1, "split_ratio"] = 2.0  # a 2:1 split halves the price and loses nothing
    assert score(entry, bars, AT, SHIPPED)["actual"].iloc[1] == pytest.approx(entry.last_close)


def test_scoring_goes_on_where_it_stopped_and_changes_nothing(home: Home, ledger: Ledger) -> None:
    ledger.append([made()], NIGHT)
    home.bars.upsert(later([1.01]))
    assert score_all(home.bars, ledger, AT).to_dict() == {
        "status": "ok",
        "scored": 1,
        "waiting": 19,
        "failed": {},
    }
    first = ledger.scores(ForecastKind.LIVE)
    assert score_all(home.bars, ledger, AT).scored == 0
    home.bars.upsert(later([1.01, 1.02, 1.03]))
    assert score_all(home.bars, ledger, AT).scored == 2
    both = ledger.scores(ForecastKind.LIVE)
    pd.testing.assert_frame_equal(both.head(1), first)
    assert both["horizon"].tolist() == [1, 2, 3] and set(both["model_version"]) == {3}
    assert ledger.scores(ForecastKind.SAMPLE).empty


def test_a_forecast_whose_bars_are_gone_waits(ledger: Ledger, tmp_path: Path) -> None:
    ledger.append([made()], NIGHT)
    done = score_all(ParquetBars(tmp_path / "other"), ledger, AT)
    assert (done.scored, done.waiting, done.failed) == (0, 20, {})


def test_there_is_no_way_to_change_or_delete() -> None:
    public = {name for name in dir(Ledger) if not name.startswith("_")}
    reads = {
        *(
            "open_entries",
            "scores",
            "newest",
            "newest_as_ofs",
            "track_record",
            "past_forecasts",
            "past_scores",
        ),
        *("shown_scores", "served", "tickers", "seals", "verify", "read_on", "out_of_order"),
        "as_ofs",
    }
    assert public == {"append", "write", "add_scores"} | reads
