"""The stores of schedules, as part of every workspace."""

from typing import Protocol

from core.foundation.caches.opened_once import opened_once
from core.foundation.schedules.nightly_log import NightlyLog
from core.foundation.schedules.schedule_switches import ScheduleSwitches
from core.foundation.sql.database import Database


class WithRecords(Protocol):
    """What has a records database."""

    @property
    def records(self) -> Database:
        """The records database."""


class ScheduleStores:
    """What schedules leave and what is wished of them, each opened on first use."""

    @opened_once
    def nightly_log(self: WithRecords) -> NightlyLog:
        """What each night did."""
        return NightlyLog(self.records)

    @opened_once
    def schedule_switches(self: WithRecords) -> ScheduleSwitches:
        """Which schedules people want."""
        return ScheduleSwitches(self.records)
