"""The record of model versions and of every move of the champion alias."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from core.errors import NotFoundError
from core.models import Forecaster
from core.registry import artifacts
from core.registry.cards import ModelCard
from core.storage.database import Database, Instant, metadata
from core.storage.files import write_atomic

CHAMPION = "champion"
CHALLENGER = "challenger"

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
_moves = sa.Table(
    "alias_moves",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("alias", sa.String(32), nullable=False),
    sa.Column("version", sa.ForeignKey(_versions.c.version), nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("who", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
)


@dataclass(frozen=True)
class ModelVersion:
    """One registered training; `version` counts up from 1."""

    version: int
    name: str
    sha256: str
    created_at: datetime
    card: ModelCard


@dataclass(frozen=True)
class AliasMove:
    """One pointing of an alias at a version: when, by whom and why."""

    version: int
    at: datetime
    who: str
    reason: str


class ModelRegistry:
    """Versions in the records database, their numbers as verified files in a folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._loaded: dict[int, Forecaster] = {}

    def register(
        self,
        forecaster: Forecaster,
        card: ModelCard,
        at: datetime,
        scores: pd.DataFrame | None = None,
    ) -> ModelVersion:
        """Keep a fitted forecaster. It serves only once an alias points at it.

        Parameters
        ----------
        scores : its walk-forward proof as `core.models.backtest` gives it, if there is one.
        """
        staged = self._folder / f"{card.data_hash[:16]}-{at:%Y%m%dT%H%M%S%f}.npz"
        sha256 = artifacts.save(staged, forecaster)
        with self._database.write() as connection:
            values = dict(name=forecaster.name, sha256=sha256, created_at=at, card=card.to_dict())
            inserted = sa.insert(_versions).values(**values).returning(_versions.c.version)
            version = int(connection.execute(inserted).scalar_one())
            # Inside the transaction: a version is on record only with its files in place.
            self._scores_path(version).unlink(missing_ok=True)
            if scores is not None:
                write_atomic(
                    self._scores_path(version), lambda path: scores.to_parquet(path, index=False)
                )
            staged.replace(self._path(version))
        return ModelVersion(version, forecaster.name, sha256, at, card)

    def promote(self, version: int, who: str, reason: str, at: datetime) -> None:
        """Point the champion alias at a version, after reading its file back.

        Raises
        ------
        NotFoundError : there is no such version.
        ArtifactError : its file is not what was registered.
        """
        self._point(CHAMPION, version, who, reason, at)

    def challenge(self, version: int, who: str, reason: str, at: datetime) -> None:
        """Point the challenger alias at a version; raises as `promote` does."""
        self._point(CHALLENGER, version, who, reason, at)

    def champion(self) -> ModelVersion | None:
        """The version that serves, or None before the first training."""
        move = self.last_move(CHAMPION)
        return None if move is None else self.get(move.version)

    def challenger(self) -> ModelVersion | None:
        """The version evaluated beside the champion; None once it serves itself."""
        champion, move = self.last_move(CHAMPION), self.last_move(CHALLENGER)
        if move is None or (champion is not None and champion.version == move.version):
            return None
        return self.get(move.version)

    def former_champion(self) -> ModelVersion | None:
        """The version that served before the champion did; None if it is the first one."""
        move = self.last_move(CHAMPION)
        if move is None:
            return None
        query = (
            sa.select(_moves.c.version)
            .where(_moves.c.alias == CHAMPION, _moves.c.version != move.version)
            .order_by(_moves.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            version = connection.execute(query).scalar()
        return None if version is None else self.get(version)

    def last_move(self, alias: str) -> AliasMove | None:
        """When an alias was last pointed, at what, by whom and why; None if it never was."""
        query = (
            sa.select(_moves).where(_moves.c.alias == alias).order_by(_moves.c.id.desc()).limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else AliasMove(row.version, row.at, row.who, row.reason)

    def versions(self) -> list[ModelVersion]:
        """Every version, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(_versions).order_by(_versions.c.version)).all()
        return [_version(row) for row in rows]

    def scores(self, version: int) -> pd.DataFrame | None:
        """The walk-forward proof kept with a version; None if there is none."""
        path = self._scores_path(version)
        return pd.read_parquet(path) if path.is_file() else None

    def artifact(self, version: int) -> Path:
        """Where the numbers of a version are, for a copy of them elsewhere."""
        return self._path(version)

    def get(self, version: int) -> ModelVersion:
        """One version.

        Raises
        ------
        NotFoundError : there is no such version.
        """
        with self._database.read() as connection:
            row = connection.execute(
                sa.select(_versions).where(_versions.c.version == version)
            ).one_or_none()
        if row is None:
            raise NotFoundError(f"There is no model version {version}.", "version")
        return _version(row)

    def forecaster(self, model: ModelVersion) -> Forecaster:
        """The fitted forecaster of a version, verified once and then served from memory.

        Raises
        ------
        ArtifactError : its file is missing or altered.
        """
        if model.version not in self._loaded:
            loaded = artifacts.load(self._path(model.version), model.sha256)
            self._loaded = {model.version: loaded}  # one champion at a time is enough
        return self._loaded[model.version]

    def _point(self, alias: str, version: int, who: str, reason: str, at: datetime) -> None:
        artifacts.load(self._path(version), self.get(version).sha256)
        with self._database.write() as connection:
            connection.execute(
                sa.insert(_moves).values(
                    alias=alias, version=version, at=at, who=who, reason=reason
                )
            )

    def _path(self, version: int) -> Path:
        return self._folder / f"{version}.npz"

    def _scores_path(self, version: int) -> Path:
        return self._folder / f"{version}.scores.parquet"


def _version(row: sa.Row[tuple[Any, ...]]) -> ModelVersion:
    card = ModelCard.from_dict(row.card)
    return ModelVersion(row.version, row.name, row.sha256, row.created_at, card)
