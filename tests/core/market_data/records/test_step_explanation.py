"""What was said of a step, and which forecasts were made before it was."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from core.foundation.errors import InvalidInputError
from core.market_data.checks.finding import Fault
from core.market_data.records.quarantine import QuarantineEntry, QuarantineStatus
from core.market_data.records.step_explanation import StepExplanation, explained_later
from core.reference.bar_holds import Hold

SAID_AT = datetime(2026, 11, 27, 9, tzinfo=UTC)
STEP = QuarantineEntry(
    "ABC",
    "csv",
    Fault.STEP,
    date(2026, 10, 15),
    date(2026, 10, 15),
    1,
    "The close fell.",
    Hold.STEP,
    "0",
    SAID_AT - timedelta(days=3),
    QuarantineStatus.RELEASED,
    decided_by="ann",
    decided_at=SAID_AT,
    explanation="split 4:1",
)


@pytest.mark.parametrize(
    ("text", "split", "dividend"),
    [
        ("split 3:2", 1.5, 0.0),
        ("Split 1 for 20", 0.05, 0.0),
        ("capital reduction 0.6", 0.6, 0.0),
        ("dividend 12.5", 1.0, 12.5),
        ("real", 1.0, 0.0),
    ],
)
def test_what_is_said_is_an_action(text: str, split: float, dividend: float) -> None:
    assert StepExplanation.parse(text) == StepExplanation(split, dividend)


@pytest.mark.parametrize(
    "text", ["dividend 12345678", "dividend 0.1234567", "split 1.1234567:1", "split 1001:1"]
)
def test_a_number_that_cannot_be_kept_whole_is_refused(text: str) -> None:
    with pytest.raises(InvalidInputError, match="does not say what the step was"):
        StepExplanation.parse(text)


@pytest.mark.parametrize(
    ("as_of", "made", "expected"),
    [
        ("2026-10-15", SAID_AT - timedelta(days=9), "2026-10-15: split 4:1"),
        ("2026-11-26", SAID_AT - timedelta(hours=1), "2026-10-15: split 4:1"),
        ("2026-11-27", SAID_AT + timedelta(hours=1), ""),  # it was known by then
        ("2026-10-14", SAID_AT - timedelta(days=44), ""),  # the step lay ahead
    ],
)
def test_only_forecasts_across_it_and_before_the_word_did_not_know(
    as_of: str, made: datetime, expected: str
) -> None:
    rows = pd.DataFrame({"as_of": [pd.Timestamp(as_of)], "created_at": [made]}, index=[7])
    assert explained_later([STEP], rows).to_dict() == {7: expected}
    assert explained_later([replace(STEP, explanation=None)], rows).to_dict() == {7: ""}


def test_several_are_named_in_their_order() -> None:
    rows = pd.DataFrame({"as_of": [pd.Timestamp("2026-11-20")], "created_at": [STEP.found_at]})
    earlier = replace(STEP, first=date(2025, 5, 2), explanation="real")
    found = explained_later([STEP, earlier], rows)
    assert list(found) == ["2025-05-02: real; 2026-10-15: split 4:1"]
    assert list(explained_later([STEP], rows.head(0))) == []
