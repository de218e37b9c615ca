"""`python -m monitoring.exporter` tells Prometheus what is stored, until told to stop."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from core.foundation.settings import Settings
    from monitoring.collector import Facts, Tell

_log = logging.getLogger("monitoring.exporter")


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(0)  # nothing here has to be tidied up: the exporter only reads


def main() -> int:
    """Serve until a signal comes; 1 if the settings or the address are unusable."""
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, _end)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    from core.foundation.errors import TickerLensError

    try:
        return _serve()
    except TickerLensError as error:
        print(error.message, file=sys.stderr)
        return 1


def _serve() -> int:
    from prometheus_client import CollectorRegistry, generate_latest

    from core.foundation.home import keep_private
    from core.foundation.settings import load_settings
    from monitoring.serving import listen, serve

    settings = load_settings()
    keep_private(settings.home)
    registry = CollectorRegistry()
    # The port is taken before the slow imports: a scrape meanwhile waits instead of failing.
    with listen(settings.host, settings.exporter_port) as listening:
        from monitoring.collector import FactsCollector

        registry.register(FactsCollector(facts(settings), _teller(settings)))
        generate_latest(registry)  # the first takes seconds of loading; no scrape waits for it
        serve(listening, settings.host_names, registry)
    return 0


def facts(settings: "Settings") -> "dict[str, Facts]":
    """Every group of facts by name, reading the stores of these settings."""
    from core.foundation.sql.database import is_there
    from core.registry.served_tickers import served_tickers
    from core.wiring import Workspace
    from monitoring import record_facts, report_facts
    from monitoring.bar_facts import BarFacts
    from monitoring.ledger_facts import LedgerFacts

    workspace = Workspace(settings)

    def recorded(read: "Callable[[datetime], Iterable[Metric]]") -> "Facts":
        return lambda at: read(at) if is_there(settings.records_address) else None

    bars = BarFacts(lambda: workspace.bars, workspace.refresh_calendars)

    return {
        "bars": bars,
        "models": recorded(
            lambda at: record_facts.model_facts(workspace.registry, at, workspace.bars)
        ),
        "forecasts": recorded(lambda at: record_facts.forecast_facts(workspace.ledger, at)),
        "ledger": recorded(LedgerFacts(lambda: workspace.ledger)),
        "ingests": recorded(lambda at: record_facts.ingest_facts(workspace.ingest_log, at)),
        "watchlist": recorded(
            lambda at: record_facts.watchlist_facts(
                workspace.watchlist,
                workspace.ingest_log,
                workspace.bars,
                workspace.calendars(),
            )
        ),
        "reports": recorded(
            lambda at: report_facts.report_facts(
                workspace.reports,
                served_tickers(workspace.registry, bars.sources()),
                at,
            )
        ),
        "requests": recorded(lambda at: record_facts.request_facts(workspace.outbox, at)),
    }


def _teller(settings: "Settings") -> "Tell":
    """Writes one line of log for each new trouble; the whole of it goes to the incidents."""
    from core.foundation.errors import TickerLensError
    from core.foundation.incidents import record_incident

    def tell(name: str, error: Exception) -> None:
        if isinstance(error, TickerLensError):
            _log.warning("the facts on %s cannot be read: %s", name, error.message)
        else:
            incident = record_incident(settings.home, error)
            _log.warning("the facts on %s cannot be read, error %s", name, incident)

    return tell


if __name__ == "__main__":
    sys.exit(main())
