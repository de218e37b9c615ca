"""Who gets in, as developers see it on Status; a viewer sees and ends nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from streamlit.testing.v1 import AppTest

from app.state import acting
from app.state.stores import Stores
from app.views.status import audit_list, people
from core.foundation.access import grant_of
from core.foundation.audit import Action
from core.foundation.errors import AccessError, NotFoundError
from core.foundation.keys.caller import Caller, Entrance
from core.foundation.keys.person import VIEWER, Person, PersonRole
from tests.app.test_main import opened, texts
from tests.support.homes import AT

OFFICE = Caller(Entrance.PAGE, "192.0.2.7")
ANN = Person("ann", PersonRole.DEVELOPER, caller=OFFICE)
BOB = Person("bob", PersonRole.VIEWER, caller=OFFICE)


@pytest.fixture
def as_developer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (
        "app.components.context",
        "app.views.status.people",
        "app.views.status.audit_list",
    ):
        monkeypatch.setattr(f"{name}.person", lambda: ANN)


def token_of_bob(stores: Stores) -> tuple[str, str]:
    """A secret, and a session that began with it."""
    secret = stores.access.tokens.add("bob", PersonRole.VIEWER, 30, datetime.now(UTC))
    found = stores.access.tokens.find(secret, datetime.now(UTC))
    return secret, stores.access.open_session(found.person, grant_of(found, "198.51.100.4"))


def headings(test: AppTest) -> list[str]:
    return [one.value for one in test.subheader]


def test_a_developer_revokes_a_token_and_its_session_ends(
    sample: Stores, as_developer: None
) -> None:
    secret, session = token_of_bob(sample)
    test = opened("status")
    assert "Access" in headings(test) and secret not in texts(test)
    tables = [one.value for one in test.dataframe]
    (tokens,) = [one for one in tables if "Last used" in one and "Name" in one]
    assert tokens.loc[0, ["Name", "Role"]].tolist() == ["bob", "viewer"]
    (sessions,) = [one for one in tables if "Began with" in one]
    assert sessions.loc[0, ["Person", "Began with", "From"]].tolist() == [
        "bob",
        "token",
        "198.51.100.4",
    ]
    test.button(key="revoke-token").click().run(timeout=60)
    assert not test.exception and sample.access.tokens.all() == []
    assert sample.access.session(session) == VIEWER
    noted = sample.audit.latest(1)[0]
    assert (noted.actor, noted.action, noted.subject) == ("ann", "revoke token", "bob")
    assert (noted.door, noted.address) == ("page", "192.0.2.7")


def test_a_developer_signs_somebody_out_everywhere(sample: Stores, as_developer: None) -> None:
    sessions = [token_of_bob(sample)[1], sample.access.open_session(BOB)]
    opened("status").button(key="sign-out-person").click().run(timeout=60)
    assert [sample.access.session(one) for one in sessions] == [VIEWER] * 2
    assert sample.audit.latest(1)[0].action == "sign out everywhere"


def test_what_was_done_is_listed_a_page_at_a_time(sample: Stores, as_developer: None) -> None:
    for k in range(audit_list.ROWS + 3):
        sample.audit.add(
            Action(AT + timedelta(minutes=k), "eva", "train", f"n{k}", "x", "api", "::1")
        )
    test = opened("status")

    def subjects() -> list[str]:
        (found,) = [one.value for one in test.dataframe if "Subject" in one.value]
        assert found["From"].tolist()[0] == "api ::1"
        return list(found["Subject"])

    assert subjects()[0] == f"n{audit_list.ROWS + 2}" and len(subjects()) == audit_list.ROWS
    test.number_input(key="audit-page").set_value(2).run(timeout=60)
    assert subjects()[:3] == ["n2", "n1", "n0"]


def test_a_viewer_sees_none_of_it(sample: Stores) -> None:
    token_of_bob(sample)
    test = opened("status")
    assert "Access" not in headings(test) and "Who did what" not in texts(test)
    assert not [one for one in test.dataframe if "Last used" in one.value]


@pytest.mark.parametrize("person", [VIEWER, BOB], ids=["anonymous", "viewer"])
def test_a_viewer_who_forces_it_is_refused_and_changes_nothing(
    empty: Stores, person: Person
) -> None:
    _, session = token_of_bob(empty)
    ann = empty.access.open_session(ANN)
    for forced in (
        lambda: acting.revoke_token(person, "bob"),
        lambda: acting.sign_out_everywhere(person, "ann"),
        lambda: acting.tokens(person),
        lambda: acting.sessions(person),
        lambda: acting.recorded(person, 10, 0),
        lambda: acting.count_recorded(person),
    ):
        with pytest.raises(AccessError, match="Only a signed-in developer"):
            forced()
    assert empty.audit.latest() == [] and empty.access.session(ann) == ANN
    assert empty.access.session(session) == BOB


def test_anybody_ends_all_sessions_of_their_own(empty: Stores) -> None:
    _, session = token_of_bob(empty)
    assert acting.sign_out_everywhere(BOB, "bob") == 1
    assert empty.access.session(session) == VIEWER
    noted = empty.audit.latest(1)[0]
    assert (noted.actor, noted.door, noted.address) == ("bob", "page", "192.0.2.7")
    with pytest.raises(NotFoundError):
        acting.revoke_token(ANN, "eva")


def test_an_expired_token_is_marked(empty: Stores) -> None:
    empty.access.tokens.add("old", PersonRole.VIEWER, 1, AT)
    shown = people.token_table(empty.access.tokens.all(), AT + timedelta(days=1))
    assert shown.loc[0, "Expires"].endswith(", expired") and shown.loc[0, "Last used"] == "unknown"
