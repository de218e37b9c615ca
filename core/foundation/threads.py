"""Several pieces of work at once, for what mostly waits for somebody else's answer."""

import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from core.foundation.errors import TickerLensError

_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
_LOOK_SECONDS = 0.2


def side_by_side(
    work: Callable[[_Item], _Made], items: Iterable[_Item], at_once: int
) -> Iterator[tuple[_Item, _Made | TickerLensError]]:
    """Each item with what `work` made of it, or why it could not, in the order they end.

    What is made is taken before much more is begun, so few results are held at a time. Any other
    error of `work` is raised here. Whoever stops taking stops the rest: threads finish the item
    they are at and begin no other, and the process does not wait for them to end.
    """
    waiting = deque(items)
    count = len(waiting)
    made: queue.Queue[tuple[_Item, _Made | Exception]] = queue.Queue(at_once)
    stopped = threading.Event()

    def run() -> None:
        while not stopped.is_set():
            try:
                item = waiting.popleft()
            except IndexError:
                return
            result = _tried(work, item)
            while not stopped.is_set():
                try:
                    made.put((item, result), timeout=_LOOK_SECONDS)
                    break
                except queue.Full:
                    continue

    for _ in range(min(at_once, count)):
        threading.Thread(target=run, daemon=True).start()
    try:
        for _ in range(count):
            item, result = made.get()
            if isinstance(result, Exception) and not isinstance(result, TickerLensError):
                raise result
            yield item, result
    finally:
        stopped.set()


def _tried(work: Callable[[_Item], _Made], item: _Item) -> _Made | Exception:
    try:
        return work(item)
    except Exception as error:
        return error
