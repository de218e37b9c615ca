"""Every way into the app: each (method, path) of HTTP and each websocket, mounted ones too."""

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from fastapi import APIRouter
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute

ROOT = Path(__file__).parents[2]
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
SOCKET = "WEBSOCKET"


def doors(routes: Iterable[BaseRoute], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of each; `SOCKET` is the method of a websocket.

    What is mounted and says nothing of its routes, such as a folder of files, is open to every
    method that it takes itself.
    """
    for route in routes:
        own = f"{prefix}{getattr(route, 'path', '')}"
        nested = getattr(route, "original_router", None)
        if isinstance(nested, APIRouter):  # as FastAPI keeps a router that was included
            assert not route.include_context.prefix  # type: ignore[attr-defined]
            yield from doors(nested.routes, prefix)
        elif isinstance(route, Mount):
            inside = list(doors(route.routes or (), own))
            yield from inside or ((method, f"{own}/x") for method in METHODS)
        elif isinstance(route, WebSocketRoute):
            yield SOCKET, own
        else:
            assert isinstance(route, Route), f"{route} is of a kind that nobody looks into"
            yield from ((method, own) for method in sorted(route.methods or METHODS))


def doors_of_the_app(home: Path) -> set[tuple[str, str]]:
    """Those of `app.server`, found in a process of its own: it holds one Streamlit at most."""
    script = "from tests.support.routes import print_doors; print_doors()"
    environment = {**os.environ, "TICKERLENS_HOME": str(home), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return {(method, path) for method, path in json.loads(done.stdout.splitlines()[-1])}


def print_doors() -> None:
    """Print them as JSON."""
    from app.server import app

    print(json.dumps(sorted(doors(app._build_starlette_app().routes))))
