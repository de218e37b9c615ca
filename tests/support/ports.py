"""Ports of this machine that nobody uses, and what may listen on one."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

_PATIENCE_SECONDS = 10.0


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def black_hole(port: int) -> Iterator[socket.socket]:
    """Something that lets everybody connect and never answers, once the port is free."""
    with _listening(port) as found:
        found.setblocking(False)
        yield found


def _listening(port: int) -> socket.socket:
    until = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < until:
        with suppress(OSError):  # the last of a killed server still has it
            return socket.create_server(("127.0.0.1", port), backlog=64)
        time.sleep(0.1)
    raise AssertionError(f"port {port} does not become free")
