"""The record of who did what."""

from datetime import UTC, datetime, timedelta

import pytest

from core.storage.audit import Action, Audit
from core.storage.database import Database
from tests.homes import AT


@pytest.fixture
def audit(records_url: str) -> Audit:
    return Audit(Database(records_url))


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
    assert {name for name in dir(Audit) if not name.startswith("_")} == {"add", "latest"}
