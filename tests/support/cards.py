"""A model card to register versions with."""

from core.evaluation.metrics.skill import Skill
from core.registry.model_card import ModelCard

SKILL = Skill(0.04, -0.01, 0.09, 180, "random_walk", "2020-01-02..2024-05-31", 0.79)
CARD = ModelCard(
    params={"penalty": 1.0},
    tickers=("T0", "T1"),
    window="2022-03-14..2024-06-28",
    bars=800,
    data_hash="ab" * 32,
    spec_hash="cd" * 32,
    skill=SKILL,
    skill_by_ticker={"T0": SKILL},
    seconds=1.25,
)
