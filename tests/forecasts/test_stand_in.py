"""A ticker too young for the champion gets a simpler forecast, and is told so."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.errors import NotEnoughHistoryError
from core.forecasts.make import Forecast, make
from core.forecasts.packed import pack, unpack
from core.forecasts.stand_in import stand_in
from core.models import create
from core.models.har import Har
from core.models.skill import Skill
from core.registry.cards import ModelCard
from core.registry.registry import ModelVersion
from core.schema import HORIZONS, LEVELS
from core.tickers import Ticker
from tests.bars import walk, walks
from tests.homes import AT

SKILL = Skill(0.03, 0.01, 0.08, 360, "random_walk", "2022-01-03..2024-05-31", 0.81)
CARD = ModelCard({}, ("T0", "YOUNG"), "", 0, "", "", SKILL, {"YOUNG": SKILL}, 1.0)
MODEL = ModelVersion(3, "har", "", AT, CARD)
YOUNG = Ticker.parse("YOUNG")
OLD = walks(2, 400)


def made(sessions: int) -> Forecast:
    bars = pd.concat([OLD, walk("YOUNG", sessions, seed=5)], ignore_index=True)
    return make(create("har").fit(OLD), MODEL, bars, YOUNG, AT)


@pytest.mark.parametrize("sessions", [21, 60, 130])
def test_it_says_who_made_it_and_why(sessions: int) -> None:
    told = made(sessions).to_dict()
    assert told["model"] == {"name": "random_walk_gauss", "version": "untrained"}
    assert told["note"] == (
        f"YOUNG needs at least 131 sessions for har, has {sessions}; "
        "shown is the random walk with a normal law instead."
    )
    assert len(told["predictions"]) == 20


def test_the_champion_s_skill_is_not_its_own() -> None:
    young, old = made(60), made(131)
    assert young.skill is None and young.to_dict()["skill"] is None
    assert (old.skill, old.stand_in, old.note) == (SKILL, "", "")
    assert old.to_dict()["note"] is None
    assert old.to_dict()["model"] == {"name": "har", "version": "3"}


def test_its_law_is_that_of_the_ticker_alone() -> None:
    found = made(60)
    returns = np.diff(np.log(walk("YOUNG", 60, seed=5)["close"]))
    scale = returns.std() * np.sqrt(np.array(HORIZONS))
    expected = found.last_close * np.exp(norm.ppf(LEVELS, scale=scale[:, None]))
    for stated in (found.frame, found.baseline):
        assert set(stated["model_version"]) == {"random_walk_gauss"}
        np.testing.assert_allclose(stated["price"], expected.ravel(), rtol=1e-12)
    assert np.allclose(found.distribution().probability_up(), 0.5)


def test_too_young_for_any_is_one_sentence() -> None:
    with pytest.raises(NotEnoughHistoryError, match="^YOUNG needs at least 21 sessions, has 20.$"):
        made(20)


class Thirsty(Har):
    """One that needs more than the random walk does."""

    min_observations = 400


def test_the_random_walk_steps_in_before_its_normal_kin() -> None:
    chosen, note = stand_in(Thirsty(), YOUNG, 399)
    assert chosen.name == "random_walk"
    assert note == (
        "YOUNG needs at least 400 sessions for har, has 399; shown is the random walk instead."
    )
    assert stand_in(Thirsty(), YOUNG, 130)[0].name == "random_walk_gauss"
    enough = Thirsty()
    assert stand_in(enough, YOUNG, 400) == (enough, "")


def test_packed_and_back_it_is_the_same() -> None:
    young = made(60)
    again = unpack(pack(young), MODEL)
    assert again.to_dict() == young.to_dict() and again.stand_in == young.stand_in
    pd.testing.assert_frame_equal(again.frame, young.frame, check_exact=True)
