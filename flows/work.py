"""What commands and flows do: open the stores, call services, return JSON-able values."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from core import wiring
from core.errors import TickerLensError
from core.forecasts.make import Forecast, skill_to_dict
from core.registry.aliases import CHALLENGER, CHAMPION, alias_of
from core.registry.registry import ModelRegistry, ModelVersion
from core.schema import MAX_HORIZON
from core.services.forecast import forecast as make_forecast
from core.services.monitor import conclude, prepare
from core.services.progress import Progress
from core.services.publish import publish as run_publish
from core.services.scope import ALL
from core.services.score import score as run_score
from core.services.train import Order, refreshed
from core.services.train import train as run_train
from core.settings import Settings
from core.storage.reports import reason_of, report_to_dict
from core.tickers import Ticker
from flows import data


def train(settings: Settings, order: Order, progress: Progress) -> dict[str, Any]:
    """Train once and record it in MLflow.

    Where all tickers are learned from and the gate may let the result serve, the specialists that
    serve are trained anew too.
    """
    registry = wiring.open_registry(settings)
    bars = wiring.open_bars(settings=settings)
    model = run_train(bars, registry, order, datetime.now(UTC), progress)
    own: dict[str, Any] = {}
    if order.gate and model.card.scope == ALL:
        for one in refreshed(order, registry.specialists(), bars.tickers()):
            try:
                special = run_train(bars, registry, one, datetime.now(UTC), progress)
                own[one.scope] = _trained(registry, special)
            except TickerLensError as error:
                own[one.scope] = {"error": error.message}
    told = _trained(registry, model)
    return told | ({"specialists": own} if own else {}) | publish(settings, progress)


def standing(registry: ModelRegistry, model: ModelVersion) -> str:
    """Where a version stands whose training was stopped, in part of a sentence."""
    alias, said = _alias(registry, model), registry.decisions.latest(1, model.version)
    role, _, ticker = alias.partition(".")
    where = f"is the {role} for {ticker}" if ticker else f"is the {role}"
    if not alias:
        where = "is no challenger yet"
    elif role == CHALLENGER:
        judged = f"says {said[0].decision.answer}" if said else "was not asked about it"
        where += f", and the gate {judged}"
    return f"version {model.version} is stored and {where}"


def _alias(registry: ModelRegistry, model: ModelVersion) -> str:
    """The alias that points at a version; empty if none does."""
    if registry.champion() == model:
        return CHAMPION
    ticker = model.card.only_ticker
    if registry.champion(ticker) == model:
        return alias_of(CHAMPION, ticker)
    return alias_of(CHALLENGER, ticker) if registry.challenger(ticker) == model else ""


def _trained(registry: ModelRegistry, model: ModelVersion) -> dict[str, Any]:
    card = model.card
    return {
        "model": {"name": model.name, "version": str(model.version)},
        "alias": _alias(registry, model) or alias_of(CHALLENGER, card.only_ticker),
        "scope": card.scope,
        "tickers": list(card.tickers),
        "window": card.window,
        "bars": card.bars,
        "seconds": card.seconds,
        "skill": skill_to_dict(card.skill, card.scope),
        "gate": gate_of(registry, model),
    }


def gate_of(registry: ModelRegistry, model: ModelVersion) -> dict[str, Any] | None:
    """What the gate said last of a version, and against which; None if it was not asked."""
    said = registry.decisions.latest(1, model.version)
    if not said:
        return None
    return {"against": str(said[0].champion), **said[0].decision.to_dict()}


def publish(settings: Settings, progress: Progress) -> dict[str, Any]:
    """Bring MLflow up to date with the models kept here."""
    registry, mirror = wiring.open_registry(settings), wiring.open_mlflow(settings)
    return {"mlflow": run_publish(registry, mirror, datetime.now(UTC), progress).to_dict()}


def forecast(
    settings: Settings,
    progress: Progress,
    tickers: list[Ticker] | None = None,
    horizon: int = MAX_HORIZON,
) -> dict[str, Any]:
    """Forecast each ticker (all when None) and write every forecast into the ledger.

    One that is too late for it is in the answer all the same, and named under "late".
    """
    bars, registry = wiring.open_bars(settings=settings), wiring.open_registry(settings)
    ledger = wiring.open_ledger(settings)
    wanted = list(dict.fromkeys(tickers or bars.tickers()))
    made: list[Forecast] = []
    failures: dict[Ticker, TickerLensError] = {}
    for done, ticker in enumerate(wanted):
        progress("Forecasting", done, len(wanted))
        try:
            made.append(make_forecast(bars, registry, ticker, datetime.now(UTC), ledger=ledger))
        except TickerLensError as error:
            failures[ticker] = error
    if failures and not made:
        raise next(iter(failures.values()))
    written = ledger.append(made, datetime.now(UTC))
    shown = [one.to_dict() for one in made]
    return {
        "status": "partial" if failures else "ok",
        "new_in_ledger": written.new,
        "late": written.late,
        "forecasts": [{**one, "predictions": one["predictions"][:horizon]} for one in shown],
        "failed": {str(one): about(one, error.message) for one, error in failures.items()},
    }


def score(
    settings: Settings, progress: Progress, tickers: list[Ticker] | None = None
) -> dict[str, Any]:
    """Score what the ledger holds of these tickers, all when None."""
    bars, ledger = wiring.open_bars(settings=settings), wiring.open_ledger(settings)
    return run_score(bars, ledger, datetime.now(UTC), tickers, progress).to_dict()


def monitor(
    settings: Settings, progress: Progress, tell: Callable[[str], None] | None = None
) -> dict[str, Any]:
    """Compare the champion's past with the latest window and keep the report.

    `tell` is called with the reason, once for each champion, when drift is confirmed.
    """
    from monitoring.drift import measure

    bars, registry = wiring.open_bars(settings=settings), wiring.open_registry(settings)
    compared = prepare(bars, registry, progress)
    progress("Measuring with Evidently", 0, 1)
    measured = measure(compared)
    report = conclude(compared, measured.distances, measured.quality, datetime.now(UTC))
    reports = wiring.open_reports(settings)
    kept = reports.add(report, measured.pages)
    if tell is not None and kept.confirmed and not reports.told_for(kept.model_version):
        tell(reason_of(kept))
        reports.tell(kept.id)
    progress("Report kept", 1, 1)
    return report_to_dict(kept)


def nightly(settings: Settings, progress: Progress, who: str) -> dict[str, Any]:
    """Ingest, train if nothing serves yet, score, monitor, forecast; a failing step is named.

    Raises
    ------
    TickerLensError : every step failed; the reason of the first.
    """
    steps: dict[str, Callable[[], dict[str, Any]]] = {
        "ingest": lambda: data.ingest(settings, progress, who),
        "train": lambda: train(settings, Order(who, "nothing serves yet"), progress),
        "score": lambda: score(settings, progress),
        "monitor": lambda: monitor(settings, progress),
        "forecast": lambda: forecast(settings, progress),
    }
    if wiring.open_registry(settings).champion() is not None:
        del steps["train"]
    done: dict[str, Any] = {}
    failures: dict[str, TickerLensError] = {}
    for name, step in steps.items():
        try:
            done[name] = step()
        except TickerLensError as error:
            failures[name] = error
    if not done:
        raise next(iter(failures.values()))
    partial = failures or any(one.get("status") == "partial" for one in done.values())
    return {
        "status": "partial" if partial else "ok",
        **done,
        "failed": {name: error.message for name, error in failures.items()},
    }


def summary(answer: dict[str, Any]) -> str:
    """One sentence on what a piece of work did."""
    if "model" in answer:
        said = answer["gate"] or {"reasons": []}
        role, _, ticker = answer["alias"].partition(".")
        alias = f"{role} for {ticker}" if ticker else role
        now = f"Version {answer['model']['version']} is the {alias} now."
        return " ".join([now, *said["reasons"][:1]])
    if "signals" in answer:
        return "; ".join(f"{one['name']}: {one['verdict']}" for one in answer["signals"]) + "."
    warning = answer.get("mirror", {}).get("warning", "")
    if answer.get("failed"):
        return " ".join(["Partial:", *answer["failed"].values(), warning]).strip()
    late = len(answer.get("late", {}))
    told = f"{late} too late for the ledger." if late else ""
    return " ".join(filter(None, ["Done.", told, warning]))


def about(ticker: Ticker, sentence: str) -> str:
    """The sentence, led by the ticker unless it is one of its words already."""
    words = {word.strip(".,:;()\"'") for word in sentence.split()}
    return sentence if str(ticker) in words else f"{ticker}: {sentence}"
