"""What a piece of work did, in one sentence."""

from typing import Any

from core.foundation.schedules.nightly_log import NightlyStatus
from core.workflows.forecast import unrecorded


def summary(result: dict[str, Any]) -> str:
    """One sentence on what a piece of work did."""
    if "gate" in result:
        gate = result["gate"] or {"reasons": []}
        role, _, ticker = result["alias"].partition(".")
        alias = f"{role} for {ticker}" if ticker else role
        now = f"Version {result['model']['version']} is the {alias} now."
        return " ".join([now, *gate["reasons"][:1]])
    if result.get("status") == NightlyStatus.SKIPPED:
        return str(result["reason"])
    if "signals" in result:
        return "; ".join(f"{one['name']}: {one['verdict']}" for one in result["signals"]) + "."
    warning = result.get("mirror", {}).get("warning", "")
    if result.get("failed"):
        return " ".join(["Partial:", *map(str, result["failed"].values()), warning]).strip()
    if reason := unrecorded(result):
        return str(reason)
    late = len(result.get("late", {}))
    late_note = f"{late} too late for the ledger." if late else ""
    wrong = " ".join(map(str, result.get("untimely", {}).values()))
    return " ".join(filter(None, ["Done.", late_note, wrong, warning]))
