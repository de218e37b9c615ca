"""What is known of a forecast's worth, in words."""

from app.components.formats import signed_percent
from core.models.skill import Band, Skill
from core.schema import MAX_HORIZON

BASELINES = {"random_walk": "the random walk"}


def skill_sentence(skill: Skill | None, scope: str, ticker: str, trained: bool) -> str:
    """What walk-forward found on `ticker`, or on all of them, with its n, window and bands.

    `trained` says whether the ticker was among those the model learned from.
    """
    alone = ""
    if not trained:
        alone = f" The model was trained without {ticker}; train again to judge it."
    elif scope == "all":
        alone = f" {ticker} alone has too few past forecasts to judge."
    if skill is None:
        return "Skill is unknown: too little history to test this model out of sample." + alone
    rival = BASELINES.get(skill.baseline, skill.baseline)
    over = "all real tickers together" if scope == "all" else scope
    first, last = skill.window.split("..")
    proof = (
        f"{_saved(skill)} against {rival}{_constant(skill)}, over horizons 1 to {MAX_HORIZON}, "
        f"n {skill.n} past forecasts from {first} to {last}, out of sample"
    )
    opening = {
        "shown": f"Skill on {over}: {proof}. The width of the range carries information; "
        "its middle hardly does.",
        "worse": f"Worse than {rival} on {over}: {proof}. Prefer the dotted lines.",
        "not shown": f"No skill shown on {over}: {proof}. "
        "Take the range as no better than the dotted lines.",
    }
    return opening[skill.verdict] + alone


def pooled_sentence(skill: Skill) -> str:
    """The same over every real ticker, in short."""
    return f"Over all real tickers: {_saved(skill)}{_constant(skill)}, n {skill.n}."


def _constant(skill: Skill) -> str:
    constant = skill.against_constant
    return "" if constant is None else f", {_saved(constant)} against a constant width"


def _saved(band: Skill | Band) -> str:
    low, high = signed_percent(band.low), signed_percent(band.high)
    return f"{signed_percent(band.value)} (90 % band {low} to {high})"
