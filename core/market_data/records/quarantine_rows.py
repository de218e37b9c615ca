"""The entries of the quarantine, and how a row of its table holds one."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Self

import sqlalchemy as sa

from core.foundation.messages import Message
from core.foundation.sql.database import Instant, metadata
from core.foundation.stored_names import StoredNames
from core.market_data.checks.finding import Fault
from core.reference.bar_holds import Hold
from core.reference.renames import Renames


class QuarantineStatus(StrEnum):
    """The state of a fault."""

    OPEN = "open"  # waits for a decision
    RELEASED = "released"  # its bars were accepted
    DISCARDED = "discarded"  # its bars are never to be used
    RESOLVED = "resolved"  # no longer found
    REPAIRED = "mended"  # without a loss


quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("ticker", sa.String(20), nullable=False),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column("code", sa.String(16), nullable=False),
    sa.Column("first", sa.Date, nullable=False),
    sa.Column("last", sa.Date, nullable=False),
    sa.Column("sessions", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("held", sa.String(8), nullable=False),
    sa.Column("digest", sa.String(16), nullable=False),
    sa.Column("found_at", Instant, nullable=False),
    sa.Column("standing", sa.String(16), nullable=False),
    sa.Column("decided_by", sa.String(64), nullable=True),
    sa.Column("decided_at", Instant, nullable=True),
    sa.Column("why", sa.Text, nullable=True),
    # Unknown of faults that were found before this was kept.
    sa.Column("message", sa.JSON(none_as_null=True), nullable=True),
    sa.Column("explanation", sa.String(40), nullable=True),
    sa.UniqueConstraint("ticker", "code", "first", "digest", name="quarantine_once"),
)
_NAMES = StoredNames(hold="held", status="standing", decision_reason="why")


@dataclass(frozen=True)
class QuarantineEntry:
    """One fault of one ticker's bars.

    Parameters
    ----------
    first, last, sessions : the first and last session at fault, and how many.
    hold : what must not be read of them; empty if nothing is withheld.
    digest : of the first session's values, so that other values are another fault.
    id : 0 before it is stored.
    decided_by, decided_at, decision_reason : who released or discarded it, when, and why.
    message : `reason` as a code and its numbers; None of what was found before there were codes.
    explanation : what a person said a step was, as `core.market_data.records.step_explanation`
        reads it.
    """

    ticker: str
    source: str
    code: Fault
    first: date
    last: date
    sessions: int
    reason: str
    hold: Hold
    digest: str
    found_at: datetime
    status: QuarantineStatus = QuarantineStatus.OPEN
    id: int = 0
    decided_by: str | None = None
    decided_at: datetime | None = None
    decision_reason: str | None = None
    message: Message | None = None
    explanation: str | None = None

    def with_message(self, message: Message) -> Self:
        """The same fault with another message."""
        return replace(self, reason=str(message), message=message)

    @property
    def decided(self) -> bool:
        """Whether what a person said of it holds."""
        return self.status in (QuarantineStatus.RELEASED, QuarantineStatus.DISCARDED)

    @property
    def key(self) -> tuple[str, str, date, str]:
        """What makes two entries the same fault."""
        return self.ticker, self.code, self.first, self.digest


def values_of(entry: QuarantineEntry) -> dict[str, Any]:
    """What is stored of an entry, but for its number and the symbol that it was found under."""
    values = _NAMES.stored(vars(entry))
    del values["id"], values["ticker"]
    return {**values, "message": None if entry.message is None else entry.message.to_dict()}


def entry_of(row: sa.Row[Any], renames: Renames) -> QuarantineEntry:
    """The entry of a row, named by the symbol that its ticker has now."""
    values = _NAMES.own(row._asdict())
    words = {
        "ticker": renames.now(row.ticker),
        "code": Fault(values["code"]),
        "hold": Hold(values["hold"]),
        "status": QuarantineStatus(values["status"]),
        "message": None if row.message is None else Message.from_stored(row.message),
    }
    return QuarantineEntry(**{**values, **words})


def once(entries: Iterable[QuarantineEntry]) -> list[QuarantineEntry]:
    """Each fault once: of those that several symbols of a ticker had, the last that was decided."""
    return list({entry.key: entry for entry in sorted(entries, key=_weight)}.values())


def _weight(entry: QuarantineEntry) -> tuple[bool, datetime, int]:
    decided_at = entry.decided_at if entry.decided else None
    return entry.decided, decided_at or entry.found_at, entry.id
