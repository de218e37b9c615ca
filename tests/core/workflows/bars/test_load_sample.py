"""The first visit."""

from core.reference.tickers import Ticker
from core.workflows.bars.load_sample import load_sample
from tests.support.homes import AT, Home


def test_loading_leaves_a_champion_and_an_audit_row(trained: Home) -> None:
    assert len(trained.bars.tickers()) == 6 and trained.registry.champion() is not None
    rows = trained.audit.latest()
    assert [(row.actor, row.action, row.at) for row in rows] == [("ann", "load sample", AT)]


def test_loading_again_forecasts_the_same_and_tells_how_far_it_is(copied: Home) -> None:
    steps: list[tuple[str, int, int]] = []
    made = load_sample(copied, "ann", AT, lambda *step: steps.append(step[:3]))
    assert made.ticker == Ticker.parse("AAPL") and made.model.version == 1
    assert steps[0][0] == "Fetching bars" and steps[-1] == ("Ready", 1, 1)
    assert all(0 <= done <= total for _, done, total in steps)
    assert "Walk-forward" in {step for step, _, _ in steps}
    assert copied.ingest_log.counts() == {"ok": 12}, "six each time"
    assert [one.ticker for one in copied.ledger.open_entries()] == ["AAPL"]
