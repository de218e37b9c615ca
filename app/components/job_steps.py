"""How far a job is, in words: how many of its parts are done, which one last, and the time left."""

from app.components.formats import counted
from app.state.jobs import Step
from core.reference.instruments import instruments

_MINUTE_SECONDS = 60
_SOON_SECONDS = 5  # what takes less is not worth counting


def ended(step: Step) -> str:
    """A step that is over, such as "Fetching bars, 20 of 20"."""
    return step.name if step.total < 2 else f"{step.name}, {step.done:,} of {step.total:,}"


def under_way(step: Step, now: float) -> str:
    """A step that goes on, such as "Fetching bars, 3 of 20, last AAPL Apple, about 2 minutes left".

    `now` is an instant of the clock of `Step.began`.
    """
    known = instruments().get(step.part)
    last = f"last {known or step.part}" if step.part else ""
    text = ", ".join(filter(None, [ended(step), last, _left(step, now)]))
    return text if step.total > 1 else f"{text} ..."


def _left(step: Step, now: float) -> str:
    """By the pace so far; empty before anything is done, and at the end."""
    if step.total < 2 or not 0 < step.done < step.total:
        return ""
    seconds = (now - step.began) / step.done * (step.total - step.done)
    if seconds < _SOON_SECONDS:
        return "seconds left"
    if seconds < _MINUTE_SECONDS:
        return f"about {round(seconds / 5) * 5} seconds left"
    return f"about {counted(round(seconds / _MINUTE_SECONDS), 'minute')} left"
