"""Past forecasts whole and a page at a time, on every database that holds a ledger."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from core.forecasts.ledger.ledger import Ledger
from core.forecasts.ledger.score_entry import score
from core.foundation.sql.database import Database
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.registry.registry import ModelVersion
from tests.core.forecasts.ledger.test_ledger import AAPL, CARD, NIGHT, later, made, young
from tests.support.homes import AT


@pytest.fixture
def ledger(records_url: str) -> Ledger:
    return Ledger(Database(records_url))


def test_they_come_newest_first_with_what_was_scored(ledger: Ledger) -> None:
    first = made()
    ledger.append([first, replace(first, model=ModelVersion(4, "har", "", AT, CARD))], NIGHT)
    for entry in ledger.open_entries()[:1]:
        ledger.add_scores(score(entry, later([1.01, 3.0]), AT, SHIPPED))
    found, total = ledger.past_forecasts(AAPL, 10)
    assert total == 2 and [one.model_version for one in found] == [4, 3]
    assert found[0].scored == {} and found[0].made_by is None
    one = found[1].scored
    assert {ahead: (each.session, each.inside_80) for ahead, each in one.items()} == {
        1: (date(2024, 7, 1), True),
        2: (date(2024, 7, 2), False),
    }
    assert one[2].actual == pytest.approx(3.0 * first.last_close)
    rows = first.frame.sort_values(["horizon", "quantile"])
    np.testing.assert_array_equal(np.ravel(found[1].prices), rows["price"])
    assert found[1].targets[0] == date(2024, 7, 1) and len(found[1].targets) == 20


def test_a_page_holds_its_part_and_a_kind_its_own(ledger: Ledger) -> None:
    for version in range(1, 6):
        ledger.append([replace(made(), model=ModelVersion(version, "har", "", AT, CARD))], NIGHT)
    ledger.append([young()], NIGHT)
    pages = [ledger.past_forecasts(AAPL, 2, at) for at in (0, 2, 4, 6)]
    assert [total for _, total in pages] == [6] * 4
    assert [one.model_version for found, _ in pages for one in found] == [3, 5, 4, 3, 2, 1]
    by_fallback, count = ledger.past_forecasts(AAPL, 9, kind=ForecastKind.FALLBACK)
    assert count == 1 and by_fallback[0].made_by == ("random_walk_gauss", "untrained")
    assert ledger.past_forecasts(Ticker.parse("IBM"), 9) == ([], 0)
