"""How much memory a process that a test has started holds."""

import os
from pathlib import Path
from urllib.parse import urlsplit


def resident_mb(address: str) -> float:
    """The resident memory of the server at an address, a child of this process, in MB."""
    port = str(urlsplit(address).port)
    tasks = Path(f"/proc/{os.getpid()}/task").glob("*/children")
    children = [pid for task in tasks for pid in task.read_text().split()]
    (own,) = (
        pid for pid in children if port in Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    )
    status = Path(f"/proc/{own}/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024
