"""What is known of a forecast's worth, in words."""

from app.components.formats import signed_percent
from core.models.skill import Skill

BASELINES = {"random_walk": "the random walk"}


def skill_verdict(skill: Skill | None) -> str:
    """One of "shown", "worse", "not shown" and "unknown"."""
    if skill is None:
        return "unknown"
    low, high = round(skill.low, 3), round(skill.high, 3)  # as the band is printed
    if low > 0:
        return "shown"
    return "worse" if high < 0 else "not shown"


def skill_sentence(skill: Skill | None, scope: str, ticker: str) -> str:
    """What walk-forward found on `ticker`, or on all of them, with its n, window and band."""
    if skill is None:
        return "Skill is unknown: too little history to test this model out of sample."
    rival = BASELINES.get(skill.baseline, skill.baseline)
    over = "all tracked tickers" if scope == "all" else scope
    first, last = skill.window.split("..")
    verdict = skill_verdict(skill)
    zero = ", zero included" if verdict == "not shown" else ""
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
    alone = f" {ticker} alone has too few past forecasts to judge." if scope == "all" else ""
    return opening[verdict] + alone


def pooled_sentence(skill: Skill) -> str:
    """The same over every tracked ticker, in short."""
    return f"Over all tracked tickers: {signed_percent(skill.value)} ({_band(skill)}, n {skill.n})."


def _band(skill: Skill) -> str:
    return f"90 % band {signed_percent(skill.low)} to {signed_percent(skill.high)}"
