"""What each command does: open the stores, call one service, return what to print."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pandas as pd

from core.forecasts.ledger.score import unknown
from core.foundation.errors import InvalidInputError, NotFoundError, OfflineError
from core.foundation.keys.caller import actor
from core.foundation.progress import Progress
from core.foundation.sql.hash_chain import START, parse_hash
from core.lifecycle.compare import ComparedRows
from core.lifecycle.compare import compare as compare_forecasters
from core.lifecycle.promote import Move
from core.lifecycle.train import TrainingRequest
from core.market_data.explain_steps import explain_step, withdraw_explanation
from core.market_data.ingest import WantedBars
from core.market_data.reconcile_sessions import decide
from core.market_data.records.session_override_store import SessionRuling
from core.market_data.review import discard
from core.market_data.review import quality as check_quality
from core.market_data.review import release, to_dict
from core.market_data.sources.tables.numbers import MARKS
from core.market_data.sources.tables.options import TableOptions
from core.reference.naming.lists import some_namings
from core.wiring import Workspace
from core.workflows.bars.backfill import backfill as run_backfill
from core.workflows.bars.ingest import ingest as run_ingest
from core.workflows.bars.load_sample import load_sample
from core.workflows.bars.preview import preview
from core.workflows.bars.remove_tickers import remove as run_remove
from core.workflows.bars.remove_tickers import tracked
from core.workflows.bars.replicate import mirrored, replicate
from core.workflows.forecast import forecast as run_forecast
from core.workflows.monitor import monitor as run_monitor
from core.workflows.nightly import nightly as run_nightly
from core.workflows.replay import WantedReplay
from core.workflows.replay import replay as run_replay
from core.workflows.score import score as run_score
from core.workflows.training.promote import promote as run_promote
from core.workflows.training.promote import roll_back
from core.workflows.training.publish import publish, publish_later
from core.workflows.training.train import stopped_at
from core.workflows.training.train import train as run_train
from flows import serving
from flows.measuring import measure

_PRINTED_PAIRS = {"baseline": "rival", "loss_reduction": "saved"}  # as others read them
_NAMED = 20  # rows of the ledger in an answer
Command = Callable[[Namespace, Workspace, Progress], dict[str, Any]]


def ingest(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Fetch bars and store them."""
    wanted = _wanted(options, options.market)
    if options.preview:
        return preview(workspace, wanted, datetime.now(UTC))
    return run_ingest(workspace, wanted, actor(), datetime.now(UTC), progress).to_dict()


