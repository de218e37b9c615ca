"""The record of who did what."""

from datetime import UTC, datetime, timedelta

import pytest

from core.foundation.audit import MAX_REASON_CHARACTERS, Action, Audit, validate_reason
from core.foundation.errors import InvalidInputError
from core.foundation.sql.database import Database
from tests.support.homes import AT


@pytest.fixture
def audit(records_url: str) -> Audit:
    return Audit(Database(records_url))


def test_a_reason_is_kept_on_one_line_and_never_cut() -> None:
    assert validate_reason("  a month\nof  new bars ") == "a month of new bars"
    longest = "x" * MAX_REASON_CHARACTERS
    assert validate_reason(longest) == longest


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "^A reason is needed: it stays on record.$"),
        (" \n ", "^A reason is needed: it stays on record.$"),
        ("x" * 1_501, "^A reason has at most 500 characters, not 1,501.$"),
        ("a\x00b", "^The reason holds characters that are no text, such as control characters.$"),
        ("\ud800", "^The reason holds characters that are no text, such as control characters.$"),
    ],
)
def test_a_reason_that_says_nothing_or_too_much_is_refused(text: str, sentence: str) -> None:
    with pytest.raises(InvalidInputError, match=sentence) as refused:
        validate_reason(text)
    assert refused.value.parameter == "reason"


def test_nothing_was_done_yet(audit: Audit) -> None:
    assert audit.latest() == []


def test_the_newest_comes_first_though_its_clock_was_behind(audit: Audit) -> None:
    actions = [
        Action(AT, "ann", "promote", "2", "better"),
        Action(AT - timedelta(hours=1), "bob", "load sample", "bars"),
    ]
    for action in actions:
        audit.add(action)
    assert audit.latest() == actions[::-1]


def test_a_limit_keeps_the_newest(audit: Audit) -> None:
    for k in range(5):
        audit.add(Action(AT, "ann", "train", str(k)))
    assert [action.subject for action in audit.latest(2)] == ["4", "3"]


@pytest.mark.parametrize(
    "text", ["Robert'); DROP TABLE audit;--", "示範公司", "a\nb", "", "%s {x}"]
)
def test_any_text_is_kept_as_it_is(text: str, audit: Audit) -> None:
    audit.add(Action(AT, "ann", "note", text, text))
    found = audit.latest()[0]
    assert (found.subject, found.reason) == (text, text)


def test_instants_come_back_aware(audit: Audit) -> None:
    audit.add(Action(AT, "ann", "train", "1"))
    assert audit.latest()[0].at == datetime(2024, 7, 1, 9, tzinfo=UTC)


def test_there_is_no_way_to_change_or_delete() -> None:
    assert {name for name in dir(Audit) if not name.startswith("_")} == {"add", "latest", "count"}
