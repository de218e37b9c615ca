"""The word on skill follows the bands as they are printed."""

from dataclasses import replace

import pandas as pd
import pytest

from app.components import sentences
from app.components.sentences import proof_sentence, skill_sentence, width_sentence
from core.models.skill import Band, Skill
from core.registry.registry import ModelVersion
from tests.homes import AT
from tests.registry.cards import CARD

SOME = Skill(
    0.02, 0.01, 0.03, 119, "random_walk", "2011-03-09..2013-02-01", 0.79, Band(0.015, 0.005, 0.025)
)


def test_unknown_skill_is_called_unknown() -> None:
    assert "unknown" in skill_sentence(None, "all", "AAPL", trained=True)


def test_a_baseline_is_said_to_be_itself() -> None:
    walk = replace(SOME, value=0.0, low=0.0, high=0.0)
    said = proof_sentence(walk, "AAPL")
    assert said.startswith("AAPL: it is the random walk itself, +1.5 %") and " 0.0 %" not in said


def test_the_proof_names_n_window_baseline_horizons_and_both_bands() -> None:
    assert skill_sentence(SOME, "AAPL", "AAPL", trained=True).startswith("Skill on AAPL")
    said = proof_sentence(SOME, "AAPL")
    for fact in ("n 119", "2011-03-09 to 2013-02-01", "random walk", "+1.0 % to +3.0 %"):
        assert fact in said
    assert "+0.5 % to +2.5 %) against a constant width; horizons 1 to 20" in said


def test_no_claim_where_a_constant_width_does_as_well() -> None:
    equal = replace(SOME, against_constant=Band(0.0, -0.01, 0.01))
    assert skill_sentence(equal, "AAPL", "AAPL", trained=True).startswith("No skill shown on AAPL")


def test_a_ticker_judged_by_the_others_is_told() -> None:
    said = skill_sentence(SOME, "all", "FB", trained=True)
    assert "all real tickers together" in said
    assert "FB alone has too few past forecasts" in said


def test_a_ticker_the_model_never_saw_is_told() -> None:
    said = skill_sentence(SOME, "all", "2330.TW", trained=False)
    assert "trained without 2330.TW" in said


@pytest.mark.parametrize(
    ("usual", "moved", "said"),
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
def test_how_wide_a_range_is(usual: float, moved: float, said: str) -> None:
    change = pd.Series({"usual": usual, "moved": moved})
    assert width_sentence(change, 5, pd.Timestamp("2026-11-19")) == f"The 5-session range {said}"


def test_an_unknown_usual_is_said_to_be_unknown() -> None:
    change = pd.Series({"usual": float("nan"), "moved": 1.0})
    assert "too little history" in width_sentence(change, 5, None)


def test_a_version_is_traced_to_data_features_program_and_file() -> None:
    model = ModelVersion(3, "har", "f1" * 32, AT, replace(CARD, commit="c0" * 20))
    assert sentences.lineage(model) == (
        f"Data abababababab, features {CARD.spec_hash}, program c0c0c0c0c0c0, file f1f1f1f1f1f1."
    )
    assert "program unknown" in sentences.lineage(replace(model, card=CARD))
