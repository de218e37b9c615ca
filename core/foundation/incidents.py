"""What nobody foresaw: kept in full for a developer, named to a person by a short id."""

import secrets
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path


def record_incident(home: Path, error: BaseException) -> str:
    """Append the traceback to `logs/incidents.log` under `home`; returns the id to show.

    Never raises: what cannot be written, as on a full disk, is lost, and the caller goes on.
    """
    name = secrets.token_hex(4)
    log = home / "logs" / "incidents.log"
    trace = "".join(traceback.format_exception(error))
    with suppress(OSError, ValueError):  # the disk refuses, or the path is none
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} {name}\n{trace}\n")
    return name
