"""Bring MLflow up to date with the models kept here."""

from datetime import datetime
from typing import Any

from core.foundation.progress import Progress, silent
from core.lifecycle import publish as publishing
from core.wiring import Workspace


def publish(workspace: Workspace, at: datetime, progress: Progress = silent) -> dict[str, Any]:
    """Add what MLflow lacks; a silent MLflow is no failure. JSON-able, under "mlflow"."""
    done = publishing.publish(workspace.registry, workspace.mlflow_mirror, at, progress)
    return {"mlflow": done.to_dict()}


def publish_later(workspace: Workspace, actor: str, at: datetime) -> None:
    """Ask the scheduler for it: loading MLflow takes longer than a person should wait."""
    workspace.outbox.ask("publish", {}, actor, at)
