"""Work that was asked for, kept until the scheduler has taken it and until it has ended."""

import uuid
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from core.foundation.errors import InvalidInputError, NotFoundError, TickerLensError
from core.foundation.messages import Message
from core.foundation.sql.database import Database
from core.foundation.sql.request_table import (
    Request,
    RequestOrigin,
    RunState,
    WantedWork,
    request_keys,
    requests,
)

__all__ = ["Outbox", "Request", "RequestOrigin", "RunState", "StoppedError", "WantedWork"]

MAX_KEY_CHARACTERS = 255
_KEYS_REMEMBERED = timedelta(days=7)
_is_open = requests.c.ended_at.is_(None)


class StoppedError(TickerLensError):
    """Somebody asked the work to stop, or it was given up; nothing of it is to be kept."""


class Outbox:
    """Requests in the records database; one of a flow and scope may be open at a time."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def ask(
        self,
        flow: str,
        parameters: dict[str, Any],
        actor: str,
        at: datetime,
        origin: RequestOrigin = RequestOrigin.PROGRAM,
        key: str = "",
    ) -> tuple[Request, bool]:
        """Add a request, unless one of its flow and scope is open: then that one, and False.

        Parameters
        ----------
        key : what the actor calls this request. The same key gives the same one for days, also
            after its end; empty asks for no such thing.

        Raises
        ------
        InvalidInputError : the actor used the key for other work, or it is too long.
        """
        work = WantedWork(flow, parameters, actor, origin)
        if len(key) > MAX_KEY_CHARACTERS or not key.isprintable():
            raise InvalidInputError(
                "request.bad-key",
                "A key of a request has at most {most} characters, all of them visible.",
                {"most": MAX_KEY_CHARACTERS},
                parameter="key",
            )
        with self._database.write() as connection:
            found = _keyed(connection, work, key, at) if key else None
            if found is not None:
                return found, False
            found = _open_one(connection, work)
            request = found or _insert(connection, work, at)
            if key:
                values = {"key": key, "digest": work.digest, "at": at, "request": request.id}
                row = {"who": work.stored_actor, **values}
                connection.execute(sa.insert(request_keys).values(**row))
        return request, found is None

    def begin(
        self,
        work: WantedWork,
        at: datetime,
        key: str,
        run_id: str | None = None,
        due: tuple[datetime, timedelta] | None = None,
    ) -> Request:
        """Note that a process begins with work, which was asked for or begins by itself.

        Parameters
        ----------
        key : of the request that was asked for, or of the one to be added.
        run_id : the flow run that does it.
        due : when it was to begin, and how long before a finished one is as good as this one.

        Returns
        -------
        The request. It has ended if there is nothing to do: it was taken back, or skipped for
        another of its scope, which is open or was finished after this one was due.
        """
        asked_at = at if due is None else due[0]
        with self._database.write() as connection:
            known = _select(connection, requests.c.key == key)
            if known:
                values: dict[str, Any] = {"started_at": at, "run_id": run_id}
                begins = (requests.c.key == key, _is_open, _not_stopping())
                connection.execute(sa.update(requests).where(*begins).values(**values))
                return _select(connection, requests.c.key == key)[0]
            other = _open_one(connection, work)
            added: dict[str, Any] = {"key": key, "run_id": run_id}
            if other is not None and _waits_for_program(other):  # what begins now is what it wants
                _update(connection, other.id, ended_at=at, outcome=RunState.SKIPPED)
                request = _insert(connection, work, asked_at, **added, started_at=at)
                replaced = sa.update(requests).where(requests.c.id == other.id)
                connection.execute(replaced.values(skipped_for=request.id))
                return request
            if other is None and due is not None:
                other = _finished_since(connection, work, asked_at - due[1])
            if other is None:
                return _insert(connection, work, asked_at, **added, started_at=at)
            added |= {"outcome": RunState.SKIPPED, "ended_at": at, "skipped_for": other.id}
            return _insert(connection, work, asked_at, **added)

    def skip(
        self, work: WantedWork, at: datetime, key: str, run_id: str | None, other: int
    ) -> None:
        """Note work that was skipped for another request."""
        ended = {"outcome": RunState.SKIPPED, "ended_at": at, "skipped_for": other}
        with self._database.write() as connection:
            _insert(connection, work, at, key=key, run_id=run_id, **ended)

    def of_run(self, run_id: str, key: str) -> Request | None:
        """The request that a flow run is to do: open, or ended without having begun."""
        mine = (requests.c.run_id == run_id) | (requests.c.key == key)
        may_begin = _is_open | requests.c.started_at.is_(None)
        found = self._select(mine, may_begin)
        return found[-1] if found else None

    def sent(self, number: int, run_id: str) -> None:
        """Note the run that the scheduler made of a request."""
        self._update(number, run_id=run_id)

    def ended(
        self, number: int, outcome: RunState, at: datetime, sentence: Message | None = None
    ) -> None:
        """Note how its run ended; the first word on it stands."""
        stored = None if sentence is None else sentence.to_dict()
        self._update(number, outcome=outcome, ended_at=at, sentence=stored)

    def stop(self, number: int, at: datetime) -> None:
        """Take back what waits for the scheduler; what it has taken is marked as stopping."""
        waits = requests.c.run_id.is_(None) & requests.c.started_at.is_(None)
        with self._database.write() as connection:
            for condition, values in (
                (waits, {"outcome": RunState.CANCELLED, "ended_at": at}),
                (~waits, {"outcome": RunState.CANCELLING}),
            ):
                still = (requests.c.id == number, _is_open, condition)
                connection.execute(sa.update(requests).where(*still).values(**values))

    def verify(self, connection: sa.Connection, number: int) -> None:
        """`require_wanted` within a transaction that is to store something."""
        (request,) = _select(connection, requests.c.id == number)
        if request.stopping or request.outcome == RunState.CANCELLED:
            raise StoppedError("request.stopped", "It was cancelled.")
        if request.ended_at is not None:
            raise StoppedError(
                "request.given-up", "Request {number} was given up meanwhile.", {"number": number}
            )

    def require_wanted(self, number: int) -> None:
        """Raise a `StoppedError` where work was asked to stop or given up."""
        with self._database.read() as connection:
            self.verify(connection, number)

    def taken_back(self, since: datetime) -> list[Request]:
        """Requests that were stopped before the scheduler was known to have taken them."""
        return self._select(
            requests.c.run_id.is_(None),
            requests.c.outcome.in_((RunState.CANCELLED, RunState.SKIPPED)),
            requests.c.started_at.is_(None),
            requests.c.ended_at >= since,
        )

    def get(self, number: int) -> Request:
        """One request.

        Raises
        ------
        NotFoundError : there is no such request.
        """
        found = self._select(requests.c.id == number)
        if not found:
            raise NotFoundError(
                "request.unknown",
                "There is no request {number}.",
                {"number": number},
                parameter="request",
            )
        return found[0]

    def open(self, flow: str | None = None) -> list[Request]:
        """Requests that have not ended, of a flow or of all, oldest first."""
        return self._select(_is_open, *(() if flow is None else (requests.c.flow == flow,)))

    def latest(self, flow: str, limit: int = 10, before: int | None = None) -> list[Request]:
        """The newest requests of a flow, newest first; those before another one, if given."""
        query = sa.select(requests).where(requests.c.flow == flow)
        if before is not None:
            query = query.where(requests.c.id < before)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(requests.c.id.desc()).limit(limit)).all()
        return [Request.of(row) for row in rows]

    def runs(self, flow: str) -> set[str]:
        """What the versions of a flow's requests are known by, see `Request.run`."""
        query = sa.select(requests.c.run_id, requests.c.key).where(requests.c.flow == flow)
        with self._database.read() as connection:
            return {row.run_id or row.key for row in connection.execute(query)}

    def _select(self, *conditions: sa.ColumnElement[bool]) -> list[Request]:
        with self._database.read() as connection:
            return _select(connection, *conditions)

    def _update(self, number: int, **values: Any) -> None:
        with self._database.write() as connection:
            _update(connection, number, **values)


