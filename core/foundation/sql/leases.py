"""Who may do a piece of work: one holder at a time in all processes, for as long as it beats."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from core.foundation.errors import BusyError, TickerLensError
from core.foundation.sql.database import Database, Instant, metadata

TTL_SECONDS = 15.0
BEAT_SECONDS = 3.0
_CLOCK_SLACK = timedelta(seconds=5)
_leases = sa.Table(
    "leases",
    metadata,
    sa.Column("name", sa.String(96), primary_key=True),
    sa.Column("holder", sa.String(64), nullable=False),
    sa.Column("acquired_at", Instant, nullable=False),
    sa.Column("expires_at", Instant, nullable=False),
    sa.Column("fence", sa.Integer, nullable=False),
)


class LeaseLostError(TickerLensError):
    """Another holder may have the work by now; nothing more of it is to be stored."""


@dataclass(frozen=True)
class Lease:
    """A name that one holder has.

    Parameters
    ----------
    holder : a word of the holder's own.
    fence : grows with every holder of the name.
    """

    name: str
    holder: str
    acquired_at: datetime
    fence: int


class Leases:
    """Leases in the records database, by the clock of that database.

    On SQLite that is the clock of this machine. Where a clock was moved, a lease may be lost
    early; the fence keeps what a former holder does from being stored.

    Parameters
    ----------
    ttl : seconds after which a lease ends that nobody renews.
    """

    def __init__(self, database: Database, ttl: float = TTL_SECONDS) -> None:
        self._database = database
        self._ttl = timedelta(seconds=ttl)

    def acquire(self, name: str, holder: str) -> Lease:
        """Become the holder.

        Raises
        ------
        BusyError : another one is; its `parameter` is that holder.
        """
        with self._database.write() as connection:
            now = _now(connection)
            row = connection.execute(_of(name)).one_or_none()
            if row is not None and self._in_force(row, now):
                raise BusyError(
                    "lease.taken",
                    "{name} is under way since {since}.",
                    {"name": name, "since": row.acquired_at.isoformat(timespec="seconds")},
                    parameter=row.holder,
                )
            fence = 1 if row is None else row.fence + 1
            values = {"holder": holder, "acquired_at": now, "expires_at": now + self._ttl}
            changed = {**values, "fence": fence}
            if row is None:
                connection.execute(sa.insert(_leases).values(name=name, **changed))
            else:
                changing = sa.update(_leases).where(_leases.c.name == name)
                connection.execute(changing.values(**changed))
        return Lease(name, holder, now, fence)

    def renew(self, lease: Lease) -> bool:
        """Stay the holder for another while; False if another one came meanwhile."""
        with self._database.write() as connection:
            expires = _now(connection) + self._ttl
            changing = sa.update(_leases).where(*_same(lease)).values(expires_at=expires)
            return connection.execute(changing).rowcount == 1

    def release(self, lease: Lease) -> None:
        """End it now, if it is the holder's still; the fence stays for the next one."""
        with self._database.write() as connection:
            ended = {"holder": "", "expires_at": _now(connection)}
            connection.execute(sa.update(_leases).where(*_same(lease)).values(**ended))

    def verify(self, connection: sa.Connection, lease: Lease) -> None:
        """Within a transaction that is to store something: whether it is the holder's still.

        Raises
        ------
        LeaseLostError : it has run out, or another one came meanwhile.
        """
        row = connection.execute(_of(lease.name).where(*_same(lease))).one_or_none()
        if row is None or not self._in_force(row, _now(connection)):
            raise _lost(lease)

    def in_force(self) -> list[Lease]:
        """Every lease that somebody has now."""
        with self._database.read() as connection:
            now = _now(connection)
            return [
                Lease(row.name, row.holder, row.acquired_at, row.fence)
                for row in connection.execute(sa.select(_leases))
                if self._in_force(row, now)
            ]

    @contextmanager
    def hold(self, name: str, holder: str, beat: float = BEAT_SECONDS) -> "Iterator[HeldLease]":
        """Be the holder while the block runs; a thread renews the lease every `beat` seconds.

        Raises
        ------
        BusyError : another one is.
        """
        holding = HeldLease(self, self.acquire(name, holder))
        beating = threading.Thread(
            target=holding.beat_until_over, args=(beat,), name=f"lease {name}", daemon=True
        )
        beating.start()
        try:
            yield holding
        finally:
            holding.over.set()
            beating.join(beat)
            with suppress(TickerLensError):  # it runs out by itself
                self.release(holding.lease)

    def _in_force(self, row: sa.Row[tuple[object, ...]], now: datetime) -> bool:
        # Further ahead than any renewal puts it, the clock was set back.
        return bool(row.holder) and now < row.expires_at <= now + self._ttl + _CLOCK_SLACK


class HeldLease:
    """A lease while it is renewed."""

    def __init__(self, leases: Leases, lease: Lease) -> None:
        self.lease = lease
        self.over = threading.Event()
        self._leases = leases
        self._lost = False

    def check(self) -> None:
        """Look whether it is still there, as far as is known; asks no database.

        Raises
        ------
        LeaseLostError : another holder came meanwhile.
        """
        if self._lost:
            raise _lost(self.lease)

    def beat_until_over(self, beat: float) -> None:
        """Renew it every so many seconds; a database that is away for a moment is asked again."""
        while not self.over.wait(beat):
            with suppress(TickerLensError):
                if not self._leases.renew(self.lease):
                    self._lost = True
                    return


def _lost(lease: Lease) -> LeaseLostError:
    return LeaseLostError(
        "lease.lost",
        "The lease {name} was lost: this process gave no sign of life for too long, or another "
        "one came. Nothing more is stored.",
        {"name": lease.name},
    )


def _of(name: str) -> sa.Select[tuple[object, ...]]:
    return sa.select(_leases).where(_leases.c.name == name)


def _same(lease: Lease) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        _leases.c.name == lease.name,
        _leases.c.fence == lease.fence,
        _leases.c.holder == lease.holder,
    )


def _now(connection: sa.Connection) -> datetime:
    """The instant by the database's clock; transactions begin before they wait for the lock."""
    if connection.dialect.name == "postgresql":
        now = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        assert isinstance(now, datetime)
        return now.astimezone(UTC)
    return datetime.now(UTC)
