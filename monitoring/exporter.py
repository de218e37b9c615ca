"""`python -m monitoring.exporter` tells Prometheus what is stored, until told to stop."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.core import Metric

    from core.settings import Settings
    from monitoring.collector import Facts, Tell

_log = logging.getLogger("monitoring.exporter")


def _end(number: int, frame: FrameType | None) -> None:
    os._exit(0)  # nothing here has to be tidied up: the exporter only reads


def main() -> int:
    """Serve until a signal comes; 1 if the settings or the address are unusable."""
    for kind in (signal.SIGINT, signal.SIGTERM):
        signal.signal(kind, _end)
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    from core.errors import TickerLensError

    try:
        return _serve()
    except TickerLensError as error:
        print(error.message, file=sys.stderr)
        return 1


def _serve() -> int:
    from prometheus_client import CollectorRegistry

    from core.settings import load_settings
    from monitoring.serving import MetricsServer

    settings = load_settings()
    registry = CollectorRegistry()
    # The port is taken before the slow imports: a scrape meanwhile waits instead of failing.
    with MetricsServer(
        settings.host, settings.exporter_port, settings.host_names, registry
    ) as server:
        from monitoring.collector import FactsCollector

        registry.register(FactsCollector(facts(settings), _teller(settings)))
        server.serve_forever()
    return 0


def facts(settings: "Settings") -> "dict[str, Facts]":
    """Every group of facts by name, reading the stores of these settings."""
    from core import wiring
    from core.errors import TickerLensError
    from core.storage.database import is_there
    from monitoring import record_facts, report_facts
    from monitoring.bar_facts import BarFacts
    from monitoring.ledger_facts import LedgerFacts

    def recorded(read: "Callable[[datetime], Iterable[Metric]]") -> "Facts":
        return lambda at: read(at) if is_there(settings.records_address) else None

    bars = BarFacts(lambda: wiring.open_bars(settings=settings))

    def bars_by_what_is_known(at: "datetime") -> "Iterable[Metric] | None":
        with suppress(TickerLensError):  # how far behind tickers are can be told without
            wiring.learn_sessions(settings)
        return bars(at)

    return {
        "bars": bars_by_what_is_known,
        "models": recorded(lambda at: record_facts.model_facts(wiring.open_registry(settings), at)),
        "forecasts": recorded(
            lambda at: record_facts.forecast_facts(wiring.open_ledger(settings), at)
        ),
        "ledger": recorded(LedgerFacts(lambda: wiring.open_ledger(settings))),
        "ingests": recorded(
            lambda at: record_facts.ingest_facts(wiring.open_outcomes(settings), at)
        ),
        "reports": recorded(
            lambda at: report_facts.report_facts(wiring.open_reports(settings), at)
        ),
        "requests": recorded(
            lambda at: record_facts.request_facts(wiring.open_outbox(settings), at)
        ),
    }


def _teller(settings: "Settings") -> "Tell":
    """Writes one line of log for each new trouble; the whole of it goes to the incidents."""
    from core.errors import TickerLensError
    from core.storage.incidents import record_incident

    def tell(name: str, error: Exception) -> None:
        if isinstance(error, TickerLensError):
            _log.warning("the facts on %s cannot be read: %s", name, error.message)
        else:
            incident = record_incident(settings.home, error)
            _log.warning("the facts on %s cannot be read, error %s", name, incident)

    return tell


if __name__ == "__main__":
    sys.exit(main())
