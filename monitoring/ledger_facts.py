"""Facts about the ledger: how many rows it has, and whether all are as they were written."""

import threading
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client.core import Metric

from core.forecasts.ledger.ledger import Ledger
from core.forecasts.ledger.reader import Reading
from monitoring.families import counter, gauge, one

ROWS = 100  # checked at a time: 0.1 s of forecasts, less of scores
SECONDS = 0.2  # after which a scrape leaves the rest to the next: 100,000 rows would take 9


class LedgerFacts:
    """Checks the ledger piece by piece: each scrape goes on where the one before stopped.

    At the end, and after a fault, it starts again; a fault stands until all rows are found whole.
    So a change in a ledger of a few thousand rows shows at the next scrape.
    """

    def __init__(
        self, open_ledger: Callable[[], Ledger], rows: int = ROWS, seconds: float = SECONDS
    ) -> None:
        self._open = open_ledger
        self._rows, self._seconds = rows, seconds
        self._reading = Reading()
        self._intact: bool | None = None
        self._lock = threading.Lock()

    def __call__(self, at: datetime) -> Iterator[Metric]:
        """Every fact as of an instant."""
        ledger = self._open()
        seals = ledger.seals()
        yield counter(
            "ledger_rows",
            "Rows written into the ledger, by table.",
            {("forecasts",): seals.forecasts, ("scores",): seals.scores},
            ("table",),
        )
        yield gauge(
            "ledger_intact",
            "1 if every row of the ledger was found as it was written, 0 if one was not; "
            "absent until all were read once.",
            one(self._look(ledger)),
        )

    def _look(self, ledger: Ledger) -> bool | None:
        with self._lock:
            if self._reading.at_end:
                self._reading = Reading()
            until = time.monotonic() + self._seconds
            while True:
                found = ledger.read_on(self._reading, self._rows)
                if found is None:
                    self._intact, self._reading = False, Reading()
                    return False
                self._reading = found
                if found.at_end:
                    self._intact = True
                if found.at_end or time.monotonic() >= until:
                    return self._intact
