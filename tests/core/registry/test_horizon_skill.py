"""Skill at single horizons of versions that were trained before it was kept."""

import json

import pytest
import sqlalchemy as sa

from core.reference.tickers import Ticker
from tests.support.forecasts import forecast
from tests.support.homes import AT, Home


@pytest.mark.parametrize("symbol", ["AAPL", "FB"])  # its own skill, and that of all
def test_an_older_card_is_measured_from_the_kept_scores(copied: Home, symbol: str) -> None:
    def skill_of(home: Home) -> dict[str, object]:
        skill = forecast(home.bars, home.registry, Ticker.parse(symbol), AT).to_dict()["skill"]
        assert skill["low"] < skill["high"] and skill["n"] > 100
        return dict(skill)

    new = skill_of(copied)
    model = copied.registry.champion()
    assert model is not None
    card = model.card.to_dict()
    for one in (card["skill"], *card["skill_by_ticker"].values()):
        del one["horizons"]
    with copied.database.write() as connection:
        update = sa.text("UPDATE model_versions SET card = :card")
        connection.execute(update, {"card": json.dumps(card)})
    old = copied.again()
    again = old.registry.champion()
    assert again is not None and again.card.skill is not None and not again.card.skill.horizons
    assert skill_of(old) == new
    copied.registry.artifact(1).with_name("1.scores.parquet").unlink()
    unknown = skill_of(copied.again())
    assert unknown["horizons"] is None and "at horizon 20 is unknown" in str(unknown["sentence"])
    assert unknown["value"] == new["value"]