def _select(connection: sa.Connection, *conditions: sa.ColumnElement[bool]) -> list[Request]:
    query = sa.select(requests).where(*conditions).order_by(requests.c.id)
    return [Request.of(row) for row in connection.execute(query)]


def _update(connection: sa.Connection, number: int, **values: Any) -> None:
    still = (requests.c.id == number, _is_open)
    connection.execute(sa.update(requests).where(*still).values(**values))


def _insert(
    connection: sa.Connection, work: WantedWork, asked_at: datetime, **values: Any
) -> Request:
    row = {"key": str(uuid.uuid4()), "asked_at": asked_at, **work.to_row(), **values}
    inserted = sa.insert(requests).values(**row).returning(requests.c.id)
    number = int(connection.execute(inserted).scalar_one())
    return _select(connection, requests.c.id == number)[0]


def _open_one(connection: sa.Connection, work: WantedWork) -> Request | None:
    same = (requests.c.flow == work.flow, requests.c.scope == work.scope)
    return next(iter(_select(connection, *same, _is_open)), None)


def _finished_since(connection: sa.Connection, work: WantedWork, since: datetime) -> Request | None:
    same = (requests.c.flow == work.flow, requests.c.scope == work.scope)
    done = (requests.c.outcome == RunState.COMPLETED, requests.c.ended_at > since)
    return next(reversed(_select(connection, *same, *done)), None)


def _not_stopping() -> sa.ColumnElement[bool]:
    return requests.c.outcome.is_distinct_from(RunState.CANCELLING)


def _waits_for_program(request: Request) -> bool:
    """Whether only the program asked for it, and nobody took it yet."""
    waits = request.run_id is None and request.started_at is None
    return waits and request.origin == RequestOrigin.PROGRAM


def _keyed(connection: sa.Connection, work: WantedWork, key: str, at: datetime) -> Request | None:
    """The request that the actor calls by a key; old keys are forgotten."""
    old = request_keys.c.at < at - _KEYS_REMEMBERED
    connection.execute(sa.delete(request_keys).where(old))
    mine = (request_keys.c.who == work.stored_actor, request_keys.c.key == key)
    row = connection.execute(sa.select(request_keys).where(*mine)).one_or_none()
    if row is None:
        return None
    if row.digest != work.digest:
        raise InvalidInputError(
            "request.key-reused",
            "This key was used for request {number}, which asks for something else; give another.",
            {"number": row.request},
            parameter="key",
        )
    return _select(connection, requests.c.id == row.request)[0]
