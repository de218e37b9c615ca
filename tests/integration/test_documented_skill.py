"""Figures of skill that the documents state, beside those that the sample's model gives."""

import re

from app.components.formats import signed_percent
from core.evaluation.metrics.skill import SkillVerdict
from tests.house.tree import ROOT
from tests.support.homes import Home


def test_the_skill_on_the_sample_is_what_the_documents_say(trained: Home) -> None:
    champion = trained.registry.champion()
    assert champion is not None and champion.card.skill is not None
    shown = [one for one in champion.card.skill.horizons if one.verdict == SkillVerdict.SHOWN]
    assert [one.horizon for one in shown] == [1], "docs/honesty.md says so of 1 session alone"
    constant = shown[0].against_constant
    assert constant is not None
    page = " ".join((ROOT / "docs" / "honesty.md").read_text().split())
    figures = re.search(r"at 1 session \(([^)]*) over all five stocks, n (\d+)\)", page)
    assert figures is not None
    both = f"{signed_percent(shown[0].value)} and {signed_percent(constant.value)}"
    assert figures.groups() == (both, str(shown[0].n))
