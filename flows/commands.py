"""What each command does: open the stores, call one service, return what to print."""

import getpass
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from core import wiring
from core.forecasts.make import skill_to_dict
from core.services.forecast import forecast as make_forecast
from core.services.ingest import ingest as run_ingest
from core.services.progress import Progress
from core.services.sample import load_sample
from core.services.train import train as run_train
from core.settings import Settings
from core.storage.audit import Action

Command = Callable[[Namespace, Settings, Progress], dict[str, Any]]


def ingest(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Fetch bars and store them."""
    tickers = options.tickers or None
    only = tickers[0] if tickers and len(tickers) == 1 else None
    name = options.source or settings.source
    source = wiring.open_source(name, options.file, only)
    done = run_ingest(
        source,
        wiring.open_bars(settings.bars_address),
        datetime.now(UTC),
        tickers,
        options.start,
        options.end,
        progress,
    )
    subject = f"{name}: {', '.join(done.written)}"[:256]
    wiring.open_audit(settings).add(Action(datetime.now(UTC), _who(), "ingest", subject))
    return done.to_dict()


def train(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Train on all stored bars and let the result serve."""
    model = run_train(
        wiring.open_bars(settings.bars_address),
        wiring.open_registry(settings),
        _who(),
        options.reason,
        datetime.now(UTC),
        options.model,
        progress,
    )
    return {
        "model": {"name": model.name, "version": str(model.version)},
        "tickers": list(model.card.tickers),
        "window": model.card.window,
        "bars": model.card.bars,
        "seconds": model.card.seconds,
        "skill": skill_to_dict(model.card.skill, "all"),
    }


def forecast(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Forecast each ticker with the champion."""
    bars = wiring.open_bars(settings.bars_address)
    registry = wiring.open_registry(settings)
    tickers = options.tickers or bars.tickers()
    made = []
    for done, ticker in enumerate(tickers):
        progress(f"Forecasting {ticker}", done, len(tickers))
        one = make_forecast(bars, registry, ticker, datetime.now(UTC), options.horizon)
        made.append(one.to_dict())
    return {"forecasts": made}


def demo(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Load the sample data, train on it, forecast AAPL."""
    return load_sample(
        wiring.open_bars(settings.bars_address),
        wiring.open_registry(settings),
        wiring.open_audit(settings),
        _who(),
        datetime.now(UTC),
        progress,
    ).to_dict()


def _who() -> str:
    return f"command line ({getpass.getuser()})"[:64]
