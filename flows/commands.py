"""What each command does: open the stores, call one service, return what to print."""

import getpass
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from core import wiring
from core.errors import InvalidInputError, NotFoundError, TickerLensError
from core.services.forecast import forecast as make_forecast
from core.services.ingest import ingest as run_ingest
from core.services.progress import Progress
from core.services.sample import load_sample
from core.services.train import Order
from core.settings import Settings
from core.storage.audit import Action
from core.tickers import Ticker
from flows import work

Command = Callable[[Namespace, Settings, Progress], dict[str, Any]]


def ingest(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Fetch bars and store them."""
    tickers = options.tickers or None
    only = tickers[0] if tickers and len(tickers) == 1 else None
    name = options.source or settings.source
    source = wiring.open_source(name, options.file, only)
    if options.file is not None and name != "csv":
        raise InvalidInputError("--file goes with --source csv.", "file")
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
    """Train on the stored bars; the first model serves, later ones challenge it."""
    order = Order(_who(), options.reason, options.scope, options.model)
    return work.train(settings, order, progress)


def promote(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Let a model version serve."""
    registry = wiring.open_registry(settings)
    registry.promote(options.version, _who(), options.reason, datetime.now(UTC))
    return {"champion": str(options.version), **work.publish(settings, progress)}


def forecast(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Forecast each ticker with the champion."""
    bars = wiring.open_bars(settings.bars_address)
    registry = wiring.open_registry(settings)
    tickers = list(dict.fromkeys(options.tickers or bars.tickers()))
    made: list[dict[str, Any]] = []
    failures: dict[Ticker, TickerLensError] = {}
    for done, ticker in enumerate(tickers):
        progress(f"Forecasting {ticker}", done, len(tickers))
        try:
            one = make_forecast(bars, registry, ticker, datetime.now(UTC), options.horizon)
            made.append(one.to_dict())
        except TickerLensError as error:
            failures[ticker] = error
    if failures and not made:
        raise next(iter(failures.values()))
    return {
        "status": "partial" if failures else "ok",
        "forecasts": made,
        "failed": {str(one): _about(one, error.message) for one, error in failures.items()},
    }


def remove(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Forget all bars of these tickers."""
    bars = wiring.open_bars(settings.bars_address)
    audit = wiring.open_audit(settings)
    tickers = list(dict.fromkeys(options.tickers))
    stored = bars.tickers()
    for ticker in tickers:
        if ticker not in stored:
            raise NotFoundError(f"{ticker} is not tracked here; nothing was removed.", "tickers")
    for done, ticker in enumerate(tickers):
        progress("Removing bars", done, len(tickers))
        bars.remove(ticker)
        audit.add(Action(datetime.now(UTC), _who(), "remove bars", str(ticker)))
    return {"removed": [str(ticker) for ticker in tickers]}


def demo(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Load the sample data, train on it, forecast AAPL."""
    made = load_sample(
        wiring.open_bars(settings.bars_address),
        wiring.open_registry(settings),
        wiring.open_audit(settings),
        _who(),
        datetime.now(UTC),
        progress,
    ).to_dict()
    work.publish(settings, progress)
    return made


def _who() -> str:
    return f"command line ({getpass.getuser()})"[:64]


def _about(ticker: Ticker, sentence: str) -> str:
    """The sentence, led by the ticker unless it is one of its words already."""
    words = {word.strip(".,:;()\"'") for word in sentence.split()}
    return sentence if str(ticker) in words else f"{ticker}: {sentence}"
