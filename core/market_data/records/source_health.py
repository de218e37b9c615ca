"""The health of a source of bars, read from the ingest log; the source itself is not asked."""

from core.foundation.health import HealthState, ProbeResult
from core.foundation.messages import Message
from core.market_data.records.ingest_log import IngestLog, IngestOutcome

_SILENT = (IngestOutcome.RATE_LIMITED, IngestOutcome.UNAVAILABLE)


def source_health(
    ingest_log: IngestLog, source: str, resting: Message | None = None
) -> ProbeResult:
    """How a source answered when it was last asked for bars.

    Parameters
    ----------
    resting : until when the circuit breaker is open and why; None if it is closed.
    """
    found = ingest_log.latest_run(source)
    last = ingest_log.last_success(source)
    if not found:
        return ProbeResult(
            HealthState.NOT_SET_UP, Message("source.never-asked", "It was never asked for bars.")
        )
    good = [one for one in found if one.outcome == IngestOutcome.OK]
    bad = [one for one in found if one.outcome != IngestOutcome.OK]
    if resting is not None:
        return ProbeResult(HealthState.DEGRADED if good else HealthState.DOWN, resting, last)
    if not bad:
        return ProbeResult(HealthState.UP, _gave(len(good)), last)
    message = bad[0].message or Message("source.gave-none", "It gave no bars.")
    if len(found) > 1:
        message = Message(
            "source.some-failed",
            "{failed:,} of {count:,} tickers failed when last asked: {message}",
            {"failed": len(bad), "count": len(found), "message": message},
        )
    silent = not good and any(one.outcome in _SILENT for one in bad)
    return ProbeResult(HealthState.DOWN if silent else HealthState.DEGRADED, message, last)


def _gave(count: int) -> Message:
    if count == 1:
        return Message("source.gave-one", "Gave bars of 1 ticker when last asked.")
    return Message(
        "source.gave", "Gave bars of {count:,} tickers when last asked.", {"count": count}
    )
