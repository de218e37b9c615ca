"""`make mlflow`: MLflow's own pages on the experiments of this home."""

import os
import sys
from collections.abc import Mapping

from app.launcher.launch import QUIET, check_port, say
from core.foundation.errors import NotFoundError
from core.foundation.settings import Settings
from core.foundation.sql.addresses import with_driver
from core.registry.moved_artifacts import relocate


def command(settings: Settings) -> list[str]:
    """The command line of MLflow's server: this machine only, one worker."""
    return [
        *(sys.executable, "-m", "mlflow", "server"),
        *("--backend-store-uri", with_driver(settings.mlflow_address)),
        *("--host", "127.0.0.1", "--port", str(settings.mlflow_port), "--workers", "1"),
    ]


def serve(settings: Settings, environment: Mapping[str, str]) -> int:
    """Become MLflow's server until Ctrl-C; returns only where there is one already.

    Raises
    ------
    NotFoundError : nothing was recorded yet.
    InvalidInputError : the port cannot be used.
    """
    if settings.mlflow_address.startswith("http"):
        say(f"MLflow is served at {settings.mlflow_address}")
        return 0
    path = settings.mlflow_address.removeprefix("sqlite:///")
    if path != settings.mlflow_address and not os.path.exists(path):
        raise NotFoundError(
            "mlflow.nothing-yet",
            "MLflow holds nothing yet; train a model first, for instance make demo.",
        )
    check_port("127.0.0.1", settings.mlflow_port, "TICKERLENS_MLFLOW_PORT")
    moved = relocate(settings.mlflow_address, settings.home / "mlflow-artifacts")
    if moved is not None:
        say(str(moved))
    say(f"MLflow opens at http://127.0.0.1:{settings.mlflow_port}; Ctrl-C ends it.")
    quiet = {**QUIET, "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    os.execve(sys.executable, command(settings), {**environment, **quiet})
