"""Findings about sessions on the command line, and after an ingest."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd

from core.foundation.settings import Settings
from core.market_data.ingest import WantedBars
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from core.wiring import Workspace
from core.workflows.bars.ingest import ingest
from tests.support.bars import frame
from tests.support.commands import called, run_command

MONDAY = pd.Timestamp("2024-03-04")


def test_an_ingest_learns_a_closed_day_and_a_command_takes_it_back(tmp_path: Path) -> None:
    dates = SHIPPED["XTAI"].between(pd.Timestamp("2023-06-01"), pd.Timestamp("2024-06-28"))
    names = ["2330.TW", "2317.TW", "2454.TW"]
    file = tmp_path / "bars.csv"
    traded = dates[dates != MONDAY]
    close = 50.0 + np.arange(len(traded)) % 2
    rows = pd.concat(
        [frame(name, traded, close, open=close, high=close, low=close) for name in names]
    )
    rows = rows.rename(columns={"session": "date"})
    rows[["ticker", "date", "open", "high", "low", "close", "volume"]].to_csv(file, index=False)
    settings = Settings(home=tmp_path / "home")
    wanted = WantedBars([Ticker.parse(name) for name in names], "csv", (file,))
    done = ingest(Workspace(settings), wanted, "ann", datetime.now(UTC)).to_dict()
    assert done["sessions"] == ["XTAI 2024-03-04: session removed, 0 of 3 tickers traded."]
    again = ingest(Workspace(settings), wanted, "ann", datetime.now(UTC))
    assert "sessions" not in again.to_dict()
    home = settings.home
    (stored,) = run_command(home, "sessions")["sessions"]
    assert (stored["session"], stored["change"], stored["who"]) == (
        "2024-03-04",
        "removed",
        "reconcile",
    )
    what = ("sessions", "--calendar", "XTAI", "--session", "2024-03-04")
    (stored,) = run_command(home, *what, "--change", "as listed", "--reason", "Yahoo lost it")[
        "sessions"
    ]
    assert (stored["change"], stored["why"]) == ("as listed", "Yahoo lost it")
    refused = called(home, *what, "--change", "removed")
    assert refused.returncode == 1 and refused.stderr.startswith("A reason is needed")
    assert called(home, *what[:3]).stderr == "Name the date with --session.\n"
