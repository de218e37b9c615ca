"""Episodes of drift: opened when it is confirmed, over after enough calm sessions.

An episode goes on when the champion changes. So a new version that does not help is not replaced
by another one a session later. Episodes are computed from the stored reports; nothing else of them
is stored.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from core.lifecycle.report_store import DriftVerdict, Report, SignalName

CALM_SESSIONS = 10  # measured calm one after the other, they end an episode
COOL_DOWN_SESSIONS = 40  # from one training that drift asks for to the next, in any episode
HISTORY_REPORTS = 300  # as many of the newest are looked at


@dataclass(frozen=True)
class Episode:
    """One episode of drift; all dates are sessions.

    Parameters
    ----------
    opened, confirmed : the first and the last session of which drift was confirmed.
    calm : how many sessions were measured since then, without confirmed drift.
    trained : the sessions whose report asked for a training.
    ended : the one that ended it; None while it is open.
    """

    opened: date
    confirmed: date
    calm: int = 0
    trained: tuple[date, ...] = ()
    ended: date | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        trained = [f"{one}" for one in self.trained]
        known = {"opened": f"{self.opened}", "confirmed": f"{self.confirmed}", "calm": self.calm}
        return {**known, "trained": trained, "ended": self.ended and f"{self.ended}"}


@dataclass(frozen=True)
class _Session:
    """What all reports of one session say together."""

    day: date
    confirmed: bool
    measured: bool
    trained: bool


def episodes(reports: Iterable[Report]) -> list[Episode]:
    """Every episode in these reports, oldest first; only the last can be open.

    Parameters
    ----------
    reports : in any order, of any versions. Several reports of one session count as one, and
        confirm drift if any of them does. Where the newest report is on sample bars only reports
        on sample bars count, else only the others. A report that could not measure the inputs
        is left out. Where bars were removed, a later report has an earlier session; it then
        counts for the newest session seen so far.
    """
    found: list[Episode] = []
    for one in _sessions(reports):
        now = found.pop() if found and found[-1].ended is None else None
        if one.confirmed:
            now = replace(now or Episode(one.day, one.day), confirmed=one.day, calm=0)
        elif now is not None and one.measured:
            calm = now.calm + 1
            now = replace(now, calm=calm, ended=one.day if calm >= CALM_SESSIONS else None)
        if now is not None:
            found.append(replace(now, trained=(*now.trained, *[one.day] * one.trained)))
    return found


def open_episode(reports: Iterable[Report]) -> Episode | None:
    """The episode that is not over; None if there is none."""
    found = episodes(reports)
    return found[-1] if found and found[-1].ended is None else None


def training_due(reports: Iterable[Report]) -> bool:
    """Whether confirmed drift should ask for a training now, and none was asked for recently."""
    sessions = _sessions(reports)
    if not sessions or not sessions[-1].confirmed:
        return False
    before = [one.day for one in sessions if one.trained]
    # Counted in weekdays: a holiday counts as a session.
    apart = np.busday_count(before[-1], sessions[-1].day) if before else COOL_DOWN_SESSIONS
    return bool(apart >= COOL_DOWN_SESSIONS)


def _sessions(reports: Iterable[Report]) -> list[_Session]:
    """One entry a session, in order of time."""
    ordered = sorted(reports, key=lambda one: one.id)
    found: list[_Session] = []
    for report in ordered:
        day = report.session
        if day is None or report.sample != ordered[-1].sample:
            continue
        seen = _Session(day, report.confirmed, _measured(report), report.training_asked)
        if found and day <= found[-1].day:
            before = found.pop()
            seen = _Session(
                before.day,
                seen.confirmed or before.confirmed,
                seen.measured or before.measured,
                seen.trained or before.trained,
            )
        found.append(seen)
    return found


def _measured(report: Report) -> bool:
    return any(
        one.name == SignalName.DATA and one.verdict != DriftVerdict.TOO_LITTLE
        for one in report.signals
    )
