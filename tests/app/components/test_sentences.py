"""The word on skill follows the bands as they are printed, at the chosen horizon."""

from dataclasses import replace

import pandas as pd
import pytest

from app.components import sentences
from app.components.sentences import proof_sentence, width_sentence
from core.evaluation.metrics.skill import Band, HorizonSkill, Skill
from core.forecasts.claims import claim
from core.registry.registry import ModelVersion
from tests.support.cards import CARD
from tests.support.homes import AT

AT_5 = HorizonSkill(5, 0.04, 0.02, 0.06, 119, "random_walk", 0.8, Band(0.03, 0.01, 0.05))
AT_10 = replace(AT_5, horizon=10, value=0.01, low=-0.01, high=0.03)
AT_20 = replace(AT_5, horizon=20, against_constant=Band(-0.031, -0.041, -0.019))
AT_1 = replace(AT_20, horizon=1, low=-0.05, high=-0.02)
SOME = Skill(
    *(0.02, 0.01, 0.03, 119, "random_walk", "2011-03-09..2013-02-01", 0.79),
    Band(0.015, 0.005, 0.025),
    (AT_1, AT_5, AT_10, AT_20),
)


def test_unknown_skill_is_called_unknown() -> None:
    assert "unknown" in str(claim(None, 5, "all", "AAPL", trained=True))
    sentence = str(claim(SOME, 3, "AAPL", "AAPL", trained=True))
    assert sentence.startswith("Skill on AAPL at horizon 3 is unknown")


@pytest.mark.parametrize(
    ("horizon", "expected"),
    [
        (1, "Worse than the random walk and a constant width on AAPL at horizon 1: prefer"),
        (5, "Skill on AAPL at horizon 5: the width of the range carries information"),
        (10, "No skill shown on AAPL at horizon 10: take the range as no better than"),
        (20, "Worse than a constant width on AAPL at horizon 20: that the range is wider"),
    ],
)
def test_the_claim_is_of_the_chosen_horizon_and_knows_worse(horizon: int, expected: str) -> None:
    assert str(claim(SOME, horizon, "AAPL", "AAPL", trained=True)).startswith(expected)


def test_the_proof_at_a_horizon_has_its_own_bands() -> None:
    sentence = proof_sentence(SOME, "AAPL", 5)
    for fact in ("AAPL at 5 sessions: +4.0 %", "n 119", "2011-03-09 to 2013-02-01", "random walk"):
        assert fact in sentence
    assert "+1.0 % to +5.0 %) against a constant width" in sentence
    assert sentence.endswith("out of sample.")


def test_a_baseline_is_said_to_be_itself() -> None:
    walk = replace(SOME, value=0.0, low=0.0, high=0.0)
    sentence = proof_sentence(walk, "AAPL")
    assert (
        sentence.startswith("AAPL: it is the random walk itself, +1.5 %")
        and " 0.0 %" not in sentence
    )


def test_the_proof_names_n_window_baseline_horizons_and_both_bands() -> None:
    sentence = proof_sentence(SOME, "AAPL")
    for fact in ("n 119", "2011-03-09 to 2013-02-01", "random walk", "+1.0 % to +3.0 %"):
        assert fact in sentence
    assert "+0.5 % to +2.5 %) against a constant width; horizons 1 to 20" in sentence


def test_no_claim_where_a_constant_width_does_as_well() -> None:
    equal = replace(AT_5, against_constant=Band(0.0, -0.01, 0.01))
    whole = replace(SOME, horizons=(equal,))
    sentence = str(claim(whole, 5, "AAPL", "AAPL", trained=True))
    assert sentence.startswith("No skill shown on AAPL at horizon 5")


def test_a_ticker_judged_by_the_others_is_told() -> None:
    sentence = str(claim(SOME, 5, "all", "FB", trained=True))
    assert "all real tickers together" in sentence
    assert "FB alone has too few past forecasts" in sentence


def test_a_ticker_the_model_never_saw_is_told() -> None:
    sentence = str(claim(SOME, 5, "all", "2330.TW", trained=False))
    assert "trained without 2330.TW" in sentence


@pytest.mark.parametrize(
    ("average", "moved", "expected"),
    [
        (
            18.4,
            -3.2,
            "is 18 % wider than usual for this ticker in its last 250 sessions, "
            "and 3 % narrower than that of the session before, 2026-11-19.",
        ),
        (
            -0.2,
            0.4,
            "is as wide as usual for this ticker in its last 250 sessions, "
            "and as wide as that of the session before, 2026-11-19.",
        ),
        (
            5.0,
            float("nan"),
            "is 5 % wider than usual for this ticker in its last 250 sessions.",
        ),
    ],
)
def test_how_wide_a_range_is(average: float, moved: float, expected: str) -> None:
    change = pd.Series({"against_expected": average, "moved": moved})
    assert (
        width_sentence(change, 5, pd.Timestamp("2026-11-19")) == f"The 5-session range {expected}"
    )


def test_an_unknown_usual_is_said_to_be_unknown() -> None:
    change = pd.Series({"against_expected": float("nan"), "moved": 1.0})
    assert "too little history" in width_sentence(change, 5, None)


def test_a_version_is_traced_to_data_features_program_and_file() -> None:
    model = ModelVersion(3, "har", "f1" * 32, AT, replace(CARD, commit="c0" * 20))
    assert sentences.lineage(model) == (
        f"Data abababababab, features {CARD.spec_hash}, program c0c0c0c0c0c0, file f1f1f1f1f1f1."
    )
    assert "program unknown" in sentences.lineage(replace(model, card=CARD))
