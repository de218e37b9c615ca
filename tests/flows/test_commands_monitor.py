"""`monitor` from the command line looks at what people were shown, out of the ledger."""

from pathlib import Path
from typing import Any

from core.lifecycle.report_store import DriftVerdict
from tests.core.lifecycle.test_monitored_errors import Shown, bars_of, served, show
from tests.support.commands import run_command
from tests.support.homes import open_home


def decay(folder: Path, volatility: float, *shown: Shown) -> dict[str, Any]:
    """What the command says of the errors in a home of such bars and of such live forecasts."""
    home, bars = open_home(folder), bars_of(volatility)
    served(home, bars)
    if shown:
        show(home, bars, *shown)
    home.database.close()
    signals = {one["name"]: one for one in run_command(folder, "monitor")["signals"]}
    return dict(signals["performance decay"])


def test_errors_that_people_were_shown_grew_and_the_champion_s_did_not(tmp_path: Path) -> None:
    assert decay(tmp_path / "replayed", 1.0)["verdict"] == DriftVerdict.IN_BAND
    found = decay(tmp_path / "live", 1.0, Shown())
    assert (found["verdict"], found["source"], found["versions"]) == (
        DriftVerdict.BEYOND,
        "live",
        [3],
    )


def test_the_champion_s_errors_grew_and_those_people_were_shown_did_not(tmp_path: Path) -> None:
    assert decay(tmp_path / "replayed", 3.0)["verdict"] == DriftVerdict.BEYOND
    found = decay(tmp_path / "live", 3.0, Shown(2.7))
    assert (found["verdict"], found["source"], found["versions"]) == (
        DriftVerdict.IN_BAND,
        "live",
        [3],
    )
