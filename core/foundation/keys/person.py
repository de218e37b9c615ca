"""Who is acting, and what they may do."""

from dataclasses import dataclass, field, replace
from enum import StrEnum

from core.foundation.keys.caller import Caller


class PersonRole(StrEnum):
    """What somebody may do."""

    VIEWER = "viewer"
    DEVELOPER = "developer"


@dataclass(frozen=True)
class Person:
    """Who is acting. A viewer sees; a developer also acts.

    `is_signed_in` is false of whoever just came by; `caller` says where the person acts from.
    """

    name: str
    role: PersonRole
    is_signed_in: bool = True
    caller: Caller = field(default=Caller(), compare=False)

    @property
    def may_act(self) -> bool:
        return self.is_signed_in and self.role == PersonRole.DEVELOPER

    def calling_from(self, caller: Caller) -> "Person":
        """The same person, acting from there."""
        return replace(self, caller=caller)


VIEWER = Person("viewer", PersonRole.VIEWER, is_signed_in=False)
