"""Forecast tickers with what serves, and write every forecast into the ledger."""

import logging
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from core.forecasts import serve
from core.forecasts.batch import forecast_batch
from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Written
from core.forecasts.market_states import TICKERS_A_BLOCK
from core.forecasts.response import body, body_key
from core.foundation.clock import Clock, utc_now
from core.foundation.errors import TickerLensError
from core.foundation.messages import Message
from core.foundation.progress import Progress, silent
from core.reference.bar_sources import is_sample
from core.reference.schema import MAX_HORIZON
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.forecast_summary import ForecastSummary, MadeForecast
from core.workflows.spread import spread

_log = logging.getLogger(__name__)

LISTED = 100


def forecast_one(workspace: Workspace, ticker: Ticker, clock: Clock = utc_now) -> Forecast:
    """Forecast a ticker to be shown; written into the ledger when it is made, as all that is shown.

    A forecast of sample bars is not written, and one that the ledger refuses is shown all the same.

    Raises
    ------
    TickerLensError : as `core.forecasts.serve.forecast`.
    """

    def record(made: Forecast) -> None:
        if is_sample(made.source):
            return
        try:
            workspace.ledger.append([made], clock())
        except TickerLensError as error:
            _log.warning("the forecast of %s is not in the ledger: %s", ticker, error.message)

    return serve.forecast(workspace.forecast_stores, ticker, clock(), record)


def forecast(
    workspace: Workspace,
    tickers: list[Ticker] | None = None,
    horizon: int = MAX_HORIZON,
    progress: Progress = silent,
    clock: Clock = utc_now,
    listed: bool = False,
) -> dict[str, Any]:
    """Forecast each ticker (all when None) and write every forecast into the ledger.

    They are made in shards, each written in one transaction. One that is too late for the ledger
    is made all the same, and named under "late"; so is one that the clock of this machine
    contradicts, under "untimely". "short_history" names those with too few sessions for the model,
    "fallback" those that no version can serve: the ledger keeps both apart from the model's, and
    neither of sample bars.

    Of more than `LISTED` tickers the forecasts themselves are left out of the answer, and what the
    ledger has already is not made again but counted: a run that was stopped is gone on with.

    Parameters
    ----------
    horizon : how far the forecasts in the answer go.
    listed : make all, and have them in the answer, however many they are.

    Returns
    -------
    JSON-able but for the messages under "late", "untimely", "failed" and "not_recorded", which
    says why none of the forecasts is in the ledger; None if one is.

    Raises
    ------
    TickerLensError : every ticker failed; the reason of the first.
    """
    wanted = list(dict.fromkeys(tickers or workspace.bars.tickers()))
    listed = listed or len(wanted) <= LISTED
    size = TICKERS_A_BLOCK
    parts = [wanted[at : at + size] for at in range(0, len(wanted), size)]
    done = {} if listed else workspace.ledger.newest_as_ofs()
    workspace.forecast_stores.markets.current()  # once, and not in every process
    shown = horizon if listed else 0
    tasks = (_Task(part, clock(), _of(done, part), shown) for part in parts)
    found = ForecastSummary()
    for task, gave in spread(_forecast_shard, tasks, len(parts), workspace):
        if isinstance(gave, TickerLensError):
            found.failed |= dict.fromkeys(task.tickers, gave)
        else:
            found.failed |= gave.failed
            found.already += gave.already
            found.add(gave.made, _written(workspace, gave.made, clock(), found.failed))
            _keep(workspace, gave)
        progress("Forecasting", found.count, len(wanted))
    return found.to_dict()


@dataclass(frozen=True)
class _Task:
    """A shard; `done` as `core.forecasts.batch.forecast_batch` takes it.

    `horizon` is how far the forecasts that go into the answer go; 0 if none does.
    """

    tickers: list[Ticker]
    at: datetime
    done: dict[tuple[str, int], date]
    horizon: int


@dataclass(frozen=True)
class _ShardResult:
    """What a shard gave; `packed` and `bodies` are what is kept of it, if `stamps` are in force.

    They are those of `ForecastStores.stamp` and of the responses before it was made.
    """

    made: list[MadeForecast]
    failed: dict[Ticker, TickerLensError]
    already: int
    stamps: tuple[str, str | None]
    packed: dict[str, bytes]
    bodies: dict[str, bytes]


def _forecast_shard(workspace: Workspace, task: _Task) -> _ShardResult:
    stores = workspace.forecast_stores
    stamps = stores.stamp(), workspace.responses.stamp()
    found = forecast_batch(stores, task.tickers, task.at, task.done)
    made = [MadeForecast.of(one, task.horizon) for one in found.made]
    packed = serve.packed(stores, found.made, stamps[0])
    bodies = {body_key(str(one.ticker), MAX_HORIZON): body(one, MAX_HORIZON) for one in found.made}
    return _ShardResult(made, dict(found.failed), len(found.already), stamps, packed, bodies)


def _keep(workspace: Workspace, gave: _ShardResult) -> None:
    """For who asks next: not before they are in the ledger, as all that is shown is."""
    before, stamp = gave.stamps
    serve.keep(workspace.forecast_stores, gave.packed, before)
    workspace.responses.keep(stamp, gave.bodies)


def _of(done: dict[tuple[str, int], date], part: list[Ticker]) -> dict[tuple[str, int], date]:
    symbols = {one.symbol for one in part}
    return {key: as_of for key, as_of in done.items() if key[0] in symbols}


def _written(
    workspace: Workspace,
    made: list[MadeForecast],
    at: datetime,
    failed: dict[Ticker, TickerLensError],
) -> Written:
    try:
        return workspace.ledger.write([one.draft for one in made], at)
    except TickerLensError as error:
        failed |= {one.draft.ticker: error for one in made}
        return Written()


def unrecorded(result: dict[str, Any]) -> Message | None:
    """Why none of the forecasts that were made is in the ledger; None if one is."""
    reason: Message | None = result.get("not_recorded")
    return reason
