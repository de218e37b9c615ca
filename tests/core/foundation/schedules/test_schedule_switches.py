"""What is wanted of each schedule: the last wish counts, and the audit has all."""

from datetime import UTC, datetime, timedelta

from core.foundation.audit import Action, Audit
from core.foundation.schedules.schedule_switches import ScheduleSwitch, ScheduleSwitches
from core.foundation.sql.database import Database

AT = datetime(2024, 6, 3, 21, tzinfo=UTC)


def test_the_last_wish_counts_until_it_is_applied(records_url: str) -> None:
    database = Database(records_url)
    switches, audit = ScheduleSwitches(database), Audit(database)
    first = ScheduleSwitch("nightly-us", True, "ann", AT)
    later = ScheduleSwitch("nightly-us", False, "bob", AT + timedelta(seconds=1))
    for wish in (first, later):
        switches.want(wish, Action(wish.at, wish.actor, "switch", wish.name))
    assert switches.all() == {"nightly-us": later}
    switches.applied(first, AT)  # somebody changed their mind meanwhile
    assert switches.all() == {"nightly-us": later}
    switches.applied(later, AT)
    assert switches.all()["nightly-us"].applied_at == AT
    assert [one.actor for one in audit.latest()] == ["bob", "ann"]
    database.close()
