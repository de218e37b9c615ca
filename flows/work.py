"""What commands and flows do: open the stores, call services, return JSON-able values."""

from datetime import UTC, datetime
from typing import Any

from core import wiring
from core.forecasts.make import skill_to_dict
from core.services.progress import Progress
from core.services.publish import publish as run_publish
from core.services.train import Order
from core.services.train import train as run_train
from core.settings import Settings


def train(settings: Settings, order: Order, progress: Progress) -> dict[str, Any]:
    """Train once and record it in MLflow."""
    registry = wiring.open_registry(settings)
    bars = wiring.open_bars(settings.bars_address)
    model = run_train(bars, registry, order, datetime.now(UTC), progress)
    champion = registry.champion()
    serves = champion is not None and champion.version == model.version
    return {
        "model": {"name": model.name, "version": str(model.version)},
        "alias": "champion" if serves else "challenger",
        "scope": model.card.scope,
        "tickers": list(model.card.tickers),
        "window": model.card.window,
        "bars": model.card.bars,
        "seconds": model.card.seconds,
        "skill": skill_to_dict(model.card.skill, "all"),
        **publish(settings, progress),
    }


def publish(settings: Settings, progress: Progress) -> dict[str, Any]:
    """Bring MLflow up to date with the models kept here."""
    registry, mirror = wiring.open_registry(settings), wiring.open_mlflow(settings)
    return {"mlflow": run_publish(registry, mirror, datetime.now(UTC), progress).to_dict()}
