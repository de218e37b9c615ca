"""Forecast tickers with what serves, and write every forecast into the ledger."""

from typing import Any

from core.forecasts import serve
from core.forecasts.ledger.ledger import Written
from core.forecasts.make import Forecast
from core.foundation.clock import Clock, utc_now
from core.foundation.errors import TickerLensError
from core.foundation.progress import Progress, WorkStatus, silent
from core.reference.bar_sources import BarSource
from core.reference.schema import MAX_HORIZON
from core.reference.tickers import Ticker
from core.wiring import Workspace


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

    Raises
    ------
    TickerLensError : every ticker failed; the reason of the first.
    """
    bars, registry, ledger = workspace.bars, workspace.registry, workspace.ledger
    wanted = list(dict.fromkeys(tickers or bars.tickers()))
    made: list[Forecast] = []
    written: list[Written] = []
    failures: dict[Ticker, TickerLensError] = {}
    for done, ticker in enumerate(wanted):
        progress("Forecasting", done, len(wanted))
        try:
            made.append(serve.forecast(bars, registry, ticker, clock(), ledger=ledger))
            # Each at once: many take long, and rows are in the order in which they were made.
            written.append(ledger.append(made[-1:], clock()))
        except TickerLensError as error:
            failures[ticker] = error
    if failures and not made:
        raise next(iter(failures.values()))
    late = {one: why for each in written for one, why in each.late.items()}
    untimely = {one: why for each in written for one, why in each.untimely.items()}
    return {
        "status": WorkStatus.PARTIAL if failures or late or untimely else WorkStatus.OK,
        "new_in_ledger": sum(one.new for one in written),
        "late": late,
        "untimely": untimely,
        "short_history": [str(one.ticker) for one in made if one.short_history],
        "fallback": [str(one.ticker) for one in made if one.fallback and not one.short_history],
        "forecasts": [one.to_dict(horizon) for one in made],
        "failed": {str(one): about(one, error.message) for one, error in failures.items()},
    }


def unrecorded(answer: dict[str, Any]) -> str:
    """Why none of the forecasts that were made is in the ledger; empty if one is."""
    made = answer.get("forecasts", [])
    late = {
        one: why
        for key in ("late", "untimely", "failed")
        for one, why in answer.get(key, {}).items()
    }
    by_fallback = {*answer.get("short_history", ()), *answer.get("fallback", ())}
    kept = [
        one for one in made if one["source"] != BarSource.SAMPLE or one["ticker"] not in by_fallback
    ]
    if any(one["ticker"] not in late for one in kept):
        return ""
    why = [late.get(one["ticker"]) or one["note"] or "" for one in made]
    if not why:
        return ""
    more = f" So it was with {len(why) - 1} more." if len(why) > 1 else ""
    return f"No forecast came into the ledger: {why[0]}{more}"


def about(ticker: Ticker, sentence: str) -> str:
    """The sentence, led by the ticker unless it is one of its words already."""
    words = {word.strip(".,:;()\"'") for word in sentence.split()}
    return sentence if str(ticker) in words else f"{ticker}: {sentence}"
