"""Work that was asked for, kept until the scheduler has taken it and until it has ended."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from core.foundation.errors import NotFoundError
from core.foundation.sql.database import Database, Instant, metadata
from core.foundation.stored_names import StoredNames

_requests = sa.Table(
    "requests",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("key", sa.String(36), nullable=False, unique=True),
    sa.Column("flow", sa.String(32), nullable=False),
    sa.Column("parameters", sa.JSON, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("run_id", sa.String(36), nullable=True),
    sa.Column("ended_at", Instant, nullable=True),
    sa.Column("outcome", sa.String(32), nullable=True),
)
_NAMES = StoredNames(actor="who")
# Two clicks, tabs or processes at once: the database itself lets one request of a flow be open.
sa.Index(
    "requests_one_open",
    _requests.c.flow,
    unique=True,
    sqlite_where=_requests.c.ended_at.is_(None),
    postgresql_where=_requests.c.ended_at.is_(None),
)


class RunState(StrEnum):
    """How a run is, in the scheduler's words, and how it ended; `LOST` is a word of our own."""

    SCHEDULED = "SCHEDULED"
    PENDING = "PENDING"
    RUNNING = "RUNNING"
    PAUSED = "PAUSED"
    CANCELLING = "CANCELLING"  # also of a request that is open still and was asked to stop
    COMPLETED = "COMPLETED"
    FAILED = "FAILED"
    CRASHED = "CRASHED"
    CANCELLED = "CANCELLED"
    LOST = "LOST"  # the scheduler does not know it any more

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self in _ENDED


_ENDED = (
    RunState.COMPLETED,
    RunState.FAILED,
    RunState.CRASHED,
    RunState.CANCELLED,
    RunState.LOST,
)


@dataclass(frozen=True)
class Request:
    """One piece of work asked for.

    Parameters
    ----------
    id : counts up.
    key : makes submitting it twice one run.
    flow : the flow to run, with `parameters`.
    run_id : the flow run, None until the scheduler has taken it.
    ended_at, outcome : when and how the run ended, None before; `RunState.CANCELLING` from the
        moment on that it was asked to stop.
    """

    id: int
    key: str
    flow: str
    actor: str
    asked_at: datetime
    parameters: dict[str, Any] = field(default_factory=dict)
    run_id: str | None = None
    ended_at: datetime | None = None
    outcome: str | None = None

    @property
    def stopping(self) -> bool:
        """Whether somebody asked it to stop, and it has not ended yet."""
        return self.ended_at is None and self.outcome == RunState.CANCELLING


class Outbox:
    """Requests in the records database; one of a flow may be open at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(
        self, flow: str, parameters: dict[str, Any], actor: str, at: datetime
    ) -> tuple[Request, bool]:
        """Add a request, unless one of this flow is open: then that one, and False."""
        values = dict(
            flow=flow, parameters=parameters, who=actor, asked_at=at, key=str(uuid.uuid4())
        )
        try:
            with self._database.write() as connection:
                inserted = sa.insert(_requests).values(**values).returning(_requests.c.id)
                number = int(connection.execute(inserted).scalar_one())
            return self.get(number), True
        except sa.exc.IntegrityError:
            return self._select(_requests.c.flow == flow, _requests.c.ended_at.is_(None))[0], False

    def sent(self, number: int, run_id: str) -> None:
        """Note the run that the scheduler made of a request."""
        self._update(number, run_id=run_id)

    def ended(self, number: int, outcome: RunState, at: datetime) -> None:
        """Note how its run ended; the first word on it stands."""
        self._update(number, outcome=outcome, ended_at=at)

    def stop(self, number: int, at: datetime) -> None:
        """Take back what waits for the scheduler; what it has taken is marked as stopping."""
        waits = _requests.c.run_id.is_(None)
        with self._database.write() as connection:
            for condition, values in (
                (waits, {"outcome": RunState.CANCELLED, "ended_at": at}),
                (~waits, {"outcome": RunState.CANCELLING}),
            ):
                still = (_requests.c.id == number, _requests.c.ended_at.is_(None), condition)
                connection.execute(sa.update(_requests).where(*still).values(**values))

    def taken_back(self, since: datetime) -> list[Request]:
        """Requests that were stopped before the scheduler was known to have taken them."""
        return self._select(
            _requests.c.run_id.is_(None),
            _requests.c.outcome == RunState.CANCELLED,
            _requests.c.ended_at >= since,
        )

    def get(self, number: int) -> Request:
        """One request.

        Raises
        ------
        NotFoundError : there is no such request.
        """
        found = self._select(_requests.c.id == number)
        if not found:
            raise NotFoundError(
                "request.unknown",
                "There is no request {number}.",
                {"number": number},
                parameter="request",
            )
        return found[0]

    def open(self) -> list[Request]:
        """Requests that have not ended, oldest first."""
        return self._select(_requests.c.ended_at.is_(None))

    def latest(self, flow: str, limit: int = 10) -> list[Request]:
        """The newest requests of a flow, newest first."""
        query = sa.select(_requests).where(_requests.c.flow == flow)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(_requests.c.id.desc()).limit(limit)).all()
        return [_request(row) for row in rows]

    def _select(self, *conditions: sa.ColumnElement[bool]) -> list[Request]:
        query = sa.select(_requests).where(*conditions).order_by(_requests.c.id)
        with self._database.read() as connection:
            return [_request(row) for row in connection.execute(query)]

    def _update(self, number: int, **values: Any) -> None:
        still = (_requests.c.id == number, _requests.c.ended_at.is_(None))
        with self._database.write() as connection:
            connection.execute(sa.update(_requests).where(*still).values(**values))


def _request(row: sa.Row[Any]) -> Request:
    return Request(**_NAMES.own(row._asdict()))
