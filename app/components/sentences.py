"""What is known of a forecast's worth, in words."""

import math

import pandas as pd

from app.components.formats import UNKNOWN, counted, is_itself, percent, signed_percent
from core.forecasts.ledger import SAMPLE
from core.forecasts.make import Forecast
from core.models.drivers import USUAL_SESSIONS
from core.models.skill import Band, Skill
from core.registry.cards import ModelCard
from core.registry.registry import ModelVersion
from core.schema import MAX_HORIZON
from core.services.fared import Fared

_HASH = 12  # characters of a hash that are shown
_TOGETHER = {
    "all": "all real tickers together",
    "us": "all United States tickers together",
    "tw": "all Taiwan tickers together",
}
BASELINES = {"random_walk": "the random walk"}


def worth(forecast: Forecast) -> str:
    """What is known of the skill behind a forecast, in plain words."""
    if forecast.stand_in:
        return f"Skill is unknown: {forecast.stand_in} was not tested here."
    symbol = forecast.ticker.symbol
    trained = forecast.model.card.knows(symbol, forecast.source)
    return skill_sentence(forecast.skill, forecast.skill_scope, symbol, trained)


def maker(forecast: Forecast) -> str:
    """Who made a forecast, and from what."""
    name, version = forecast.made_by()
    if forecast.stand_in:
        return f"Made by {name}, which looks at this ticker alone and is not trained."
    card = forecast.model.card
    return (
        f"{'Specialist' if card.only_ticker else 'Model'} {name} version {version}, trained on "
        f"{trained_on(card)} over {card.window.replace('..', ' to ')}."
    )


def trained_on(card: ModelCard) -> str:
    """What a model learned from: how many tickers, or the one."""
    kind = "sample ticker" if card.sample else "ticker"
    return f"{card.only_ticker} alone" if card.only_ticker else counted(len(card.tickers), kind)


def correction(forecast: Forecast) -> str:
    """What the ledger changed about a forecast's width; empty if nothing."""
    if not forecast.recalibrated:
        return ""
    return (
        f"The range was corrected by how live forecasts on this exchange fared before: "
        f"{counted(forecast.recalibrated, 'score')} from the ledger."
    )


def record(found: Fared, ticker: str, horizon: int, last: pd.Timestamp) -> str:
    """What the ledger says of past forecasts: their coverage with n and window, or what is missing.

    Shares, prices and n are of one kind, live or sample, which the sentence names. `last` is the
    last stored session.
    """
    if found.rows.empty:
        how = (
            "Those of sample bars are written there by the nightly work."
            if found.kind == SAMPLE
            else "One is written there when it is made, before its first target session opens."
        )
        return f"No {found.kind} forecast of {ticker} is in the ledger yet. {how}"
    if not found.n:
        first = found.rows["target_session"].iloc[0]
        why = f" yet: the first target session is {first:%Y-%m-%d}."
        if found.kind == SAMPLE and first > last:
            why = f": the sample ends before the first target session, {first:%Y-%m-%d}."
        many = counted(len(found.rows), f"{found.kind} forecast")
        return f"{many} of {ticker}, none scored at horizon {horizon}{why}"
    first_scored, last_scored = found.window.split("..")
    shared = " Neighbouring forecasts share sessions, so they err together." if horizon > 1 else ""
    return (
        f"{found.kind.capitalize()} coverage of the 80 % interval at horizon {horizon}: "
        f"{percent(found.coverage)} of n {found.n}, targets from {first_scored} to "
        f"{last_scored}.{shared} Prices are in units of the close at each as of."
    )


def lineage(model: ModelVersion) -> str:
    """What a version comes from, so that any of its numbers can be traced."""
    card = model.card
    return (
        f"Data {card.data_hash[:_HASH]}, features {card.spec_hash}, program "
        f"{card.commit[:_HASH] or UNKNOWN}, file {model.sha256[:_HASH]}."
    )


def width_sentence(change: "pd.Series[float]", horizon: int, before: pd.Timestamp | None) -> str:
    """How wide the range is against usual, and against the session before.

    `change` holds both, `usual` and `moved`, in percent of the width; NaN where it is unknown.
    """
    if math.isnan(change["usual"]):
        return "There is too little history to say what is usual for this ticker."
    what = f"The {horizon}-session range is {_wider(change['usual'])} usual for this ticker"
    if before is None or math.isnan(change["moved"]):
        return f"{what} in its last {USUAL_SESSIONS} sessions."
    return (
        f"{what} in its last {USUAL_SESSIONS} sessions, and {_wider(change['moved'])} "
        f"that of the session before, {before:%Y-%m-%d}."
    )


def _wider(percent: float) -> str:
    if abs(percent) < 0.5:
        return "as wide as"
    return f"{abs(percent):.0f} % {'wider' if percent > 0 else 'narrower'} than"


def skill_sentence(skill: Skill | None, scope: str, ticker: str, trained: bool) -> str:
    """What walk-forward says of `ticker`, or of all the model learned from, in plain words.

    `trained` says whether the ticker was among those the model learned from.
    """
    alone = ""
    if not trained:
        alone = f" The model was trained without {ticker}; train again to judge it."
    elif scope != ticker:
        alone = f" {ticker} alone has too few past forecasts to judge."
    if skill is None:
        return "Skill is unknown: too little history to test this model out of sample." + alone
    over = _over(scope)
    opening = {
        "shown": f"Skill on {over}: the width of the range carries information; "
        "its middle hardly does.",
        "worse": f"Worse than {_rival(skill)} on {over}: prefer the dotted lines.",
        "not shown": f"No skill shown on {over}: take the range as no better than the dotted "
        "lines.",
    }
    return opening[skill.verdict] + alone


def proof_sentence(skill: Skill, scope: str) -> str:
    """The numbers behind it: skill, both bands, horizons, n and window."""
    (first, last), over = skill.window.split(".."), _over(scope)
    return (
        f"{over[0].upper()}{over[1:]}: {_against(skill, _rival(skill))}{_constant(skill)}; "
        f"horizons 1 to {MAX_HORIZON}, n {skill.n} past forecasts from {first} to {last}, out of "
        "sample."
    )


def _rival(skill: Skill) -> str:
    return BASELINES.get(skill.baseline, skill.baseline)


def _over(scope: str) -> str:
    return _TOGETHER.get(scope, scope)


def _constant(skill: Skill) -> str:
    constant = skill.against_constant
    return "" if constant is None else f", {_against(constant, 'a constant width')}"


def _against(band: Skill | Band, rival: str) -> str:
    if is_itself(band.value, band.low, band.high):
        return f"it is {rival} itself"
    low, high = signed_percent(band.low), signed_percent(band.high)
    return f"{signed_percent(band.value)} (90 % band {low} to {high}) against {rival}"
