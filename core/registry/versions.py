"""Registered models, and what makes the forecasts: one of them, or another in its place."""

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from cachetools import LRUCache

from core.foundation.errors import NotFoundError
from core.foundation.messages import Message
from core.foundation.sql.database import Database, Instant, metadata
from core.models import Forecaster
from core.reference.renames import Renames
from core.registry.model_card import ModelCard

_MAX_READ = 64  # versions in memory
_versions = sa.Table(
    "model_versions",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("created_at", Instant, nullable=False),
    sa.Column("card", sa.JSON, nullable=False),
    sqlite_autoincrement=True,
)
_of = _versions.c
# The card as it is stored: to understand it takes much longer than to read it.
_STORED = sa.select(
    _of.version, _of.name, _of.sha256, _of.created_at, sa.cast(_of.card, sa.Text).label("card")
)


@dataclass(frozen=True)
class ModelVersion:
    """One registered training; `version` counts up from 1."""

    version: int
    name: str
    sha256: str
    created_at: datetime
    card: ModelCard


class StoredVersions:
    """The versions on record, with the symbols that their tickers have now.

    Parameters
    ----------
    renames : gives the renames in force.
    """

    def __init__(self, database: Database, renames: Callable[[], Renames]) -> None:
        self._database, self._renames = database, renames
        self._understood: LRUCache[Any, ModelVersion] = LRUCache(_MAX_READ)
        self._lock = threading.Lock()

    def add(self, connection: sa.Connection, **values: Any) -> int:
        """Write a version down; its number."""
        inserted = sa.insert(_versions).values(**values).returning(_of.version)
        return int(connection.execute(inserted).scalar_one())

    def all(self) -> list[ModelVersion]:
        """Every version, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(_STORED.order_by(_of.version)).all()
        renames = self._renames()
        return [self._understand(row, renames) for row in rows]

    def get(self, version: int) -> ModelVersion:
        """One version.

        Raises
        ------
        NotFoundError : there is no such version.
        """
        with self._database.read() as connection:
            row = connection.execute(_STORED.where(_of.version == version)).one_or_none()
        if row is None:
            raise NotFoundError(
                "version.unknown",
                "There is no model version {version}.",
                {"version": version},
                parameter="version",
            )
        return self._understand(row, self._renames())

    def _understand(self, row: sa.Row[Any], renames: Renames) -> ModelVersion:
        key = (*row, renames)
        with self._lock:
            found = self._understood.get(key)
        if found is None:
            card = ModelCard.from_dict(json.loads(row.card)).renamed(renames)
            found = ModelVersion(row.version, row.name, row.sha256, row.created_at, card)
            with self._lock:
                self._understood[key] = found
        return found


@dataclass(frozen=True)
class Serving:
    """What serves: the champion, an earlier one where it cannot, or no version at all.

    `ticker` is whose specialist it is, empty for the forecaster of all; while the specialist
    cannot serve, the forecaster of all does. `failed` is the version that cannot serve, None in
    the usual case; `reason` says what is wrong with it, in one sentence. `rolled_back` says that
    what serves was champion once and was rolled back, and serves for want of another. `forecaster`
    is None where no version can serve: then the fallback forecaster makes the forecasts, and
    `model` is the version that was to.
    """

    model: ModelVersion
    forecaster: Forecaster | None
    ticker: str = ""
    failed: ModelVersion | None = None
    reason: Message | None = None
    rolled_back: bool = False

    @property
    def specialist(self) -> bool:
        """Whether a ticker's own forecaster serves."""
        return bool(self.ticker) and self.failed is None

    @property
    def fallback(self) -> bool:
        """Whether no version can serve."""
        return self.forecaster is None

    @property
    def warning(self) -> Message | None:
        """What people are to be told, one or two sentences; None in the usual case."""
        if self.failed is None:
            return None
        values = {"version": self.failed.version, "reason": self.reason}
        if self.fallback:
            return Message(
                "serving.none",
                "Version {version} cannot serve, nor can any version before it, so the fallback "
                "forecaster, which is not trained, makes the forecasts. {reason}",
                values,
            )
        values["other"] = self.model.version
        if self.ticker:
            return Message(
                "serving.no-specialist",
                "Version {version}, the specialist of {ticker}, cannot serve, so version {other}, "
                "which serves all tickers, makes its forecasts. {reason}",
                {**values, "ticker": self.ticker},
            )
        if self.rolled_back:
            return Message(
                "serving.rolled-back",
                "Version {version} cannot serve, so version {other}, which was rolled back, "
                "for want of another, makes the forecasts. {reason}",
                values,
            )
        return Message(
            "serving.former",
            "Version {version} cannot serve, so version {other}, which served before, makes the "
            "forecasts. {reason}",
            values,
        )


def sample_only(version: int) -> Message:
    """Why a version does not forecast tickers of one's own."""
    return Message(
        "version.sample-only",
        "Version {version} learned from sample bars alone and forecasts no ticker of your own.",
        {"version": version},
    )
