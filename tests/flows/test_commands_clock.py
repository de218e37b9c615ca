"""A clock that was set back or ahead, from the command line: refused by name, and on record."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from core.forecasts.ledger.ledger import Ledger
from core.foundation.sql.database import Database
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from tests.core.forecasts.ledger.test_clock import CLOSE, of, put
from tests.core.forecasts.ledger.test_ledger import NIGHT
from tests.support.bars import walk
from tests.support.cards import CARD
from tests.support.commands import run_command
from tests.support.homes import AT, open_home


def write(folder: Path, *made: tuple[int, datetime], kind: str = ForecastKind.LIVE) -> None:
    """Rows of versions by instants, sealed as a program wrote them that trusted the clock."""
    database = Database(f"sqlite:///{folder / 'records.db'}")
    for version, at in made:
        put(Ledger(database), of(version, at), kind)
    database.close()


def incidents(folder: Path) -> str:
    log = folder / "logs" / "incidents.log"
    return log.read_text() if log.exists() else ""


@pytest.mark.parametrize("back", [1, 21], ids=["a day", "a month"])
def test_a_forecast_by_a_clock_that_was_set_back_is_refused_by_name(
    tmp_path: Path, back: int
) -> None:
    home, today = open_home(tmp_path), pd.Timestamp(datetime.now(UTC).date())
    days = SHIPPED["XTAI"].sessions
    # Whose clock is behind has bars of sessions that are still to come.
    days = days[: int(days.searchsorted(today, "right")) + back][-400:]
    bars = walk("2330.TW", sessions=len(days)).assign(source="csv", session=days)
    home.bars.upsert(bars)
    model = home.registry.register(create("random_walk").fit(bars), CARD, AT)
    home.registry.promote(model.version, "ann", "first", AT)
    home.database.close()
    done = run_command(tmp_path, "forecast")
    assert (done["status"], done["new_in_ledger"], done["late"]) == ("partial", 0, {})
    text = done["untimely"]["2330.TW"]
    assert (
        text.startswith(
            "2330.TW: the clock was set wrong, so the forecast is refused. It was made at "
        )
        and "\n" not in text
    )
    assert f"before its session {days[-1]:%Y-%m-%d} closed at " in text
    assert text in incidents(tmp_path)
    intact = run_command(tmp_path, "ledger", "verify")
    assert (intact["status"], intact["forecasts"]) == ("intact", 0)


def test_verify_names_rows_that_an_older_program_took_at_a_wrong_time(tmp_path: Path) -> None:
    write(tmp_path, (1, NIGHT), (2, CLOSE - timedelta(days=30)), (3, NIGHT), (4, CLOSE))
    result = run_command(tmp_path, "ledger", "verify")
    assert (result["status"], result["forecasts"], result["out_of_order"]) == ("out of order", 4, 2)
    first, second = result["rows"]
    assert first == (
        "Forecast 2 (AAPL as of 2024-06-28) has an instant that cannot be true. "
        "It was made at 2024-05-29 20:00 UTC, before its session "
        "2024-06-28 closed at 2024-06-28 20:00 UTC."
    )
    assert second.startswith("Forecast 4 (AAPL as of 2024-06-28) has an instant that")
    assert second.endswith("before the row before it, of 2024-06-29 00:00 UTC.")


def test_a_night_whose_forecasts_alone_are_refused_is_not_ok(tmp_path: Path) -> None:
    """All else is fine; each forecast seems made before a row of a clock that was ahead."""
    home = open_home(tmp_path)
    card = replace(CARD, sample=True)
    model = home.registry.register(create("random_walk").fit(walk(sessions=400)), card, AT)
    home.registry.promote(model.version, "ann", "first", AT)
    home.database.close()
    write(tmp_path, (9, datetime.now(UTC) + timedelta(days=30)), kind=ForecastKind.SAMPLE)
    result = run_command(tmp_path, "nightly")
    assert list(result) == ["status", "ingest", "score", "monitor", "forecast", "failed"]
    assert result["ingest"]["status"] == result["score"]["status"] == "ok"
    refused = result["forecast"]["untimely"]
    assert result["forecast"]["new_in_ledger"] == 0 and len(refused) == 6
    assert result["status"] == "partial" and list(result["failed"]) == ["forecast"]
    reason = result["failed"]["forecast"]
    assert reason.startswith("No forecast came into the ledger: ") and "the row before it" in reason
    assert reason.endswith(" So it was with 5 more.")
    assert next(iter(refused.values())) in incidents(tmp_path)
