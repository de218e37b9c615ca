"""A ticker too young for the champion gets a simpler forecast, and is told so."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.evaluation.metrics.skill import Skill
from core.features.panel import Panel
from core.forecasts.fallback import choose_fallback
from core.forecasts.forecast import Forecast, prices_by_horizon
from core.forecasts.make import make
from core.forecasts.serialize import pack, unpack
from core.foundation.errors import NotEnoughHistoryError
from core.models import Location, create
from core.models.distribution import Distribution
from core.models.har import Har
from core.reference.schema import HORIZONS, LEVELS
from core.reference.tickers import Ticker
from core.registry.model_card import ModelCard
from core.registry.registry import ModelVersion
from tests.support.bars import walk, walks
from tests.support.homes import AT

SKILL = Skill(0.03, 0.01, 0.08, 360, "random_walk", "2022-01-03..2024-05-31", 0.81)
CARD = ModelCard({}, ("T0", "YOUNG"), "", 0, "", "", SKILL, {"YOUNG": SKILL}, 1.0)
MODEL = ModelVersion(3, "har", "", AT, CARD)
YOUNG = Ticker.parse("YOUNG")
OLD = walks(2, 400)


def law_of_its_own(found: Forecast) -> np.ndarray:
    returns = np.diff(np.log(walk("YOUNG", 60, seed=5)["close"]))
    scale = returns.std() * np.sqrt(np.array(HORIZONS))
    prices: np.ndarray = found.last_close * np.exp(norm.ppf(LEVELS, scale=scale[:, None]))
    return prices


def made(sessions: int) -> Forecast:
    bars = pd.concat([OLD, walk("YOUNG", sessions, seed=5)], ignore_index=True)
    return make(create("har").fit(OLD), MODEL, bars, YOUNG, AT)


def test_it_says_who_made_it_and_why() -> None:
    result = made(21).to_dict()
    assert result["model"] == {"name": "random_walk_gauss", "version": "untrained"}
    assert result["note"] == (
        "YOUNG needs at least 131 sessions for har, has 21; "
        "shown is the random walk with a normal distribution instead."
    )
    assert len(result["predictions"]) == 20


@pytest.mark.parametrize("sessions", [22, 30, 41, 130])
def test_where_the_model_knows_something_of_it_both_made_it(sessions: int) -> None:
    found = made(sessions)
    result = found.to_dict()
    assert result["model"] == {"name": "mean of har and random_walk_gauss", "version": "3"}
    assert result["note"] == (
        f"YOUNG needs at least 131 sessions for har, has {sessions}; shown is the mean of har "
        "version 3 on these few and the random walk with a normal distribution instead."
    )
    assert (found.averaged, found.fallback, found.skill) == (True, "random_walk_gauss", None)
    assert found.drivers is None and found.location is Location.PREMIUM
    assert len(result["predictions"]) == 20 and result["skill"] is None


def test_the_mean_of_both_is_what_is_shown() -> None:
    found = made(60)
    panel = Panel.of(pd.concat([OLD, walk("YOUNG", 60, seed=5)], ignore_index=True))
    first = create("har").fit(OLD).young_quantiles(panel, panel.first[-1:] - 1)
    assert first is not None
    normal = np.log(law_of_its_own(found) / found.last_close)
    moved = normal + Distribution(first[0]).mean()[:, None]
    shown = prices_by_horizon(found.frame).to_numpy()
    np.testing.assert_allclose(np.log(shown / found.last_close), (first[0] + moved) / 2, atol=1e-12)


@pytest.mark.parametrize("sessions", [22, 130])
def test_bars_after_its_last_session_change_nothing(sessions: int) -> None:
    young = walk("YOUNG", sessions, seed=5, end="2024-05-31")
    model = create("har").fit(OLD)
    known = OLD[OLD["session"] <= "2024-05-31"]
    whole, cut = (
        make(model, MODEL, pd.concat([others, young], ignore_index=True), YOUNG, AT)
        for others in (OLD, known)
    )
    assert whole.averaged
    pd.testing.assert_frame_equal(whole.frame, cut.frame, check_exact=True)


def test_a_model_of_another_kind_leaves_it_to_the_stand_in() -> None:
    bars = pd.concat([OLD, walk("YOUNG", 60, seed=5)], ignore_index=True)
    for model in (create("constant_width").fit(OLD), create("random_walk")):
        found = make(model, MODEL, bars, YOUNG, AT)
        assert found.made_by() == ("random_walk_gauss", "untrained") and not found.averaged


def test_the_champion_s_skill_is_not_its_own() -> None:
    young, old = made(60), made(131)
    assert young.skill is None and young.to_dict()["skill"] is None
    assert (old.skill, old.fallback, old.note) == (SKILL, "", None)
    assert old.to_dict()["note"] is None
    assert old.to_dict()["model"] == {"name": "har", "version": "3"}


def test_its_law_is_that_of_the_ticker_alone() -> None:
    bars = walk("YOUNG", 60, seed=5)  # beside no other ticker
    found = make(create("har").fit(OLD), MODEL, bars, YOUNG, AT)
    for predicted in (found.frame, found.baseline):
        assert set(predicted["model_version"]) == {"random_walk_gauss"}
        np.testing.assert_allclose(predicted["price"], law_of_its_own(found).ravel(), rtol=1e-12)
    assert np.allclose(found.distribution().probability_up(), 0.5)


def test_too_young_for_any_is_one_sentence() -> None:
    with pytest.raises(NotEnoughHistoryError, match="^YOUNG needs at least 21 sessions, has 20.$"):
        made(20)


class Thirsty(Har):
    """One that needs more than the random walk does."""

    min_observations = 400


def test_the_random_walk_steps_in_before_its_normal_kin() -> None:
    chosen, note = choose_fallback(Thirsty(), YOUNG, 399)
    assert chosen.name == "random_walk"
    assert str(note) == (
        "YOUNG needs at least 400 sessions for har, has 399; shown is the random walk instead."
    )
    assert choose_fallback(Thirsty(), YOUNG, 130)[0].name == "random_walk_gauss"
    enough = Thirsty()
    assert choose_fallback(enough, YOUNG, 400) == (enough, None)


def test_packed_and_back_it_is_the_same() -> None:
    young = made(60)
    again = unpack(pack(young), MODEL)
    assert again.to_dict() == young.to_dict() and again.fallback == young.fallback
    assert again.averaged and young.averaged
    pd.testing.assert_frame_equal(again.frame, young.frame, check_exact=True)
