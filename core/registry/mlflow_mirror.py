"""Every version as a run and a registered model in MLflow, for people to compare.

Serving never asks MLflow: it reads the verified files of `core.registry.registry`. MLflow is a
mirror, brought up to date after each training and each move of an alias.
"""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from core.evaluation.reports.by_horizon import by_horizon
from core.evaluation.reports.stored_tables import calibration_of, leaderboard_of
from core.foundation.audit import Action, Audit
from core.foundation.errors import OfflineError
from core.foundation.files import exclusive
from core.foundation.messages import Message
from core.foundation.sql.database import Database, Instant, metadata
from core.reference.synthetic_ticker import real
from core.registry.aliases import AliasRole
from core.registry.mlflow_client import EXPERIMENT, SHA256_TAG, VERSION_TAG, connected
from core.registry.moved_artifacts import relocate
from core.registry.registry import ModelRegistry, ModelVersion

if TYPE_CHECKING:
    from mlflow import MlflowClient

NAME = "forecaster"
_TROUBLE = Message(
    "mlflow.not-recorded",
    "MLflow does not answer or refused; the model is kept here and is added to MLflow by the next "
    "training.",
)
_MAX_SPECIALISTS = 1000  # that are asked for at once
_LONGEST_PARAM = 500  # characters that every MLflow store takes

_runs = sa.Table(
    "mlflow_runs",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("run_id", sa.String(64), nullable=False),
    sa.Column("at", Instant, nullable=False),
)


class MlflowRegistry:
    """The mirror at one tracking address.

    Parameters
    ----------
    database : the records, which remember the versions that are in MLflow already.
    address : `sqlite:///...` or `http://...`.
    artifacts : folder for artifacts when the address is a database; a server has its own.
    """

    def __init__(self, database: Database, address: str, artifacts: Path) -> None:
        self._database = database
        self._address = address
        self._artifacts = artifacts
        self._lock = artifacts.with_name(f"{artifacts.name}.lock")

    def run_ids(self) -> dict[int, str]:
        """The MLflow run of each version that is there already. Does not ask MLflow."""
        with self._database.read() as connection:
            rows = connection.execute(sa.select(_runs.c.version, _runs.c.run_id)).all()
        return {row.version: row.run_id for row in rows}

    def relocate(self, at: datetime) -> Message | None:
        """Point MLflow's database of a moved or copied home at its artifacts; what was changed.

        Raises
        ------
        OfflineError : the database cannot be read or written.
        """
        try:
            with exclusive(self._lock):
                moved = relocate(self._address, self._artifacts)
        except sa.exc.SQLAlchemyError as error:
            raise OfflineError.of(_TROUBLE, "mlflow") from error
        if moved is not None:
            what = "move MLflow's artifacts"
            action = Action(at, "TickerLens", what, self._artifacts.name, str(moved))
            Audit(self._database).add(action)
        return moved

    def publish(self, registry: ModelRegistry, at: datetime) -> list[int]:
        """Bring MLflow up to date: versions it lacks, oldest first, then the aliases.

        What it was given before and has no longer, as where its database is another or an older
        one, it gets again.

        Returns
        -------
        The versions that were added. Running it again adds nothing.

        Raises
        ------
        OfflineError : MLflow does not answer; what is missing is added by the next call.
        """
        # Two that see the same version missing would both add it.
        with exclusive(self._lock), connected(self._address, _TROUBLE) as client:
            self._forget_lost(client)
            known = self.run_ids()
            missing = [model for model in registry.versions() if model.version not in known]
            for model in missing:
                run_id = self._add(client, registry, model)
                with self._database.write() as connection:
                    values = dict(version=model.version, run_id=run_id, at=at)
                    connection.execute(sa.insert(_runs).values(**values))
            runs = self.run_ids()
            for role in AliasRole if runs else ():
                # Those there too: one that has another symbol now has no alias any more.
                tickers = {*registry.aliases.tickers(role), *_with_specialists(client)}
                for ticker in ("", *sorted(tickers)):
                    _point(client, role, ticker, registry, runs)
        return [model.version for model in missing]

    def _forget_lost(self, client: "MlflowClient") -> None:
        there = {str(one.run_id) for one in client.search_model_versions()}
        lost = [version for version, run_id in self.run_ids().items() if run_id not in there]
        if lost:
            with self._database.write() as connection:
                connection.execute(sa.delete(_runs).where(_runs.c.version.in_(lost)))

    def _add(self, client: "MlflowClient", registry: ModelRegistry, model: ModelVersion) -> str:
        experiment = self._experiment(client)
        tags = _tags(model)
        run_id = _finished_run(client, experiment, tags)
        if run_id is None:
            run_id = _log_run(client, experiment, registry, model, tags)
        _registered(client, _name(model.card.only_ticker), run_id, tags)
        return run_id

    def _experiment(self, client: "MlflowClient") -> str:
        found = client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        served = self._address.startswith("http")
        location = None if served else self._artifacts.absolute().as_uri()
        return str(client.create_experiment(EXPERIMENT, artifact_location=location))


