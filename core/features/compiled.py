"""Functions that numba compiles when they are first called, and not before.

Importing numba costs more than a second, which a command that forecasts nothing need not pay.
"""

from collections.abc import Callable
from functools import update_wrapper
from threading import RLock
from types import FunctionType
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
T = TypeVar("T")

_LOCK = RLock()  # a function asks for those that it calls while it holds this


def compiled(**options: Any) -> Callable[[Callable[P, T]], "Compiled[P, T]"]:
    """Compile a function with `numba.njit` and these options, at its first call.

    Machine code is cached in the folder that `NUMBA_CACHE_DIR` names, else beside the source, and
    loops let go of the interpreter's lock. Other compiled functions of the module may be called.
    """
    return lambda function: Compiled(function, {"cache": True, "nogil": True, **options})


class Compiled(Generic[P, T]):
    """A function, and what numba makes of it once it is called."""

    def __init__(self, function: Callable[P, T], options: dict[str, Any]) -> None:
        self.function = function
        self.options = options
        self._dispatcher: Callable[P, T] | None = None
        update_wrapper(self, function)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> T:
        return self.dispatcher()(*args, **kwargs)

    def dispatcher(self) -> Callable[P, T]:
        """What `numba.njit` makes of the function, always the same."""
        with _LOCK:
            if self._dispatcher is None:
                from numba import njit

                own = cast(FunctionType, self.function)
                seen: dict[str, Any] = {}
                copy = FunctionType(own.__code__, seen, own.__name__, own.__defaults__)
                self._dispatcher = cast(
                    Callable[P, T], njit(**self.options)(update_wrapper(copy, own))
                )
                # Numba calls dispatchers only, so each compiled function that this one names is
                # put in its place.
                for name, one in own.__globals__.items():
                    named = isinstance(one, Compiled) and name in own.__code__.co_names
                    seen[name] = one.dispatcher() if named else one
            return self._dispatcher
