"""A clock that was set back or ahead makes no record: it is refused, by name, and an incident."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.forecasts.forecast import Forecast
from core.forecasts.ledger.draft import Draft
from core.forecasts.ledger.ledger import Ledger, Written
from core.forecasts.ledger.tables import SEALED_FORECASTS
from core.forecasts.make import make
from core.foundation.errors import StorageError
from core.foundation.incidents import record_incident
from core.foundation.sql.database import Database
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion
from tests.core.forecasts.ledger.test_ledger import CARD, NIGHT, made
from tests.support.bars import walk
from tests.support.homes import AT

# New York closes at 16:00, which is 20:00 UTC in June.
CLOSE = datetime(2024, 6, 28, 20, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@pytest.fixture
def ledger(records_url: str) -> Ledger:
    return Ledger(Database(records_url))


def put(ledger: Ledger, forecast: Forecast, kind: str) -> None:
    """Write a forecast down as a program did that trusted the clock."""
    with ledger._database.write() as connection:
        SEALED_FORECASTS.append(connection, [Draft.of(forecast).values | {"kind": kind}])


def of(version: int, at: datetime, source: str = "csv") -> Forecast:
    model = ModelVersion(version, "random_walk", "", AT, CARD)
    return replace(made(at, source), model=model)


@pytest.mark.parametrize(
    ("back", "kind", "source"),
    [
        (SECOND, ForecastKind.LIVE, "csv"),
        (timedelta(days=1), ForecastKind.LIVE, "csv"),
        (timedelta(days=30), ForecastKind.LIVE, "csv"),
        (timedelta(days=1), ForecastKind.REPLAYED, "csv"),
        (timedelta(days=4000), ForecastKind.LIVE, "sample"),
    ],
)
def test_none_is_written_that_was_made_before_its_as_of_closed(
    ledger: Ledger, back: timedelta, kind: str, source: str
) -> None:
    at = CLOSE - back
    done = ledger.append([made(at, source)], at, kind)
    assert {one: str(reason) for one, reason in done.untimely.items()} == {
        "AAPL": f"AAPL: the clock was set wrong, so the forecast is refused. It was made at "
        f"{at:%Y-%m-%d %H:%M} UTC, before its session "
        "2024-06-28 closed at 2024-06-28 20:00 UTC."
    }
    assert not done.new and not done.late and ledger.seals().forecasts == 0


def test_at_the_close_it_is(ledger: Ledger) -> None:
    assert ledger.append([made(CLOSE)], CLOSE) == Written(1)


def test_taipei_closes_earlier_and_a_coin_at_midnight(ledger: Ledger) -> None:
    for symbol, closes in (
        ("2330.TW", datetime(2024, 6, 28, 5, 30, tzinfo=UTC)),
        ("BTC-USD", datetime(2024, 6, 29, 0, 0, tzinfo=UTC)),
    ):
        bars, model = walk(symbol).assign(source="csv"), ModelVersion(3, "x", "", AT, CARD)
        for at, early in ((closes - SECOND, True), (closes, False)):
            one = make(create("random_walk"), model, bars, Ticker.parse(symbol), at)
            # A coin's next session opens at once, so that no forecast of it is ever live.
            assert bool(ledger.append([one], at).untimely) is early, (symbol, at)


def test_a_session_that_no_calendar_knows_ends_at_the_hour_of_others(ledger: Ledger) -> None:
    bars = walk("2330.TW", end="2024-06-28").assign(source="csv")
    bars.loc[len(bars) - 1, "session"] = "2024-06-29"  # a Saturday that was made up for
    closes = datetime(2024, 6, 29, 5, 30, tzinfo=UTC)
    for at, new in ((closes - SECOND, 0), (closes, 1)):
        model, ticker = ModelVersion(3, "x", "", AT, CARD), Ticker.parse("2330.TW")
        one = make(create("random_walk"), model, bars, ticker, at)
        assert ledger.append([one], at).new == new


def test_none_is_written_before_the_row_before_it(ledger: Ledger) -> None:
    assert ledger.append([of(1, NIGHT)], NIGHT) == Written(1)
    near, far = NIGHT - timedelta(minutes=5), NIGHT - timedelta(minutes=5, seconds=1)
    assert ledger.append([of(2, near)], near) == Written(1)
    done = ledger.append([of(3, near - timedelta(minutes=6))], NIGHT)
    assert str(done.untimely["AAPL"]).endswith("before the row before it, of 2024-06-28 23:55 UTC.")
    assert ledger.append([of(4, NIGHT)], NIGHT) == Written(1)
    assert ledger.append([of(5, far)], far).new == 0
    assert ledger.out_of_order() == []


def test_each_kind_has_an_order_of_its_own(ledger: Ledger) -> None:
    """A replayed one of a clock that was years ahead keeps no live one out for years."""
    ahead = NIGHT + timedelta(days=700)
    assert ledger.append([of(1, ahead)], ahead, ForecastKind.REPLAYED) == Written(1)
    assert ledger.append([of(2, NIGHT)], NIGHT) == Written(1)


def test_a_clock_that_goes_back_between_making_and_writing_is_noticed(ledger: Ledger) -> None:
    done = ledger.append([of(1, NIGHT + timedelta(hours=2))], NIGHT, ForecastKind.REPLAYED)
    assert "written before that, at 2024-06-29 00:00 UTC" in str(done.untimely["AAPL"])


def test_it_is_an_incident(records_url: str, tmp_path: Path) -> None:
    ledger = Ledger(Database(records_url), partial(record_incident, tmp_path))
    ledger.append([made(NIGHT)], NIGHT)
    log = tmp_path / "logs" / "incidents.log"
    assert not log.exists()
    ledger.append([of(7, CLOSE - SECOND)], CLOSE - SECOND)
    assert "It was made at 2024-06-28 19:59 UTC, before" in log.read_text()


def test_rows_of_an_older_program_are_named_and_not_called_tampering(ledger: Ledger) -> None:
    instants = [NIGHT, CLOSE - timedelta(days=30), NIGHT - timedelta(hours=1), NIGHT]
    for version, at in enumerate(instants, start=1):
        put(ledger, of(version, at), ForecastKind.LIVE)
    assert ledger.verify().forecasts == 4
    assert list(map(str, ledger.out_of_order())) == [
        "Forecast 2 (AAPL as of 2024-06-28) has an instant that cannot be true. "
        "It was made at 2024-05-29 20:00 UTC, before its session "
        "2024-06-28 closed at 2024-06-28 20:00 UTC.",
    ]
    put(ledger, of(9, CLOSE), ForecastKind.LIVE)
    assert str(ledger.out_of_order()[1]).startswith(
        "Forecast 5 (AAPL as of 2024-06-28) has an instant that"
    )
    assert "before the row before it, of 2024-06-29 00:00 UTC." in str(ledger.out_of_order()[1])


def test_an_incident_says_what_was_wrong() -> None:
    incidents: list[StorageError] = []
    ledger = Ledger(Database("sqlite://"), incidents.append)
    ledger.append([made(CLOSE - SECOND), made(CLOSE - 2 * SECOND)], CLOSE - SECOND)
    assert len(incidents) == 1 and "\n" not in incidents[0].message
    with ledger._database.read() as connection:
        assert connection.execute(sa.text("SELECT count(*) FROM forecasts")).scalar() == 0