def backfill(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Fill a past range; goes on where it was stopped."""
    wanted = replace(_wanted(options), again=options.again)
    return run_backfill(workspace, wanted, actor(), datetime.now(UTC), progress)


def mirror(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Bring ClickHouse's copy of the bars up to date."""
    if not workspace.settings.clickhouse_url:
        raise InvalidInputError(
            "clickhouse.no-address", "There is no ClickHouse: TICKERLENS_CLICKHOUSE_URL is empty."
        )
    done = replicate(workspace, progress)
    if done is not None and done.warning is not None:
        raise OfflineError.of(done.warning)
    return mirrored(done)


def train(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Train on the stored bars; the first model serves, later ones challenge it."""
    request = TrainingRequest(
        actor(),
        options.reason,
        options.scope,
        options.model,
        "",
        options.gate,
        options.evaluate_all,
    )
    registry = workspace.registry
    known = {one.version for one in registry.versions()}
    try:
        return run_train(workspace, request, progress)
    except KeyboardInterrupt:
        new = [one for one in registry.versions() if one.version not in known]
        if not new:
            raise
        publish_later(workspace, request.actor, datetime.now(UTC))
        parts = [str(sentence) for one in new for sentence in stopped_at(registry, one)]
        raise KeyboardInterrupt(" ".join(parts)) from None


def compare(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Walk several forecasters forward and rank them; goes on where it was stopped."""
    bars, folder = workspace.bars, workspace.settings.home / "proofs"
    try:
        rows = ComparedRows(options.scope, options.sessions, options.every, options.evaluate_all)
        found = compare_forecasters(bars, folder, options.models, rows, progress)
    except KeyboardInterrupt:
        resumable = "Finished folds are kept, and the same command goes on from them."
        raise KeyboardInterrupt(resumable) from None
    tables = {
        "leaderboard": found.overall,
        "by_horizon": found.by_horizon,
        "pairwise": found.pairs.rename(columns=_PRINTED_PAIRS),
    }
    return {name: _rows(table) for name, table in tables.items()}


def promote(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Let a model version serve; the gate is asked first if its decision holds no longer."""
    now, move = datetime.now(UTC), _move(options)
    return run_promote(workspace, options.version, move, now, progress, ask_gate=True, later=False)


def rollback(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Let the model version serve that served before."""
    return roll_back(workspace, _move(options), datetime.now(UTC))


def forecast(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Forecast each ticker with the champion; of more than 100 not named, tell only how many."""
    named = bool(options.tickers)
    return run_forecast(workspace, options.tickers, options.horizon, progress, listed=named)


def score(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Score forecasts whose target sessions have closed."""
    return run_score(workspace, datetime.now(UTC), options.tickers, progress)


def monitor(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Compare the champion's past with the latest window."""
    return run_monitor(workspace, measure, progress)


def nightly(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Ingest, score, monitor and forecast; of one market once a session."""
    return run_nightly(workspace, actor(), measure, progress, market=options.market)


def replay(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Write into the ledger what the champion's recipe would have forecast in the past."""
    wanted = WantedReplay(options.tickers, options.start, options.end)
    return run_replay(workspace, actor(), wanted, progress)


def serve(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Offer the flows to Prefect until told to stop."""
    serving.serve(workspace)
    return {"status": "stopped"}


def quality(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Check what is stored, list what is held back, or decide on an entry of that list."""
    gateway, audit, now = workspace.gateway, workspace.audit, datetime.now(UTC)
    for decided, number in ((release, options.release), (discard, options.discard)):
        if number is not None:
            return to_dict(decided(gateway, audit, number, actor(), options.reason, now))
    if options.explain is not None:
        return to_dict(
            explain_step(
                gateway, audit, options.explain, options.step, actor(), options.reason, now
            )
        )
    if options.take_back is not None:
        return to_dict(
            withdraw_explanation(gateway, audit, options.take_back, actor(), options.reason, now)
        )
    return check_quality(gateway, now, options.tickers, progress)


def remove(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Forget all bars of these tickers."""
    tickers = [one.ticker for one in some_namings(options.tickers, tracked(workspace))]
    return run_remove(workspace, tickers, actor(), datetime.now(UTC), progress)


def ledger(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Check that no forecast or score was changed since it was written, or show who said what."""
    _refuse_other_options(options)
    opened = workspace.ledger
    if options.action == "verify":
        found = opened.verify(options.hash)
        hashes = {"forecasts": found.forecasts_hash, "scores": found.scores_hash}
        counts = {"forecasts": found.forecasts, "scores": found.scores}
        empty = options.hash is not None and parse_hash(options.hash) == START
        note = "Every ledger began with the hash that was given, so it proves nothing."
        untimely = opened.out_of_order()
        result = {"status": "out of order" if untimely else "intact", **counts, "hash": hashes}
        if untimely:  # nobody changed a row, but the clock was wrong when some were made
            result |= {
                "out_of_order": len(untimely),
                "rows": [str(one) for one in untimely[:_NAMED]],
            }
        return result | ({"note": note} if empty else {})
    if options.tickers is None:
        raise InvalidInputError(
            "ledger.no-ticker-named",
            "Name the tickers to show with --tickers.",
            parameter="tickers",
        )
    for message in unknown(workspace.bars, opened, options.tickers).values():
        raise NotFoundError.of(message, "tickers")
    names = {one.version: one.name for one in workspace.registry.versions()}
    as_of = None if options.date is None else options.date.date()
    rows = opened.served(options.tickers, as_of)
    for row in rows:
        version = row.pop("model_version")
        name, number = row.pop("made_by") or (names.get(version), str(version))
        row["model"] = {"name": name, "version": number}
        row |= {"as_of": str(row["as_of"]), "created_at": row["created_at"].isoformat()}
    return {"forecasts": rows}


def sessions(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """List what was found out about single sessions, or say something of one."""
    found, now = workspace.session_overrides, datetime.now(UTC)
    if options.calendar or options.session is not None or options.change:
        if options.session is None:
            raise InvalidInputError(
                "session.no-date-named", "Name the date with --session.", parameter="session"
            )
        session = options.session.date()
        ruling = SessionRuling(
            now, actor(), options.calendar, session, options.change, options.reason
        )
        decide(found, workspace.audit, ruling)
    rulings = [one.to_dict() for one in found.last().values()]
    return {"sessions": [{key: str(value) for key, value in one.items()} for one in rulings]}


def demo(options: Namespace, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    """Load the sample data, train on it, forecast AAPL."""
    made = load_sample(workspace, actor(), datetime.now(UTC), progress).to_dict()
    publish(workspace, datetime.now(UTC), progress)
    return made


def _move(options: Namespace) -> Move:
    ticker = "" if options.ticker is None else options.ticker.symbol
    return Move(actor(), options.reason, ticker)


def _refuse_other_options(options: Namespace) -> None:
    """Say so of an option that the other of the ledger's two actions is for."""
    if options.action == "show" and options.hash is not None:
        raise InvalidInputError(
            "ledger.hash-with-show",
            "A hash is looked for by verify; show takes no --hash.",
            parameter="hash",
        )
    for name in ("tickers", "date"):
        if options.action == "verify" and getattr(options, name) is not None:
            raise InvalidInputError(
                "ledger.verify-with-scope",
                "One chain holds all tickers and dates and is checked whole; verify takes no "
                "--{option}.",
                {"option": name},
                parameter=name,
            )


def _wanted(options: Namespace, market: str = "") -> WantedBars:
    table = TableOptions(
        options.dates, MARKS.get(options.decimal, ""), options.volume, options.adjusted
    )
    return WantedBars(
        options.tickers,
        options.source or "",
        tuple(options.file),
        options.start,
        options.end,
        market,
        table=table,
    )


def _rows(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON-able values, NaN as none."""
    known = frame.astype(object).where(frame.notna(), None)
    return [{str(key): value for key, value in row.items()} for row in known.to_dict("records")]
