"""What a night does beside ingesting and forecasting, and a training: cost for each ticker."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd

from core.forecasts.ledger.tables import SEALED_FORECASTS
from core.lifecycle.train import TrainingRequest
from core.reference.forecast_kinds import ForecastKind
from core.reference.schema import HORIZONS, LEVELS
from core.workflows.monitor import monitor
from core.workflows.score import score
from core.workflows.training.train import train
from flows.measuring import measure as evidently
from tests.benchmarks.measure import Figure, Size, measure
from tests.support.bars import walk
from tests.support.homes import Home, open_home

_END = "2024-06-28"
_AT = datetime(2024, 6, 29, tzinfo=UTC)
_OPEN = 20  # forecasts of each ticker, one a session
_RANGE = 0.012 * np.sqrt(np.array(HORIZONS))[:, None] * np.linspace(-2.0, 2.0, len(LEVELS))


def parts(size: Size) -> Iterator[Figure]:
    """Training, scoring twenty open forecasts of each ticker, and monitoring, on walks."""
    before: dict[str, float] = {}
    for count in sorted({size.few, size.many}):
        with tempfile.TemporaryDirectory() as folder:
            home = _home(Path(folder), count, size.sessions)
            for what, work in _works(home).items():
                found = measure(what, count, work)
                each = found.cpu / count
                ratio = "" if what not in before else f", {each / before[what]:.2f} times the CPU"
                before.setdefault(what, each)
                yield replace(found, what=f"{what}, of {count} tickers{ratio}")


def _works(home: Home) -> dict[str, Callable[[], object]]:
    return {
        "train": lambda: train(home, TrainingRequest("bench", "measured"), later=True),
        f"score {_OPEN} forecasts": lambda: _score(home),
        "monitor": lambda: monitor(home, evidently),
    }


def _score(home: Home) -> None:
    done = score(home, _AT)
    assert done["status"] == "ok" and done["scored"] == home.ledger.seals().scores > 0


def _home(folder: Path, count: int, sessions: int) -> Home:
    """A home with bars, and open forecasts as of the last sessions; none is made by a model."""
    home = open_home(folder)
    symbols = [f"T{number}" for number in range(count)]
    for number, symbol in enumerate(symbols):
        bars = walk(symbol, sessions, seed=number, volatility=0.012, end=_END)
        home.bars.upsert(bars.assign(source="yahoo"))
    dates = pd.bdate_range(end=_END, periods=_OPEN + 1)[:-1]
    prices = (100.0 * np.exp(_RANGE)).tolist()
    for date in dates:
        rows = [
            {
                "ticker": symbol,
                "as_of": date.date(),
                "model_version": 1,
                "kind": ForecastKind.LIVE,
                "created_at": date.tz_localize("UTC").to_pydatetime() + timedelta(hours=23),
                "last_close": 100.0,
                "law": {"targets": [], "prices": prices, "baseline": prices},
            }
            for symbol in symbols
        ]
        with home.database.write() as connection:
            SEALED_FORECASTS.append(connection, rows)
    return home
