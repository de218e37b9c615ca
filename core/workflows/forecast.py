"""Forecast tickers with what serves, and write every forecast into the ledger."""

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from core.forecasts import serve
from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Written
from core.foundation.caches.cache import Cache
from core.foundation.clock import Clock, utc_now
from core.foundation.errors import TickerLensError
from core.foundation.messages import Message
from core.foundation.progress import Progress, WorkStatus, silent
from core.reference.bar_sources import is_sample
from core.reference.schema import MAX_HORIZON
from core.reference.tickers import Ticker
from core.wiring import Workspace

_log = logging.getLogger(__name__)


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

    return _made(workspace, ticker, clock(), record, workspace.cache)


def forecast(
    workspace: Workspace,
    tickers: list[Ticker] | None = None,
    horizon: int = MAX_HORIZON,
    progress: Progress = silent,
    clock: Clock = utc_now,
) -> dict[str, Any]:
    """Forecast each ticker (all when None) and write every forecast into the ledger.

    One that is too late for it is in the answer all the same, and named under "late"; so is one
    that the clock of this machine contradicts, under "untimely". "short_history" names those with
    too few sessions for the model, "fallback" those that no version can serve: the ledger keeps
    both apart from the model's, and neither of sample bars.

    Returns
    -------
    JSON-able but for the messages under "late", "untimely" and "failed".

    Raises
    ------
    TickerLensError : every ticker failed; the reason of the first.
    """
    wanted = list(dict.fromkeys(tickers or workspace.bars.tickers()))
    made: list[Forecast] = []
    written: list[Written] = []
    failures: dict[Ticker, TickerLensError] = {}

    def record(one: Forecast) -> None:
        # Each at once: many take long, and rows are in the order in which they were made.
        try:
            written.append(workspace.ledger.append([one], clock()))
        except TickerLensError as error:
            failures[one.ticker] = error

    for done, ticker in enumerate(wanted):
        progress("Forecasting", done, len(wanted))
        try:
            made.append(_made(workspace, ticker, clock(), record))
        except TickerLensError as error:
            failures[ticker] = error
    if failures and not made:
        raise next(iter(failures.values()))
    late = {one: reason for each in written for one, reason in each.late.items()}
    untimely = {one: reason for each in written for one, reason in each.untimely.items()}
    return {
        "status": WorkStatus.PARTIAL if failures or late or untimely else WorkStatus.OK,
        "new_in_ledger": sum(one.new for one in written),
        "late": late,
        "untimely": untimely,
        "short_history": [str(one.ticker) for one in made if one.short_history],
        "fallback": [str(one.ticker) for one in made if one.fallback and not one.short_history],
        "forecasts": [one.to_dict(horizon) for one in made],
        "failed": {str(one): about(one, error.sentence) for one, error in failures.items()},
    }


def _made(
    workspace: Workspace,
    ticker: Ticker,
    at: datetime,
    record: Callable[[Forecast], None],
    cache: Cache | None = None,
) -> Forecast:
    """What every door shows of a ticker; `record` writes it down where it is made anew."""
    stores = replace(workspace.forecast_stores, cache=cache)
    return serve.forecast(stores, ticker, at, record)


def unrecorded(result: dict[str, Any]) -> Message | None:
    """Why none of the forecasts that were made is in the ledger; None if one is."""
    made = result.get("forecasts", [])
    late = {
        one: reasons
        for key in ("late", "untimely", "failed")
        for one, reasons in result.get(key, {}).items()
    }
    by_fallback = {*result.get("short_history", ()), *result.get("fallback", ())}
    meant = [
        one for one in made if not is_sample(one["source"]) or one["ticker"] not in by_fallback
    ]
    if any(one["ticker"] not in late for one in meant):
        return None
    reasons = [late.get(one["ticker"]) or one["note"] or "" for one in made]
    if not reasons:
        return None
    if len(reasons) == 1:
        return Message(
            "forecast.unrecorded",
            "No forecast came into the ledger: {reason}",
            {"reason": reasons[0]},
        )
    return Message(
        "forecast.several-unrecorded",
        "No forecast came into the ledger: {reason} So it was with {count} more.",
        {"reason": reasons[0], "count": len(reasons) - 1},
    )


def about(ticker: Ticker, sentence: Message) -> Message:
    """The sentence, led by the ticker unless it is one of its words already."""
    words = {word.strip(".,:;()\"'") for word in str(sentence).split()}
    if str(ticker) in words:
        return sentence
    return Message(
        "ticker.sentence", "{ticker}: {sentence}", {"ticker": ticker, "sentence": sentence}
    )
