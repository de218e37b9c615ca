"""A property that is computed once, also where several threads ask for it at the same time."""

import threading
from functools import cached_property
from typing import Any, Self, TypeVar, overload

T = TypeVar("T")


class opened_once(cached_property[T]):
    """A cached property that two threads at once do not compute twice."""

    @overload
    def __get__(self, instance: None, owner: type[Any] | None = None) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type[Any] | None = None) -> T: ...

    def __get__(self, instance: object, owner: type[Any] | None = None) -> Self | T:
        if instance is None:
            return self
        with vars(instance)["_opening"].setdefault(self.attrname, threading.Lock()):
            return super().__get__(instance, owner)
