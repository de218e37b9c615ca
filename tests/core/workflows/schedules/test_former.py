"""Schedules of earlier versions: taken over where they did the same, left alone where not."""

import pytest

from core.workflows.schedules.former import FORMER, Key, adopted, superseded

US, TW, FORECAST = ("ingest", "us"), ("ingest", "tw"), ("forecast", "daily")
SCORE, MONITOR = ("score", "daily"), ("monitor", "daily")
WEEKLY = {("train", "weekly"): ("0 6 * * 6", "America/New_York")}


def on(*keys: Key) -> dict[Key, tuple[str, str]]:
    return {**{key: FORMER[key] for key in keys}, **WEEKLY}


@pytest.mark.parametrize(
    ("active", "markets"),
    [
        ((), []),
        ((US, FORECAST), ["us"]),
        ((US, TW, SCORE, MONITOR, FORECAST), ["us", "tw"]),
        ((US, TW), []),  # only bars were wanted
        ((FORECAST, SCORE), []),  # bars come by hand
    ],
)
def test_who_had_bars_fetched_and_forecast_gets_the_nightly_work(
    active: tuple[Key, ...], markets: list[str]
) -> None:
    assert adopted(on(*active)) == markets


def test_what_a_person_moved_is_left_alone() -> None:
    moved = {**on(TW, FORECAST), US: ("5 4 * * 1", "Europe/Berlin")}
    assert adopted(moved) == ["tw"]
    assert superseded(moved, ["us", "tw"]) == [TW, FORECAST]
    assert superseded(moved, ["tw"]) == [TW]  # bars of New York are fetched, and to be forecast


def test_no_work_is_done_twice_and_none_is_left_undone() -> None:
    everything = on(*FORMER)
    assert superseded(everything, []) == []
    assert superseded(everything, ["us"]) == [US]
    assert superseded(everything, ["us", "tw", "other"]) == list(FORMER)
    assert superseded(on(US, SCORE, MONITOR, FORECAST), ["us"]) == [US, SCORE, MONITOR, FORECAST]
    assert superseded(on(SCORE, FORECAST), ["tw"]) == [SCORE, FORECAST]
