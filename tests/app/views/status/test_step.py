"""What is offered to a person who is asked about a step."""

from datetime import UTC, date, datetime

import pytest

from app.views.status.step import likely_split
from core.foundation.messages import Message
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.reference.bar_holds import Hold

ON = date(2026, 10, 15)


def entry(message: Message | None) -> QuarantineEntry:
    found_at, status = datetime(2026, 10, 16, tzinfo=UTC), QuarantineStatus.OPEN
    asked_about = ("ABC", "csv", Fault.STEP, ON, ON, 1, "", Hold.STEP, "0", found_at, status)
    return QuarantineEntry(*asked_about, message=message)


@pytest.mark.parametrize(
    ("before", "after", "split"),
    [
        (102.0, 34.5, (3, 1)),
        (100.0, 26.3, (4, 1)),  # on a day of +5 %
        (100.0, 68.0, (3, 2)),
        (1200.0, 97.0, (12, 1)),
        (5.1, 100.0, (1, 20)),
        (100.0, 0.01, (2, 1)),  # none is near
    ],
)
def test_the_likely_split_is_offered(before: float, after: float, split: tuple[int, int]) -> None:
    numbers = {"before": before, "after": after}
    assert likely_split(entry(Message("bar.beyond-limit", "", numbers))) == split


@pytest.mark.parametrize(
    ("code", "ratio", "split"),
    [
        ("bar.split-unlisted-below", 2.04, (2, 1)),
        ("bar.split-unlisted-above", 9.9, (1, 10)),
        ("bar.joined-shares-implied", 1.5, (2, 3)),
        ("bar.payout-implied", 3.0, (2, 1)),  # names no ratio of prices
    ],
)
def test_a_question_that_names_its_ratio(code: str, ratio: float, split: tuple[int, int]) -> None:
    assert likely_split(entry(Message(code, "", {"ratio": ratio}))) == split
    assert likely_split(entry(None)) == (2, 1)
