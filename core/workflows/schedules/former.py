"""The schedules that did the nightly work in parts, for every market or for all at once."""

from collections.abc import Collection, Mapping

from core.reference.scope import MARKETS, OTHER

_NEW_YORK, _TAIPEI = "America/New_York", "Asia/Taipei"
INGEST = "ingest"
# By deployment and name, when each is due and by which clock: the program's own ones as it makes
# them. One that a person changed is the person's.
FORMER = {
    (INGEST, "us"): ("30 16 * * 1-5", _NEW_YORK),
    (INGEST, "tw"): ("0 14 * * 1-5", _TAIPEI),
    (INGEST, OTHER): ("0 1 * * *", "UTC"),
    ("score", "daily"): ("0 18 * * 1-5", _NEW_YORK),
    ("monitor", "daily"): ("15 18 * * 1-5", _NEW_YORK),
    ("forecast", "daily"): ("30 18 * * 1-5", _NEW_YORK),
}
_FORECAST = ("forecast", "daily")
Key = tuple[str, str]


def adopted(active: Mapping[Key, tuple[str, str]]) -> list[str]:
    """Markets whose nightly work is to be switched on in place of former schedules.

    Those whose bars were fetched and then forecast by schedules, as the program makes them.

    Parameters
    ----------
    active : cron line and time zone of each schedule that is on, by deployment and name.
    """
    own = {key for key, when in active.items() if FORMER.get(key) == when}
    if _FORECAST not in own:
        return []
    return [market for market in (*MARKETS, OTHER) if (INGEST, market) in own]


def superseded(active: Mapping[Key, tuple[str, str]], nightly: Collection[str]) -> list[Key]:
    """Former schedules that would do again what the nightly work of some markets does.

    What all markets share stays on while bars of another one are fetched by a schedule.

    Parameters
    ----------
    active : as for `adopted`.
    nightly : the markets whose nightly work is on.
    """
    own = [key for key, when in active.items() if FORMER.get(key) == when]
    fetched = {market for flow, market in active if flow == INGEST}
    return [
        (flow, name)
        for flow, name in own
        if (name in nightly if flow == INGEST else nightly and fetched <= {*nightly})
    ]
