"""Clients that begin a request and never end it."""

import select
import socket
import time
from collections.abc import Iterable
from contextlib import ExitStack
from urllib.parse import urlsplit

_DEADLINE_SECONDS = 90.0  # the servers' own promises are shorter; a busy machine is not at fault


def connect(address: str) -> socket.socket:
    """A plain connection to a server."""
    parts = urlsplit(address)
    assert parts.hostname and parts.port
    return socket.create_connection((parts.hostname, parts.port), timeout=30)


def still_open(address: str, sent: Iterable[tuple[bytes, bytes]]) -> list[bytes]:
    """Of connections that each send a beginning, those that the server never closes.

    Every half second each sends a little more, the second of the pair; none reads anything.
    """
    with ExitStack() as stack:
        waiting = {}
        for beginning, more in sent:
            client = stack.enter_context(connect(address))
            client.sendall(beginning)
            client.setblocking(False)
            waiting[client] = beginning, more
        until = time.monotonic() + _DEADLINE_SECONDS
        while waiting and time.monotonic() < until:
            time.sleep(0.5)
            for client in [one for one, (_, more) in waiting.items() if _is_over(one, more)]:
                del waiting[client]
        return [beginning for beginning, _ in waiting.values()]


def answer_to(address: str, parts: Iterable[bytes]) -> bytes:
    """What a server says to these bytes, all of them if it takes them; empty if it only closes."""
    with connect(address) as client:
        try:
            for part in parts:
                client.sendall(part)
        except OSError:
            pass  # it has heard enough
        received = b""
        try:
            while piece := client.recv(65536):
                received += piece
        except OSError:
            pass
        return received


def _is_over(client: socket.socket, more: bytes) -> bool:
    try:
        client.send(more)
    except BlockingIOError:
        return False
    except OSError:
        return True
    poll = select.poll()
    poll.register(client, select.POLLHUP | select.POLLERR | getattr(select, "POLLRDHUP", 0))
    return bool(poll.poll(0))
