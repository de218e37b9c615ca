"""What the night of each market and session did, and which process works on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from core.foundation.errors import BusyError
from core.foundation.messages import Message
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames

_runs = sa.Table(
    "nightly_runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("market", sa.String(16), nullable=False),
    sa.Column("session", sa.Date, nullable=False),
    sa.Column("status", sa.String(16), nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("run", sa.String(64), nullable=False),
    sa.Column("started_at", Instant, nullable=True),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("steps", sa.JSON, nullable=False),
    sa.Column("reason", sa.JSON(none_as_null=True), nullable=True),
    sa.UniqueConstraint("market", "session", name="nightly_runs_one_a_session"),
)
_NAMES = StoredNames(actor="who")


class NightlyStatus(StrEnum):
    """How a night, or one step of it, is or ended."""

    RUNNING = "running"
    OK = "ok"
    PARTIAL = "partial"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class NightlyStep:
    """One step of a night; `message` says what it did, or why it failed."""

    status: NightlyStatus
    ended_at: datetime
    message: Message

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        ended = self.ended_at.isoformat()
        return {"status": self.status, "ended_at": ended, "message": self.message.to_dict()}


@dataclass(frozen=True)
class NightlyRun:
    """The night of one market and session.

    Parameters
    ----------
    session : the exchange's own date; of the market "other", which has many exchanges, the day.
    run : the lock of the process that works on it, or did.
    started_at : None of a night that was skipped.
    steps : those that came to an end, by name, in order.
    reason : why it was skipped; None if it was not.
    """

    id: int
    market: str
    session: date
    status: NightlyStatus
    actor: str
    run: str
    started_at: datetime | None
    ended_at: datetime | None
    steps: Mapping[str, NightlyStep]
    reason: Message | None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values."""
        return {
            "market": self.market,
            "session": str(self.session),
            "status": self.status,
            "who": self.actor,
            "started_at": self.started_at and self.started_at.isoformat(),
            "ended_at": self.ended_at and self.ended_at.isoformat(),
            "steps": {
                name: {**one.to_dict(), "message": str(one.message)}
                for name, one in self.steps.items()
            },
            "reason": self.reason and str(self.reason),
        }


class NightlyLog:
    """Stores one row a market and session; one process at a time works on it."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def of(self, market: str, session: date) -> NightlyRun | None:
        """The night of one session; None if nothing is on record of it."""
        found = self._select(1, _runs.c.market == market, _runs.c.session == session)
        return found[0] if found else None

    def latest(self, market: str, limit: int = 1, skipped: bool = True) -> list[NightlyRun]:
        """The nights of the newest sessions of a market, newest first; `skipped` ones too."""
        own = [_runs.c.market == market]
        if not skipped:
            own.append(_runs.c.status != NightlyStatus.SKIPPED)
        return self._select(limit, *own)

    def claim(
        self,
        wanted: NightlyRun,
        is_alive: Callable[[str], bool],
        again: bool = False,
    ) -> tuple[NightlyRun, bool]:
        """Begin the night of a session, or go on where one was stopped.

        Parameters
        ----------
        wanted : as it is to begin; its `id` and `steps` are not looked at.
        is_alive : whether the process that holds a lock lives.
        again : also what came to a good end before.

        Returns
        -------
        What is on record then, and whether it is the caller's; it is not where the night came to
        a good end before.

        Raises
        ------
        BusyError : another process works on it.
        """
        values = _NAMES.stored(vars(wanted)) | {"reason": None, "steps": {}}
        del values["id"]
        try:
            with self._database.write() as connection:
                connection.execute(sa.insert(_runs).values(**values))
            return self._known(wanted), True
        except sa.exc.IntegrityError:
            before = self._known(wanted)
        if before.status == NightlyStatus.RUNNING and is_alive(before.run):
            raise _busy(before)
        if before.status == NightlyStatus.OK and not again:
            return before, False
        fresh = again or before.status == NightlyStatus.SKIPPED
        steps = {} if fresh else {name: one.to_dict() for name, one in _fine(before).items()}
        same = sa.and_(_runs.c.id == before.id, _runs.c.run == before.run)
        with self._database.write() as connection:
            taken = connection.execute(
                sa.update(_runs)
                .where(same, _runs.c.status == before.status)
                .values(**{**values, "steps": steps})
            ).rowcount
        if not taken:
            raise _busy(before)
        return self._known(wanted), True

    def add_step(self, night: NightlyRun, name: str, step: NightlyStep) -> None:
        """Note that a step came to an end; those after it are done anew."""
        with self._database.write() as connection:
            query = sa.select(_runs.c.steps).where(_runs.c.id == night.id)
            steps = {**connection.execute(query).scalar_one(), name: step.to_dict()}
            connection.execute(sa.update(_runs).where(_runs.c.id == night.id).values(steps=steps))

    def end(
        self, night: NightlyRun, status: NightlyStatus, at: datetime, reason: Message | None = None
    ) -> None:
        """Note how a night ended; `reason` says why it was skipped after all."""
        values = {"status": status, "ended_at": at, "reason": reason and reason.to_dict()}
        with self._database.write() as connection:
            connection.execute(sa.update(_runs).where(_runs.c.id == night.id).values(**values))

    def skip(self, market: str, session: date, reason: Message, actor: str, at: datetime) -> None:
        """Note why there is no night of a session; what is on record of it already stays."""
        values = dict(
            market=market,
            session=session,
            status=NightlyStatus.SKIPPED,
            who=actor,
            run="",
            ended_at=at,
            steps={},
            reason=reason.to_dict(),
        )
        if self.of(market, session) is None:
            try:
                with self._database.write() as connection:
                    connection.execute(sa.insert(_runs).values(**values))
            except sa.exc.IntegrityError:
                return  # another process was first

    def _known(self, wanted: NightlyRun) -> NightlyRun:
        found = self.of(wanted.market, wanted.session)
        assert found is not None
        return found

    def _select(self, limit: int, *conditions: sa.ColumnElement[bool]) -> list[NightlyRun]:
        query = sa.select(_runs).where(*conditions).order_by(_runs.c.session.desc()).limit(limit)
        with self._database.read() as connection:
            return [_night(row) for row in connection.execute(query)]


def _fine(night: NightlyRun) -> dict[str, NightlyStep]:
    """The first steps that came to a good end; what follows one that did not is done anew."""
    found = {}
    for name, step in night.steps.items():
        if step.status != NightlyStatus.OK:
            break
        found[name] = step
    return found


def _busy(night: NightlyRun) -> BusyError:
    return BusyError(
        "nightly.under-way",
        "The night of {market} for {session} is under way already; nothing was begun.",
        {"market": night.market, "session": night.session},
        parameter="market",
    )


def _night(row: sa.Row[Any]) -> NightlyRun:
    values = _NAMES.own(row._asdict())
    steps = {
        name: NightlyStep(
            NightlyStatus(one["status"]),
            datetime.fromisoformat(one["ended_at"]),
            Message.from_stored(one["message"]),
        )
        for name, one in row.steps.items()
    }
    reason = row.reason and Message.from_stored(row.reason)
    status = NightlyStatus(row.status)
    return NightlyRun(**{**values, "status": status, "steps": steps, "reason": reason})
