"""What each command does: open the stores, call one service, return what to print."""

import getpass
from argparse import Namespace
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from core import wiring
from core.errors import InvalidInputError, NotFoundError, OfflineError
from core.registry.aliases import CHAMPION, alias_of
from core.registry.registry import ModelRegistry
from core.services import promote as promotion
from core.services.compare import compare as compare_forecasters
from core.services.progress import Progress
from core.services.quality import discard
from core.services.quality import quality as check_quality
from core.services.quality import release, to_dict
from core.services.reconcile import decide
from core.services.sample import load_sample
from core.services.score import unknown
from core.services.train import Order
from core.settings import Settings
from core.storage.audit import Action, Audit
from core.storage.bars import ParquetBars
from core.storage.chain import START, parse_hash
from core.storage.session_overrides import Finding
from flows import data, serving, work

Command = Callable[[Namespace, Settings, Progress], dict[str, Any]]


def ingest(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Fetch bars and store them."""
    return data.ingest(settings, progress, _who(), _wanted(options, options.market))


def backfill(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Fill a past range; goes on where it was stopped."""
    return data.backfill(settings, progress, _who(), _wanted(options), options.again)


def mirror(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Bring ClickHouse's copy of the bars up to date."""
    if not settings.clickhouse_url:
        raise InvalidInputError("There is no ClickHouse: TICKERLENS_CLICKHOUSE_URL is empty.")
    done = data.mirror(settings, progress)
    if done["mirror"]["warning"]:
        raise OfflineError(done["mirror"]["warning"])
    return done


def train(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Train on the stored bars; the first model serves, later ones challenge it."""
    order = Order(_who(), options.reason, options.scope, options.model, gate=options.gate)
    registry = wiring.open_registry(settings)
    known = {one.version for one in registry.versions()}
    try:
        return work.train(settings, order, progress)
    except KeyboardInterrupt:
        new = [one for one in registry.versions() if one.version not in known]
        if not new:
            raise
        wiring.open_outbox(settings).ask("publish", {}, order.who, datetime.now(UTC))
        raise KeyboardInterrupt("; ".join(work.standing(registry, one) for one in new)) from None


def compare(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Walk several forecasters forward and rank them; goes on where it was stopped."""
    bars, folder = wiring.open_bars(settings=settings), settings.home / "proofs"
    try:
        found = compare_forecasters(
            bars, folder, options.models, options.scope, options.sessions, options.every, progress
        )
    except KeyboardInterrupt:
        kept = "finished folds are kept, and the same command goes on from them"
        raise KeyboardInterrupt(kept) from None
    return {"leaderboard": _rows(found.overall), "by_horizon": _rows(found.by_horizon)}


def promote(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Let a model version serve."""
    stores, now = _judged_by(settings), datetime.now(UTC)
    own = "" if options.ticker is None else options.ticker.symbol
    model = promotion.promote(*stores, options.version, _who(), options.reason, now, ticker=own)
    moved = {alias_of(CHAMPION, own): str(model.version), "gate": work.gate_of(stores[0], model)}
    return moved | work.publish(settings, progress)


def rollback(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Let the model version serve that served before."""
    now, own = datetime.now(UTC), "" if options.ticker is None else options.ticker.symbol
    stores = _judged_by(settings)
    left = stores[0].champion(own)
    model = promotion.roll_back(*stores, _who(), options.reason, now, ticker=own)
    # Loading MLflow takes longer than somebody in a hurry should wait.
    wiring.open_outbox(settings).ask("publish", {}, _who(), now)
    to, before = (None if one is None else str(one.version) for one in (model, left))
    return {alias_of(CHAMPION, own): to, "instead_of": before}


def forecast(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Forecast each ticker with the champion."""
    return work.forecast(settings, progress, options.tickers, options.horizon)


def score(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Score forecasts whose target sessions have closed."""
    return work.score(settings, progress, options.tickers)


def monitor(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Compare the champion's past with the latest window."""
    return work.monitor(settings, progress)


def nightly(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Ingest, score, monitor and forecast, one after the other."""
    return work.nightly(settings, progress, _who())


def serve(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Offer the flows to Prefect until told to stop."""
    serving.serve(settings)
    return {"status": "stopped"}


def quality(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Check what is stored, list what is held back, or decide on an entry of that list."""
    intake, audit, now = (
        wiring.open_intake(settings),
        wiring.open_audit(settings),
        datetime.now(UTC),
    )
    for decided, number in ((release, options.release), (discard, options.discard)):
        if number is not None:
            return to_dict(decided(intake, audit, number, _who(), options.reason, now))
    return check_quality(intake, now, options.tickers, progress)


def remove(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Forget all bars of these tickers."""
    bars = wiring.open_bars(settings=settings)
    audit, quarantine = wiring.open_audit(settings), wiring.open_quarantine(settings)
    tickers = list(dict.fromkeys(options.tickers))
    stored = bars.tickers()
    for ticker in tickers:
        if ticker not in stored:
            raise NotFoundError(f"{ticker} is not tracked here; nothing was removed.", "tickers")
    for done, ticker in enumerate(tickers):
        progress("Removing bars", done, len(tickers))
        bars.remove(ticker)
        quarantine.forget(ticker.symbol)
        audit.add(Action(datetime.now(UTC), _who(), "remove bars", str(ticker)))
    return {"removed": [str(ticker) for ticker in tickers]}


def ledger(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Check that no forecast or score was changed since it was written, or show who said what."""
    _refuse_other_options(options)
    opened = wiring.open_ledger(settings)
    if options.action == "verify":
        found = opened.verify(options.hash)
        hashes = {"forecasts": found.forecasts_hash, "scores": found.scores_hash}
        counts = {"forecasts": found.forecasts, "scores": found.scores}
        empty = options.hash is not None and parse_hash(options.hash) == START
        note = "Every ledger began with the hash that was given, so it proves nothing."
        return {"status": "intact", **counts, "hash": hashes} | ({"note": note} if empty else {})
    if options.tickers is None:
        raise InvalidInputError("Name the tickers to show with --tickers.", "tickers")
    for told in unknown(wiring.open_bars(settings=settings), opened, options.tickers).values():
        raise NotFoundError(told, "tickers")
    names = {one.version: one.name for one in wiring.open_registry(settings).versions()}
    as_of = None if options.date is None else options.date.date()
    rows = opened.served(options.tickers, as_of)
    for row in rows:
        version = row.pop("model_version")
        row["model"] = {"name": names.get(version), "version": str(version)}
        row |= {"as_of": str(row["as_of"]), "created_at": row["created_at"].isoformat()}
    return {"forecasts": rows}


def sessions(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """List what was found out about single sessions, or say something of one."""
    found, now = wiring.open_session_overrides(settings), datetime.now(UTC)
    if options.calendar or options.session is not None or options.change:
        if options.session is None:
            raise InvalidInputError("Name the date with --session.", "session")
        session = options.session.date()
        word = Finding(now, _who(), options.calendar, session, options.change, options.reason)
        decide(found, wiring.open_audit(settings), word)
    told = [vars(one) for one in found.last().values()]
    return {"sessions": [{key: str(value) for key, value in one.items()} for one in told]}


def demo(options: Namespace, settings: Settings, progress: Progress) -> dict[str, Any]:
    """Load the sample data, train on it, forecast AAPL."""
    made = load_sample(
        wiring.open_intake(settings),
        wiring.open_registry(settings),
        wiring.open_audit(settings),
        _who(),
        datetime.now(UTC),
        progress,
        wiring.open_outcomes(settings),
        wiring.open_ledger(settings),
    ).to_dict()
    work.publish(settings, progress)
    return made


def _judged_by(settings: Settings) -> tuple[ModelRegistry, ParquetBars, Audit]:
    bars = wiring.open_bars(settings=settings)
    return wiring.open_registry(settings), bars, wiring.open_audit(settings)


def _refuse_other_options(options: Namespace) -> None:
    """Say so of an option that the other of the ledger's two actions is for."""
    if options.action == "show" and options.hash is not None:
        raise InvalidInputError("A hash is looked for by verify; show takes no --hash.", "hash")
    for name in ("tickers", "date"):
        if options.action == "verify" and getattr(options, name) is not None:
            told = "One chain holds all tickers and dates and is checked whole"
            raise InvalidInputError(f"{told}; verify takes no --{name}.", name)


def _wanted(options: Namespace, market: str = "") -> data.Wanted:
    source = options.source or ""
    return data.Wanted(options.tickers, source, options.file, options.start, options.end, market)


def _who() -> str:
    return f"command line ({getpass.getuser()})"[:64]


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON-able values, NaN as none."""
    known = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in known.to_dict("records")]
