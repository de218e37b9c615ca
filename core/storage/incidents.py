"""What nobody foresaw: kept in full for a developer, named to a person by a short id."""

import secrets
import traceback
from datetime import UTC, datetime
from pathlib import Path


def record_incident(home: Path, error: BaseException) -> str:
    """Append the traceback to `logs/incidents.log` under `home`; returns the id to show."""
    name = secrets.token_hex(4)
    log = home / "logs" / "incidents.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    told = "".join(traceback.format_exception(error))
    with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
        file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {name}\n{told}\n")
    return name