def _finished_run(client: "MlflowClient", experiment: str, tags: dict[str, str]) -> str | None:
    """The run of an earlier attempt that was logged whole, but not noted down here."""
    same = " and ".join(f"tags.`{name}` = '{value}'" for name, value in tags.items())
    found = client.search_runs(
        [experiment], f"{same} and attributes.status = 'FINISHED'", max_results=1
    )
    return str(found[0].info.run_id) if found else None


def _log_run(
    client: "MlflowClient",
    experiment: str,
    registry: ModelRegistry,
    model: ModelVersion,
    tags: dict[str, str],
) -> str:
    from mlflow.entities import Metric, Param

    started = int(model.created_at.timestamp() * 1000)
    name = f"{model.name} {model.version}"
    run = client.create_run(experiment, start_time=started, tags=tags, run_name=name)
    run_id = str(run.info.run_id)
    params = [Param(key, str(value)[:_LONGEST_PARAM]) for key, value in _params(model).items()]
    metrics = [Metric(key, value, started, step) for key, value, step in _metrics(registry, model)]
    client.log_batch(run_id, metrics=metrics, params=params)
    if registry.artifact(model.version).is_file():
        client.log_artifact(run_id, str(registry.artifact(model.version)), "model")
    client.log_dict(run_id, model.card.to_dict(), "card.json")
    scores = registry.scores(model.version)
    if scores is not None:
        frames = {
            "by_horizon": by_horizon(real(scores)),
            "leaderboard": leaderboard_of(model.name, scores),
            "calibration": calibration_of(model.name, scores),
        }
        for name, frame in frames.items():
            client.log_text(run_id, frame.to_csv(index=False), f"{name}.csv")
    client.set_terminated(run_id, "FINISHED")
    return run_id


def _params(model: ModelVersion) -> dict[str, Any]:
    card, tested = model.card, model.card.evaluated_tickers
    return {
        "forecaster": model.name,
        **card.params,
        "scope": card.scope,
        "tickers": json.dumps(card.tickers, separators=(",", ":")),
        **({"evaluated_tickers": len(tested)} if tested else {}),
        "training_window": card.window,  # as some forecasters have a `window` of their own
        "bars": card.bars,
        "data_hash": card.data_hash,
        "spec_hash": card.spec_hash,
        "commit": card.commit or "unknown",
        "who": card.actor,
        "reason": card.reason,
        "flow_run": card.run,
    }


def _metrics(registry: ModelRegistry, model: ModelVersion) -> Iterator[tuple[str, float, int]]:
    """Name, value and step, which is the horizon where there is one. Unknown is left out."""
    yield "seconds", model.card.seconds, 0
    if model.card.memory_mb is not None:
        yield "memory_mb", model.card.memory_mb, 0
    overall = model.card.skill
    if overall is not None:
        yield from (("skill_all", overall.value, 0), ("skill_low", overall.low, 0))
        yield from (("skill_high", overall.high, 0), ("skill_n", float(overall.n), 0))
        yield "coverage_80_all", overall.coverage, 0
        if overall.against_constant is not None:
            for name, value in zip(("all", "low", "high"), vars(overall.against_constant).values()):
                yield f"constant_{name}", value, 0
    scores = registry.scores(model.version)
    if scores is None:
        return
    for row in by_horizon(real(scores)).to_dict("records"):
        step = int(row.pop("horizon"))
        for key, value in row.items():
            if value == value:
                yield str(key), float(value), step


def _name(ticker: str) -> str:
    """The registered model of all tickers, or of the specialists of one."""
    return f"{NAME}.{ticker}" if ticker else NAME


def _with_specialists(client: "MlflowClient") -> list[str]:
    """Tickers whose specialists MLflow has, by the symbols they had then."""
    start = _name("") + "."
    found = client.search_registered_models(f"name LIKE '{start}%'", max_results=_MAX_SPECIALISTS)
    return [str(one.name).removeprefix(start) for one in found]


def _registered(client: "MlflowClient", name: str, run_id: str, tags: dict[str, str]) -> str:
    """The version of a registered model that a run is; it is made if it is not there yet."""
    if not client.search_registered_models(f"name = '{name}'"):
        client.create_registered_model(name, description="Forecasters of TickerLens.")
    found = client.search_model_versions(f"name = '{name}' and run_id = '{run_id}'")
    if found:
        return str(found[0].version)
    source = f"{client.get_run(run_id).info.artifact_uri}/model"
    return str(client.create_model_version(name, source, run_id, tags=tags).version)


def _point(
    client: "MlflowClient",
    role: AliasRole,
    ticker: str,
    registry: ModelRegistry,
    runs: dict[int, str],
) -> None:
    model = registry.champion(ticker) if role == AliasRole.CHAMPION else registry.challenger(ticker)
    name = _name(ticker)
    known = client.search_registered_models(f"name = '{name}'")
    pointed = known[0].aliases.get(role) if known else None
    if model is None:
        if pointed is not None:
            client.delete_registered_model_alias(name, role)
        return
    wanted = _registered(client, name, runs[model.version], _tags(model))
    if wanted != str(pointed):
        client.set_registered_model_alias(name, role, wanted)


def _tags(model: ModelVersion) -> dict[str, str]:
    return {VERSION_TAG: str(model.version), SHA256_TAG: model.sha256}
