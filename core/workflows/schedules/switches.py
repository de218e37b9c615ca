"""Keep a market up to date every evening, or no longer: what people want, whoever follows it."""

from datetime import datetime

from core.foundation.audit import Action
from core.foundation.schedules.schedule_switches import ScheduleSwitch
from core.wiring import Workspace
from core.workflows.schedules.evenings import EVENINGS, evening_of
from core.workflows.schedules.market_night import own_tickers_of

EVENING = "evening"  # the schedule of each nightly deployment


def deployment_of(market: str) -> str:
    """The deployment that does the nightly work of a market."""
    return f"nightly-{evening_of(market).market}"


def switch_nightly(
    workspace: Workspace,
    market: str,
    active: bool,
    actor: str,
    at: datetime,
    reason: str = "",
) -> None:
    """Want the nightly work of a market, or want it no longer.

    It is on record whether the scheduler answers or not, and the scheduler follows.

    Raises
    ------
    InvalidInputError : there is no such market.
    """
    name = deployment_of(market)
    action = Action(at, actor, f"switch {'on' if active else 'off'}", name, reason)
    workspace.schedule_switches.want(ScheduleSwitch(name, active, actor, at), action)


def nightly_switches(workspace: Workspace) -> dict[str, ScheduleSwitch]:
    """What is wanted of each market that somebody decided on, by market."""
    wishes = workspace.schedule_switches.all()
    return {
        market: wishes[name] for market in EVENINGS if (name := deployment_of(market)) in wishes
    }


def undecided_markets(workspace: Workspace) -> list[str]:
    """Markets with tickers of one's own of which nobody decided yet."""
    decided = nightly_switches(workspace)
    return [
        market for market in EVENINGS if market not in decided and own_tickers_of(workspace, market)
    ]
