"""What may be claimed of a forecast's skill at a horizon, in words."""

from core.evaluation.metrics.skill import CONSTANT, HorizonSkill, Skill, SkillVerdict

NAMES = {"random_walk": "the random walk", CONSTANT: "a constant width"}
_TOGETHER = {
    "all": "all real tickers together",
    "us": "all United States tickers together",
    "tw": "all Taiwan tickers together",
}


def claim(skill: Skill | None, horizon: int, scope: str, ticker: str, trained: bool) -> str:
    """What walk-forward says of `ticker`, or of all the model learned from, at one horizon.

    Parameters
    ----------
    scope : what the skill was measured on: a ticker, or a scope of training.
    trained : whether the ticker was among those the model learned from.
    """
    alone = ""
    if not trained:
        alone = f" The model was trained without {ticker}; train again to judge it."
    elif scope != ticker:
        alone = f" {ticker} alone has too few past forecasts to judge."
    if skill is None:
        return "Skill is unknown: too little history to test this model out of sample." + alone
    found, where = skill.at(horizon), f"on {over(scope)} at {ahead(horizon)}"
    if found is None:
        return f"Skill {where} is unknown: this version was not measured there; train again."
    return _opening(found, where) + alone


def ahead(horizon: int) -> str:
    """A horizon in words."""
    return "1 session" if horizon == 1 else f"{horizon} sessions"


def over(scope: str) -> str:
    """What a skill was measured on, in words."""
    return _TOGETHER.get(scope, scope)


def named(baselines: tuple[str, ...]) -> str:
    """Baselines in words, such as "the random walk and a constant width"."""
    return " and ".join(NAMES.get(name, name) for name in baselines)


def verdict(skill: Skill | HorizonSkill) -> str:
    """What the bands say, in a few words."""
    if skill.verdict == SkillVerdict.WORSE:
        return f"Worse than {named(skill.worse_than)}"
    return "Skill shown" if skill.verdict == SkillVerdict.SHOWN else "No skill shown"


def _opening(found: HorizonSkill, where: str) -> str:
    if found.verdict == SkillVerdict.SHOWN:
        return f"Skill {where}: the width of the range carries information; its middle hardly does."
    if found.verdict == SkillVerdict.WORSE:
        advice = "prefer the range of the random walk"
        if found.worse_than == (CONSTANT,):
            advice = "that the range is wider or narrower than usual says nothing"
        return f"{verdict(found)} {where}: {advice}."
    return f"No skill shown {where}: take the range as no better than that of the random walk."
