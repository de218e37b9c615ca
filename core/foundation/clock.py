"""What time it is, for work that is long enough to ask more than once."""

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The instant, aware."""
    return datetime.now(UTC)
