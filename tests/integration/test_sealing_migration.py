"""A ledger of before there were seals is sealed as it stands, and goes on from there."""

from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from core.forecasts.ledger.ledger import Ledger, Written
from core.forecasts.ledger.score_entry import score
from core.foundation.errors import DamagedError
from core.foundation.sql import engines, migrations
from core.foundation.sql.database import Database
from core.models.recalibration import recalibrate
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from tests.core.forecasts.ledger.test_ledger import NIGHT, later, made
from tests.support.homes import AT

CREATED = datetime(2024, 6, 20, 21, 30, 0, 123456, tzinfo=UTC)


def before_seals(url: str) -> None:
    """The tables as the fifth step left them, with rows of that program."""
    writing = engines.open_engines(url).migrating
    with writing.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(migrations.__file__).parent))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0005")
        old = sa.MetaData()
        old.reflect(connection, only=["forecasts", "scores"])
        prices = [[90.0 + step, 95.5, 98.0, 100.1, 102.0, 105.0, 110.0] for step in range(3)]
        distribution = {"targets": ["2024-06-21"] * 3, "prices": prices, "baseline": prices}
        stored = {
            "as_of": CREATED.date(),
            "model_version": 1,
            "created_at": CREATED,
            "law": distribution,
        }
        connection.execute(
            sa.insert(old.tables["forecasts"]),
            [
                {
                    "id": 1,
                    "ticker": "AAPL",
                    "kind": ForecastKind.LIVE,
                    "last_close": 100.1,
                    **stored,
                },
                {
                    "id": 4,
                    "ticker": "IBM",
                    "kind": ForecastKind.REPLAYED,
                    "last_close": 1 / 3,
                    **stored,
                },
            ],
        )
        track_record = {
            "pinball": 0.1 + 0.2,
            "baseline_pinball": 1e-9,
            "inside_80": 0.0,
            "width_80": 0.1,
        }
        track_record |= {"scored_session": CREATED.date(), "actual": 99.0, "scored_at": CREATED}
        keys = [(4, 1), (1, 2), (1, 1)]
        rows = [{"forecast_id": one, "horizon": two, **track_record} for one, two in keys]
        connection.execute(sa.insert(old.tables["scores"]), rows)
    writing.dispose()


def test_it_is_whole_and_goes_on(untouched_url: str) -> None:
    before_seals(untouched_url)
    database = Database(untouched_url)
    ledger = Ledger(database)
    found = ledger.verify()
    assert (found.forecasts, found.scores) == (2, 3)
    assert ledger.append([made()], NIGHT) == Written(1)
    entry = ledger.open_entries()[-1]
    assert entry.id == 5
    ledger.add_scores(score(entry, later([1.01]), AT, SHIPPED))
    assert ledger.verify() == ledger.seals() and ledger.seals().scores == 4
    live = ledger.scores(ForecastKind.LIVE)
    assert live["pit"].isna().tolist() == [True, True, False]
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE scores SET actual = 98 WHERE position = 2")
    with pytest.raises(DamagedError, match="^Score 2 .forecast 1 at horizon 2. was changed"):
        ledger.verify()
    database.close()


def test_its_scores_still_teach_what_they_hold(untouched_url: str) -> None:
    before_seals(untouched_url)
    database = Database(untouched_url)
    known = Ledger(database).past_scores("XNYS", [1], pd.Timestamp("2024-06-28"))
    assert known["n"].tolist() == [1, 1] and known["inside_50"].isna().all()
    distribution = made().distribution()
    # One session is no more than chance may do; the same of twenty sessions is.
    before = [known["target_session"] - pd.Timedelta(days=days) for days in range(20)]
    wider = recalibrate(
        distribution, pd.concat([known.assign(target_session=one) for one in before])
    )
    assert (np.diff(wider.returns[0])[[0, -1]] > np.diff(distribution.returns[0])[[0, -1]]).all()
    database.close()
