"""The record of model versions, their files, and which of them serves."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd

from core.foundation.errors import ArtifactError
from core.foundation.files import in_use, staging
from core.foundation.messages import Message
from core.foundation.sql.database import Database
from core.models import Forecaster
from core.reference.renames import Renames
from core.registry import artifacts
from core.registry.aliases import WHOEVER, Aliases, AliasMove, AliasRole, alias_of
from core.registry.artifacts import VersionFiles
from core.registry.gate_log import Decisions
from core.registry.model_card import ModelCard
from core.registry.verified_cache import Verified
from core.registry.versions import ModelVersion, Serving, StoredVersions, sample_only

__all__ = ["ModelRegistry", "ModelVersion", "Serving"]


class ModelRegistry:
    """Versions in the records database, their numbers as verified files in a folder.

    All are read with the symbols that their tickers have now, and stay stored as they were made.

    Parameters
    ----------
    renames : gives the renames in force.
    """

    def __init__(
        self, database: Database, folder: Path, renames: Callable[[], Renames] = Renames
    ) -> None:
        self._database = database
        self.renames = renames
        self._versions = StoredVersions(database, renames)
        self._verified = Verified()
        self._files = VersionFiles(folder)
        self.aliases = Aliases(database, renames)
        self.decisions = Decisions(database, renames)

    def register(
        self,
        forecaster: Forecaster,
        card: ModelCard,
        at: datetime,
        scores: pd.DataFrame | None = None,
    ) -> ModelVersion:
        """Store a fitted forecaster. It serves only once an alias points at it.

        Parameters
        ----------
        scores : its walk-forward scores as `core.evaluation.walk_forward.backtest` gives it, if
            there is one.
        """
        with staging(self._files.folder, "model") as staged:
            sha256 = artifacts.save(staged, forecaster)
            with in_use(staged):
                version = self._record(staged, forecaster.name, sha256, card, at, scores)
        return ModelVersion(version, forecaster.name, sha256, at, card)

    def _record(
        self,
        staged: Path,
        name: str,
        sha256: str,
        card: ModelCard,
        at: datetime,
        scores: pd.DataFrame | None,
    ) -> int:
        with self._database.write() as connection:
            values = dict(name=name, sha256=sha256, created_at=at, card=card.to_dict())
            version = self._versions.add(connection, **values)
            # Inside the transaction: a version is on record only with its files in place.
            self._files.put(version, staged, scores)
        return version

    def promote(
        self,
        version: int | None,
        actor: str,
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
        instead_of : the champion that the decision was made against, None for none yet; if another
            serves by now, nothing is moved. `WHOEVER` asks nothing.
        ticker : whose specialist it is to be; empty for the champion of all.
        back : whether this undoes an earlier move, see `rollback_targets`.

        Raises
        ------
        NotFoundError : there is no such version.
        ArtifactError : its file is not what was registered.
        BusyError : the champion was moved meanwhile.
        """
        if version is not None:
            self.read(self.get(version))
        move = AliasMove(alias_of(AliasRole.CHAMPION, ticker), version, at, actor, reason, back)
        self.aliases.point(move, instead_of)

    def challenge(
        self, version: int, actor: str, reason: str, at: datetime, ticker: str = ""
    ) -> None:
        """Point the challenger alias at a version; raises as `promote` does."""
        self.read(self.get(version))
        self.aliases.point(
            AliasMove(alias_of(AliasRole.CHALLENGER, ticker), version, at, actor, reason)
        )

    def champion(self, ticker: str = "") -> ModelVersion | None:
        """The version that is to serve, or None before the first training.

        With a ticker, its specialist, or None where the champion of all is to forecast it.
        """
        return self._at(AliasRole.CHAMPION, ticker)

    def challenger(self, ticker: str = "") -> ModelVersion | None:
        """The version evaluated beside the champion; None once it serves itself."""
        champion = self._at(AliasRole.CHAMPION, ticker)
        found = self._at(AliasRole.CHALLENGER, ticker)
        serves = found is not None and champion is not None and found.version == champion.version
        return None if serves else found

    def rollback_targets(self, ticker: str = "") -> list[ModelVersion | None]:
        """Where rollbacks lead, step by step; None is the champion of all, for a specialist."""
        former = self.aliases.former(alias_of(AliasRole.CHAMPION, ticker))
        found = [None if version is None else self.get(version) for version in former]
        return found if ticker else [one for one in found if one is not None]

    def specialists(self) -> dict[str, ModelVersion]:
        """The specialist of each ticker that is to be forecast by one."""
        found = {
            ticker: self.champion(ticker) for ticker in self.aliases.tickers(AliasRole.CHAMPION)
        }
        return {ticker: model for ticker, model in found.items() if model is not None}

    def serving(self, ticker: str = "", sample: bool | None = None) -> Serving | None:
        """What a forecast is to be made with; None before the first training.

        Parameters
        ----------
        ticker : whose forecast; its specialist makes it if it has one for these bars.
        sample : whether the bars to be forecast are sample ones, which a version that learned
            from nothing else may forecast, and no others; None asks nothing.

        Returns
        -------
        Where neither the champion nor any earlier one can serve, one without a forecaster.
        """
        own = self.champion(ticker) if ticker else None
        if own is not None and sample in (None, own.card.sample):
            forecaster, reason = self._fit(own, sample)
            if forecaster is not None:
                return Serving(own, forecaster, ticker)
            general = self.serving(sample=sample) or Serving(own, None)
            return replace(general, ticker=ticker, failed=own, reason=reason)
        champion = self.champion()
        if champion is None:
            return None
        forecaster, reason = self._fit(champion, sample)
        if forecaster is not None:
            return Serving(champion, forecaster)
        nobody = Serving(champion, None, "", champion, reason)
        return (self._earlier(champion, reason, sample) if reason else None) or nobody

    def warnings(self, sample: bool | None = None) -> list[Message]:
        """What is wrong with the versions that are to serve, a sentence or two each.

        Parameters
        ----------
        sample : as of `serving`.
        """
        found = [self.serving(ticker, sample) for ticker in ("", *self.specialists())]
        warnings = [now.warning for now in found if now is not None]
        return list(dict.fromkeys(one for one in warnings if one is not None))

    def versions(self) -> list[ModelVersion]:
        """Every version, oldest first."""
        return self._versions.all()

    def scores(self, version: int) -> pd.DataFrame | None:
        """The walk-forward scores stored with a version; None if there are none."""
        return self._files.scores(version, self.renames())

    def artifact(self, version: int) -> Path:
        """Where the numbers of a version are, for a copy of them elsewhere."""
        return self._files.numbers(version)

    def get(self, version: int) -> ModelVersion:
        """One version.

        Raises
        ------
        NotFoundError : there is no such version.
        """
        return self._versions.get(version)

    def forecaster(self, model: ModelVersion) -> Forecaster:
        """The fitted forecaster of a version, from memory while its file is what was verified.

        Raises
        ------
        ArtifactError : its file is missing or altered.
        """
        found = self._verified.get(self._files.numbers(model.version), model.sha256)
        return found.renamed(self.renames())

    def fault(self, model: ModelVersion) -> Message | None:
        """What is wrong with the file of a version, in one sentence; None if it is intact."""
        return self._fit(model, None)[1]

    def read(self, model: ModelVersion) -> Forecaster:
        """The fitted forecaster of a version from its file, verified now; raises as above."""
        return artifacts.load(self._files.numbers(model.version), model.sha256).renamed(
            self.renames()
        )

    def _fit(
        self, model: ModelVersion, sample: bool | None
    ) -> tuple[Forecaster | None, Message | None]:
        """The forecaster of a version that can forecast such bars, or None and why it cannot."""
        if sample is False and model.card.sample:
            return None, sample_only(model.version)
        try:
            return self.forecaster(model), None
        except ArtifactError as error:
            return None, error.sentence

    def _earlier(
        self, champion: ModelVersion, reason: Message, sample: bool | None
    ) -> Serving | None:
        """The former champion that can serve, if there is one: first where rollbacks lead.

        Only if none of those can, one that was rolled back.
        """
        back = [model.version for model in self.rollback_targets() if model is not None]
        ever = [
            move.version
            for move in self.aliases.moves(AliasRole.CHAMPION)
            if move.version is not None
        ]
        for version in dict.fromkeys([*back, *ever]):
            if version == champion.version:
                continue
            model = self.get(version)
            found, _ = self._fit(model, sample)
            if found is not None:
                left = version not in back
                return Serving(model, found, "", champion, reason, rolled_back=left)
        return None

    def _at(self, role: AliasRole, ticker: str) -> ModelVersion | None:
        move = self.aliases.last(alias_of(role, ticker))
        return None if move is None or move.version is None else self.get(move.version)
