"""The health of a source of bars, read from the ingest log; the source itself is not asked."""

from core.foundation.health import HealthState, ProbeResult
from core.market_data.records.ingest_log import IngestLog, IngestOutcome

_SILENT = (IngestOutcome.RATE_LIMITED, IngestOutcome.UNAVAILABLE)


def source_health(ingest_log: IngestLog, source: str, resting: str = "") -> ProbeResult:
    """How a source answered when it was last asked for bars.

    Parameters
    ----------
    resting : until when the circuit breaker is open and why, one sentence; empty if it is closed.
    """
    found = ingest_log.latest_run(source)
    last = ingest_log.last_success(source)
    if not found:
        return ProbeResult(HealthState.NOT_SET_UP, "It was never asked for bars.")
    good = [one for one in found if one.outcome == IngestOutcome.OK]
    bad = [one for one in found if one.outcome != IngestOutcome.OK]
    if resting:
        return ProbeResult(HealthState.DEGRADED if good else HealthState.DOWN, resting, last)
    if not bad:
        return ProbeResult(
            HealthState.UP, f"Gave bars of {_tickers(len(good))} when last asked.", last
        )
    message = bad[0].message or "It gave no bars."
    if len(found) > 1:
        message = f"{len(bad)} of {_tickers(len(found))} failed when last asked: {message}"
    silent = not good and any(one.outcome in _SILENT for one in bad)
    return ProbeResult(HealthState.DOWN if silent else HealthState.DEGRADED, message, last)


def _tickers(count: int) -> str:
    return "1 ticker" if count == 1 else f"{count:,} tickers"
