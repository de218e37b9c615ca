"""What is known of a forecast's worth, in words."""

from app.components.formats import signed_percent
from core.models.skill import Skill

BASELINES = {"random_walk": "the random walk"}


def skill_verdict(skill: Skill | None) -> str:
    """One of "shown", "worse", "not shown" and "unknown"."""
    if skill is None:
        return "unknown"
    if skill.low > 0:
        return "shown"
    return "worse" if skill.high < 0 else "not shown"


def skill_sentence(skill: Skill | None, scope: str) -> str:
    """What walk-forward found, with its n, window and band."""
    if skill is None:
        return "Skill is unknown: too little history to test this model out of sample."
    rival = BASELINES.get(skill.baseline, skill.baseline)
    over = "all tracked tickers" if scope == "all" else scope
    first, last = skill.window.split("..")
    zero = ", zero included" if skill.low <= 0 <= skill.high else ""
    proof = (
        f"{signed_percent(skill.value)} against {rival} ({_band(skill)}{zero}; "
        f"{skill.n} past forecasts from {first} to {last}, out of sample)"
    )
    opening = {
        "shown": f"Skill on {over}: {proof}. The width of the range carries information; "
        "its middle hardly does.",
        "worse": f"Worse than {rival} on {over}: {proof}. Prefer the dotted lines.",
        "not shown": f"No skill shown on {over}: {proof}. "
        "Take the range as no better than the dotted lines.",
    }
    return opening[skill_verdict(skill)]


def pooled_sentence(skill: Skill) -> str:
    """The same over every tracked ticker, in short."""
    return f"Over all tracked tickers: {signed_percent(skill.value)} ({_band(skill)}, n {skill.n})."


def _band(skill: Skill) -> str:
    return f"90 % band {signed_percent(skill.low)} to {signed_percent(skill.high)}"
