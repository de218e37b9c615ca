"""Bring MLflow up to date with the models that are kept here."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from core.foundation.errors import OfflineError
from core.foundation.messages import Message
from core.foundation.progress import Progress, silent
from core.registry.mlflow_mirror import MlflowRegistry
from core.registry.registry import ModelRegistry


@dataclass(frozen=True)
class Published:
    """Versions that were added to MLflow, why not if it did not answer, and what became of a home
    that was moved or copied."""

    versions: tuple[int, ...]
    error: Message | None = None
    moved: Message | None = None

    def to_dict(self) -> dict[str, Any]:
        """As JSON-able values, the error as a sentence, empty if there is none."""
        moved = {} if self.moved is None else {"moved": str(self.moved)}
        return {"added": list(self.versions), "error": str(self.error or ""), **moved}


def publish(
    registry: ModelRegistry, mirror: MlflowRegistry, at: datetime, progress: Progress = silent
) -> Published:
    """Add what MLflow lacks; a silent MLflow is no failure, for the next call catches up."""
    progress("Recording in MLflow", 0, 1)
    try:
        moved = mirror.relocate(at)
        return Published(tuple(mirror.publish(registry, at)), moved=moved)
    except OfflineError as error:
        return Published((), error.sentence)
    finally:
        progress("Recording in MLflow", 1, 1)
