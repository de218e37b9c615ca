"""The rows of work that was asked for, and the words for how it is."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from core.foundation.messages import Message
from core.foundation.sql.database import Instant, metadata
from core.foundation.stored_names import StoredNames

requests = sa.Table(
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
    sa.Column("scope", sa.String(64), nullable=False, server_default=""),
    sa.Column("origin", sa.String(16), nullable=False, server_default="program"),
    sa.Column("started_at", Instant, nullable=True),
    sa.Column("skipped_for", sa.Integer, nullable=True),
    sa.Column("sentence", sa.JSON(none_as_null=True), nullable=True),
)
# Two clicks, tabs or processes at once: the database itself lets one request of a scope be open.
sa.Index(
    "requests_one_open",
    requests.c.flow,
    requests.c.scope,
    unique=True,
    sqlite_where=requests.c.ended_at.is_(None),
    postgresql_where=requests.c.ended_at.is_(None),
)
# What the one who asked calls a request, so that asking twice is asking once.
request_keys = sa.Table(
    "request_keys",
    metadata,
    sa.Column("who", sa.String(64), primary_key=True),
    sa.Column("key", sa.String(255), primary_key=True),
    sa.Column("request", sa.Integer, sa.ForeignKey("requests.id"), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
)
STORED_NAMES = StoredNames(actor="who")
_MAX_SCOPE, _MAX_ACTOR = 64, 64


class RunState(StrEnum):
    """How a run is, in the scheduler's words, and how it ended; the last two are our own."""

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
    SKIPPED = "SKIPPED"  # another one of the same scope was open

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
    RunState.SKIPPED,
)


class RequestOrigin(StrEnum):
    """What asked: a person by a button, a route or a command, or the program by itself."""

    PAGE = "page"
    API = "api"
    SCHEDULE = "schedule"
    DRIFT = "drift"
    COMMAND = "command"
    PROGRAM = "program"


@dataclass(frozen=True)
class Request:
    """One piece of work asked for.

    Parameters
    ----------
    id : counts up.
    key : makes submitting it twice one run.
    flow : the flow to run, with `parameters`.
    run_id : the flow run, None until the scheduler has taken it, and where none does the work.
    ended_at, outcome : when and how the run ended, None before; `RunState.CANCELLING` from the
        moment on that it was asked to stop.
    scope : what it is about; one request of a flow and scope is open at a time.
    started_at : when a process began with it, None before.
    skipped_for : the request it was skipped for.
    sentence : how it ended, where there is more to say than the outcome.
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
    scope: str = ""
    origin: str = RequestOrigin.PROGRAM
    started_at: datetime | None = None
    skipped_for: int | None = None
    sentence: Message | None = None

    @property
    def stopping(self) -> bool:
        """Whether somebody asked it to stop, and it has not ended yet."""
        return self.ended_at is None and self.outcome == RunState.CANCELLING

    @property
    def run(self) -> str:
        """What its version is known by: the flow run, or its key where no flow did the work."""
        return self.run_id or self.key

    @classmethod
    def of(cls, row: sa.Row[Any]) -> "Request":
        """A row of the table."""
        values = STORED_NAMES.own(row._asdict())
        sentence = values.pop("sentence")
        return cls(**values, sentence=None if sentence is None else Message.from_stored(sentence))


@dataclass(frozen=True)
class WantedWork:
    """Work as it is asked for; `parameters` may name its scope."""

    flow: str
    parameters: Mapping[str, Any]
    actor: str
    origin: RequestOrigin = RequestOrigin.PROGRAM

    @property
    def scope(self) -> str:
        """What it is about; empty if nothing narrows it."""
        return str(self.parameters.get("scope", ""))[:_MAX_SCOPE]

    @property
    def stored_actor(self) -> str:
        """Who asks, as it goes on record."""
        return self.actor[:_MAX_ACTOR]

    @property
    def digest(self) -> str:
        """The same of the same work."""
        text = json.dumps([self.flow, dict(self.parameters)], sort_keys=True, default=str)
        return hashlib.sha256(text.encode()).hexdigest()

    def to_row(self) -> dict[str, Any]:
        """Its columns, but for the key and the time."""
        return {
            "flow": self.flow,
            "scope": self.scope,
            "parameters": dict(self.parameters),
            "who": self.stored_actor,
            "origin": self.origin,
        }
