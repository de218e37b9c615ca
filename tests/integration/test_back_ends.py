"""The same work with the records on PostgreSQL gives the same numbers as on SQLite."""

from pathlib import Path

import pandas as pd

from core.reference.tickers import Ticker
from core.workflows.bars.load_sample import load_sample
from core.workflows.bars.remove_tickers import remove_sample
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home, open_home


def test_the_first_visit_ends_alike_on_both(
    trained: Home, postgres_url: str, tmp_path: Path
) -> None:
    home = open_home(tmp_path, postgres_url)
    load_sample(home, "ann", AT)
    made = {path.name for path in tmp_path.rglob("*.db")}
    assert made <= {"forecasts-kept.db"}  # nothing but copies went to SQLite
    there, here = home.registry.champion(), trained.registry.champion()
    assert there is not None and here is not None
    assert (there.version, there.sha256) == (here.version, here.sha256)
    cost = {"seconds": 0, "memory_mb": 0, "run": ""}  # a run has a name of its own
    assert vars(there.card) | cost == vars(here.card) | cost
    assert home.audit.latest() == trained.audit.latest()
    for symbol in ("AAPL", "9999.TW"):
        found = [
            forecast(one.bars, one.registry, Ticker.parse(symbol), AT) for one in (home, trained)
        ]
        pd.testing.assert_frame_equal(found[0].frame, found[1].frame, rtol=1e-9, atol=0.0)
    again = home.again()
    assert again.registry.champion() == there
    remove_sample(again, "bob", AT)
    assert [one.action for one in again.audit.latest()] == ["remove sample", "load sample"]
