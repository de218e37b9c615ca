"""The record of model versions, their files, and which of them serves."""

import uuid
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa

from core.errors import ArtifactError, NotFoundError
from core.models import Forecaster
from core.registry import artifacts
from core.registry.aliases import CHALLENGER, CHAMPION, WHOEVER, Aliases, AliasMove, alias_of
from core.registry.cards import ModelCard
from core.registry.decisions import Decisions
from core.registry.verified import Verified
from core.registry.versions import ModelVersion, Serving
from core.storage.database import Database, Instant, metadata
from core.storage.files import write_atomic

__all__ = ["ModelRegistry", "ModelVersion", "Serving"]

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


class ModelRegistry:
    """Versions in the records database, their numbers as verified files in a folder."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._verified = Verified()
        self.aliases = Aliases(database)
        self.decisions = Decisions(database)

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
        staged = self._folder / f"{uuid.uuid4().hex}.npz"
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

    def promote(
        self,
        version: int | None,
        who: str,
        reason: str,
        at: datetime,
        instead_of: int | None = WHOEVER,
        ticker: str = "",
        back: bool = False,
    ) -> None:
        """Point the champion alias at a version, after reading its file back.

        Parameters
        ----------
        version : None lets a ticker be forecast by the champion of all again.
        instead_of : the champion whoever decides this has seen, None for none yet; if another
            serves by now, nothing is moved. `WHOEVER` asks nothing.
        ticker : whose specialist it is to be; empty for the champion of all.
        back : whether this undoes an earlier move, see `way_back`.

        Raises
        ------
        NotFoundError : there is no such version.
        ArtifactError : its file is not what was registered.
        BusyError : the champion was moved meanwhile.
        """
        if version is not None:
            self.read(self.get(version))
        move = AliasMove(alias_of(CHAMPION, ticker), version, at, who, reason, back)
        self.aliases.point(move, instead_of)

    def challenge(
        self, version: int, who: str, reason: str, at: datetime, ticker: str = ""
    ) -> None:
        """Point the challenger alias at a version; raises as `promote` does."""
        self.read(self.get(version))
        self.aliases.point(AliasMove(alias_of(CHALLENGER, ticker), version, at, who, reason))

    def champion(self, ticker: str = "") -> ModelVersion | None:
        """The version that is to serve, or None before the first training.

        With a ticker, its specialist, or None where the champion of all is to forecast it.
        """
        return self._at(CHAMPION, ticker)

    def challenger(self, ticker: str = "") -> ModelVersion | None:
        """The version evaluated beside the champion; None once it serves itself."""
        champion, found = self._at(CHAMPION, ticker), self._at(CHALLENGER, ticker)
        serves = found is not None and champion is not None and found.version == champion.version
        return None if serves else found

    def way_back(self, ticker: str = "") -> list[ModelVersion | None]:
        """Where going back leads, step by step; None is the champion of all, for a specialist."""
        former = self.aliases.former(alias_of(CHAMPION, ticker))
        found = [None if version is None else self.get(version) for version in former]
        return found if ticker else [one for one in found if one is not None]

    def specialists(self) -> dict[str, ModelVersion]:
        """The specialist of each ticker that is to be forecast by one."""
        found = {ticker: self.champion(ticker) for ticker in self.aliases.tickers(CHAMPION)}
        return {ticker: model for ticker, model in found.items() if model is not None}

    def serving(self, ticker: str = "") -> Serving | None:
        """What a forecast is to be made with; None before the first training.

        Parameters
        ----------
        ticker : whose forecast; its specialist makes it if it has one.

        Raises
        ------
        ArtifactError : neither the champion's file nor that of any earlier one is of use.
        """
        own = self.champion(ticker) if ticker else None
        if own is not None:
            try:
                return Serving(own, self.forecaster(own), ticker)
            except ArtifactError as error:
                general = self.serving()
                if general is None:
                    raise
                return replace(general, ticker=ticker, broken=own, why=error.message)
        champion = self.champion()
        if champion is None:
            return None
        try:
            return Serving(champion, self.forecaster(champion))
        except ArtifactError as error:
            found = self._earlier(champion, error)
            if found is None:
                raise
            return found

    def warnings(self) -> list[str]:
        """What is wrong with the files that are to serve, a sentence or two each."""
        found = []
        for ticker in ("", *self.specialists()):
            try:
                now = self.serving(ticker)
            except ArtifactError as error:
                found.append(error.message)
            else:
                found.append("" if now is None else now.warning)
        return list(dict.fromkeys(filter(None, found)))

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
        """The fitted forecaster of a version, from memory while its file is what was verified.

        Raises
        ------
        ArtifactError : its file is missing or altered.
        """
        return self._verified.get(self._path(model.version), model.sha256)

    def fault(self, model: ModelVersion) -> str:
        """What is wrong with the file of a version, in one sentence; empty if it is whole."""
        try:
            self.forecaster(model)
        except ArtifactError as error:
            return error.message
        return ""

    def read(self, model: ModelVersion) -> Forecaster:
        """The fitted forecaster of a version from its file, verified now; raises as above."""
        return artifacts.load(self._path(model.version), model.sha256)

    def _earlier(self, champion: ModelVersion, error: ArtifactError) -> Serving | None:
        """The former champion whose file is whole, if there is one: where going back leads first.

        Only if none of those is whole, one that was gone back from.
        """
        back = [model.version for model in self.way_back() if model is not None]
        ever = [move.version for move in self.aliases.moves(CHAMPION) if move.version is not None]
        for version in dict.fromkeys([*back, *ever]):
            if version == champion.version:
                continue
            model = self.get(version)
            try:
                found = self.forecaster(model)
            except ArtifactError:
                continue
            left = version not in back
            return Serving(model, found, "", champion, error.message, gone_back_from=left)
        return None

    def _at(self, role: str, ticker: str) -> ModelVersion | None:
        move = self.aliases.last(alias_of(role, ticker))
        return None if move is None or move.version is None else self.get(move.version)

    def _path(self, version: int) -> Path:
        return self._folder / f"{version}.npz"

    def _scores_path(self, version: int) -> Path:
        return self._folder / f"{version}.scores.parquet"


def _version(row: sa.Row[tuple[Any, ...]]) -> ModelVersion:
    card = ModelCard.from_dict(row.card)
    return ModelVersion(row.version, row.name, row.sha256, row.created_at, card)
