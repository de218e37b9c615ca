"""The first visit, and taking the sample out again."""

import pytest

from core.errors import NotFoundError
from core.forecasts.ledger import Ledger
from core.services.sample import load_sample, remove_sample
from core.storage.outcomes import Outcomes
from core.tickers import Ticker
from tests.homes import AT, Home, closes


def test_loading_leaves_a_champion_and_an_audit_row(trained: Home) -> None:
    assert len(trained.bars.tickers()) == 6 and trained.registry.champion() is not None
    rows = trained.audit.latest()
    assert [(row.who, row.action, row.at) for row in rows] == [("ann", "load sample", AT)]


def test_removing_leaves_no_bars_and_two_audit_rows(copied: Home) -> None:
    gone = remove_sample(copied.intake, copied.audit, "bob", AT)
    assert [str(ticker) for ticker in gone] == ["9999.TW", "AAPL", "FB", "GOOG", "IBM", "MSFT"]
    assert copied.bars.tickers() == [] and len(copied.bars.load()) == 0
    rows = copied.audit.latest()
    assert [(row.who, row.action) for row in rows] == [
        ("bob", "remove sample"),
        ("ann", "load sample"),
    ]
    assert "AAPL" in rows[0].subject


def test_removing_leaves_other_bars_alone(home: Home) -> None:
    home.bars.upsert(closes("TSLA", [1.0], source="csv"))
    home.bars.upsert(closes("FB", [1.0], source="sample"))
    assert remove_sample(home.intake, home.audit, "bob", AT) == [Ticker.parse("FB")]
    assert home.bars.tickers() == [Ticker.parse("TSLA")]


def test_where_there_is_none_it_says_so_and_writes_nothing(home: Home) -> None:
    with pytest.raises(NotFoundError, match="^There is no sample data to remove.$"):
        remove_sample(home.intake, home.audit, "bob", AT)
    assert home.audit.latest() == []


def test_loading_again_forecasts_the_same_and_tells_how_far_it_is(copied: Home) -> None:
    steps: list[tuple[str, int, int]] = []
    made = load_sample(
        *(copied.intake, copied.registry, copied.audit, "ann", AT),
        progress=lambda *step: steps.append(step),
        outcomes=Outcomes(copied.database),
        ledger=Ledger(copied.database),
    )
    assert made.ticker == Ticker.parse("AAPL") and made.model.version == 1
    assert steps[0][0] == "Fetching bars" and steps[-1] == ("Ready", 1, 1)
    assert all(0 <= done <= total for _, done, total in steps)
    assert "Walk-forward" in {step for step, _, _ in steps}
    assert Outcomes(copied.database).counts() == {"ok": 6}
    assert [one.ticker for one in Ledger(copied.database).open_entries()] == ["AAPL"]
