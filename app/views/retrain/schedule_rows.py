"""What runs by itself, as a table."""

from datetime import datetime

import pandas as pd

from app.components.formats import UNKNOWN, instant, recurrence
from core.workflows.schedules.states import ScheduleState


def table(states: list[ScheduleState]) -> pd.DataFrame:
    """One row a schedule: last, next, what it did, and why a day was left out."""
    return pd.DataFrame(
        {
            "Schedule": f"{one.name} ({one.market})" if _is_part(one) else one.name,
            "When": recurrence(one.when, one.zone) if one.when else "when asked for",
            "On": {True: "on", False: "off", None: UNKNOWN if one.when else ""}[one.active],
            "Last": _instant(one.last),
            "Session": f"{one.session}" if one.session else "",
            "How it ended": one.status,
            "What it did": " ".join(
                f"{name}: {text}" if name else f"{text}" for name, text in one.did
            ),
            "Skipped": f"{one.skipped[1]}" if one.skipped else "",
            "Next": _instant(one.next),
        }
        for one in states
    )


def _is_part(state: ScheduleState) -> bool:
    return bool(state.market) and not state.name.endswith(state.market)


def _instant(at: datetime | None) -> str:
    return UNKNOWN if at is None else instant(at)
