"""What may be claimed of a forecast's skill at a horizon."""

from typing import Any

from core.evaluation.metrics.skill import CONSTANT, HorizonSkill, Skill, SkillVerdict
from core.foundation.messages import Message

NAMES = {
    "random_walk": Message("forecast.random-walk", "the random walk"),
    CONSTANT: Message("skill.constant-width", "a constant width"),
}
_TOGETHER = {
    "all": Message("skill.of-all", "all real tickers together"),
    "us": Message("skill.of-us", "all United States tickers together"),
    "tw": Message("skill.of-tw", "all Taiwan tickers together"),
}


def claim(
    skill: Skill | None,
    horizon: int,
    scope: str,
    ticker: str,
    trained: bool,
    evaluated: tuple[str, ...] | None = None,
) -> Message:
    """What walk-forward says of `ticker`, or of all the model learned from, at one horizon.

    Parameters
    ----------
    scope : what the skill was measured on: a ticker, or a scope of training.
    trained : whether the ticker was among those the model learned from.
    evaluated : on which skill was measured; None if on all of them.
    """
    tested = evaluated or ()
    left_out = len(tested) if ticker not in tested else 0
    if skill is None:
        unknown = Message(
            "skill.unknown",
            "Skill is unknown: too little history to test this model out of sample.",
        )
        return _alone(unknown, scope, ticker, trained, left_out)
    found = skill.at(horizon)
    where = {"scope": over(scope, evaluated), "horizon": horizon}
    if found is None:
        return Message(
            "skill.not-measured-there",
            "Skill on {scope} at horizon {horizon} is unknown: this version was not measured "
            "there; train again.",
            where,
        )
    return _alone(_opening(found, where), scope, ticker, trained, left_out)


def _alone(claimed: Message, scope: str, ticker: str, trained: bool, left_out: int) -> Message:
    """The claim, and that it is not of the ticker itself, if it is not.

    `left_out` is on how many others skill was measured, 0 where it was measured on the ticker too.
    """
    if not trained:
        return Message(
            "skill.not-trained-on",
            "{claim} The model was trained without {ticker}; train again to judge it.",
            {"claim": claimed, "ticker": ticker},
        )
    if left_out:
        return Message(
            "skill.not-evaluated",
            "{claim} {ticker} is not one of the {count} tickers that the model was tested on.",
            {"claim": claimed, "ticker": ticker, "count": left_out},
        )
    if scope != ticker:
        return Message(
            "skill.too-few-alone",
            "{claim} {ticker} alone has too few past forecasts to judge.",
            {"claim": claimed, "ticker": ticker},
        )
    return claimed


def over(scope: str, evaluated: tuple[str, ...] | None = None) -> Message:
    """What a skill was measured on, in words; `evaluated` as of `claim`."""
    together = _TOGETHER.get(scope)
    if together is None:
        return Message("skill.of-scope", "{scope}", {"scope": scope})
    if evaluated is None:
        return together
    return Message(
        "skill.of-some", "{count} of {scope}", {"count": len(evaluated), "scope": together}
    )


def named(baseline: str) -> Message | str:
    """What a baseline is called; one without a name by itself."""
    return NAMES.get(baseline, baseline)


def verdict(skill: Skill | HorizonSkill) -> Message:
    """What the bands say, in a few words."""
    if skill.verdict == SkillVerdict.WORSE:
        worse_than = [named(one) for one in skill.worse_than]
        return Message("skill.worse", "Worse than {baselines: and }", {"baselines": worse_than})
    if skill.verdict == SkillVerdict.SHOWN:
        return Message("skill.shown", "Skill shown")
    return Message("skill.not-shown", "No skill shown")


def _opening(found: HorizonSkill, where: dict[str, Any]) -> Message:
    if found.verdict == SkillVerdict.SHOWN:
        return Message(
            "skill.shown-there",
            "Skill on {scope} at horizon {horizon}: the width of the range carries information; "
            "its middle hardly does.",
            where,
        )
    if found.verdict == SkillVerdict.WORSE and found.worse_than == (CONSTANT,):
        return Message(
            "skill.worse-than-constant-there",
            "Worse than a constant width on {scope} at horizon {horizon}: that the range is wider "
            "or narrower than usual says nothing.",
            where,
        )
    if found.verdict == SkillVerdict.WORSE:
        return Message(
            "skill.worse-there",
            "Worse than {baselines: and } on {scope} at horizon {horizon}: prefer the range of "
            "the random walk.",
            {**where, "baselines": [named(one) for one in found.worse_than]},
        )
    return Message(
        "skill.not-shown-there",
        "No skill shown on {scope} at horizon {horizon}: take the range as no better than that of "
        "the random walk.",
        where,
    )
