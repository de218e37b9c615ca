"""Scores of live forecasts beside the median shown, on every database that holds a ledger."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from core.forecasts.ledger.ledger import Ledger
from core.forecasts.ledger.score_entry import score
from core.foundation.sql.database import Database
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from core.registry.registry import ModelVersion
from tests.core.forecasts.ledger.test_ledger import CARD, NIGHT, later, made
from tests.support.homes import AT


@pytest.fixture
def ledger(records_url: str, tmp_path: Path) -> Ledger:
    return Ledger(Database(records_url))


def test_the_last_forecast_of_a_session_is_what_was_shown(ledger: Ledger) -> None:
    first = made()
    shown = replace(first, model=ModelVersion(4, "har", "", AT, CARD))
    shown = replace(shown, frame=first.frame.assign(price=first.frame["price"] * 1.01))
    other = replace(first, model=ModelVersion(9, "ewma", "", AT, CARD))
    ledger.append([first, shown, other], NIGHT)
    ledger.append(
        [replace(first, model=ModelVersion(4, "har", "", AT, CARD))], NIGHT, ForecastKind.REPLAYED
    )
    for entry in ledger.open_entries():
        ledger.add_scores(score(entry, later([1.01, 1.02, 0.99]), AT, SHIPPED))
    found = ledger.shown_scores(["AAPL"], [3, 4], 2)
    assert found["horizon"].tolist() == [1, 2] and found["model_version"].tolist() == [4, 4]
    np.testing.assert_allclose(found["actual"], np.log([1.01, 1.02]))
    middle = shown.frame[shown.frame["quantile"] == 0.50].sort_values("horizon")["price"][:2]
    np.testing.assert_allclose(found["median"], np.log(middle / shown.last_close))
    assert ledger.shown_scores(["IBM"], [3, 4], 2).empty
    assert ledger.shown_scores(["AAPL"], [3], 5)["model_version"].tolist() == [3, 3, 3]
