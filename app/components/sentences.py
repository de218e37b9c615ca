"""What is known of a forecast's worth, in words."""

import math

import pandas as pd

from app.components.formats import UNKNOWN, counted, is_itself, likely, percent, signed_percent
from core.evaluation.metrics.skill import CONSTANT, Band, HorizonSkill, Skill
from core.forecasts import claims
from core.forecasts.forecast import Forecast
from core.forecasts.ledger.track_record import TrackRecord
from core.models import Location
from core.models.premium import PRIOR_A_YEAR
from core.models.width_drivers import EXPECTED_SESSIONS
from core.reference.forecast_kinds import ForecastKind
from core.reference.schema import MAX_HORIZON
from core.reference.windows import window_in_words
from core.registry.model_card import ModelCard
from core.registry.registry import ModelVersion

_HASH = 12  # characters of a hash that are shown
AT_ONCE = f"The bands hold at all horizons from 1 to {MAX_HORIZON} at once."
_DIRECTION = {
    Location.PREMIUM: f"The mean rise, about {PRIOR_A_YEAR:.0%}".replace("%", " %")
    + " a year, is the same for all tickers: direction is not predicted.",
    Location.CLOSE: "The middle is the last close, the same for all tickers: direction is not "
    "predicted.",
    Location.OWN_PAST: "It goes on as the ticker's last 500 sessions did: direction is not "
    "predicted.",
    Location.PREDICTED: "This forecaster claims to predict direction; its skill says what that is "
    "worth.",
}


def worth(forecast: Forecast, horizon: int) -> str:
    """What is known of the skill behind a forecast at a horizon, in plain words."""
    if forecast.averaged:
        both = f"{forecast.model.name} version {forecast.model.version} and {forecast.fallback}"
        return f"Skill is unknown: the mean of {both} was not tested here."
    if forecast.fallback:
        return f"Skill is unknown: {forecast.fallback} was not tested here."
    return str(forecast.claim(horizon))


def maker(forecast: Forecast) -> str:
    """Who made a forecast, and from what."""
    name, version = forecast.made_by()
    if forecast.averaged:
        return (
            f"Made by {forecast.model.name} version {version} from the few sessions there are, and "
            f"by {forecast.fallback}, which looks at this ticker alone and is not trained: the "
            "mean of both."
        )
    if forecast.fallback:
        return f"Made by {name}, which looks at this ticker alone and is not trained."
    card = forecast.model.card
    return (
        f"{'Specialist' if card.only_ticker else 'Model'} {name} version {version}, trained on "
        f"{trained_on(card)} over {window_in_words(card.window)}."
    )


def trained_on(card: ModelCard) -> str:
    """What a model learned from: how many tickers, or the one."""
    kind = "sample ticker" if card.sample else "ticker"
    return f"{card.only_ticker} alone" if card.only_ticker else counted(len(card.tickers), kind)


def direction(forecast: Forecast, horizon: int) -> str:
    """P(up) at a horizon beside how often the ticker rose, and what it is worth."""
    up, rate = forecast.distribution().probability_up()[horizon - 1], forecast.base_rate
    spans = counted(forecast.spans - horizon + 1, "past span")
    return (
        f"P(up) is {likely(up)}, beside a base rate of {percent(rate[horizon - 1])}: the share of "
        f"{forecast.ticker}'s {spans} of {counted(horizon, 'session')} that rose. "
        f"{_DIRECTION[forecast.location]}"
    )


def correction(forecast: Forecast) -> str:
    """What the ledger changed about a forecast's width; empty if nothing."""
    if not forecast.recalibrated:
        return ""
    return (
        "The range was corrected at the horizons where live forecasts on this exchange missed more "
        f"or less often than chance explains: {counted(forecast.recalibrated, 'score')} from the "
        "ledger."
    )


_APART = {
    ForecastKind.FALLBACK: " They do not count in the model's record.",
    ForecastKind.REPLAYED: " They were made after the fact, each by the model's recipe fitted on "
    "what was known by then, and do not count in the live record.",
}


def past_coverage(found: TrackRecord, ticker: str, horizon: int, last: pd.Timestamp) -> str:
    """What the ledger says of past forecasts: their coverage with n and window, or what is missing.

    Shares, prices and n are of one kind, which the sentence names. `last` is the last stored
    session.
    """
    apart = _APART.get(found.kind, "")
    if found.rows.empty:
        how = (
            "Those of sample bars are written there by the nightly work, if the model makes them."
            if found.kind == ForecastKind.SAMPLE
            else "One is written there when it is made, before its first target session opens."
        )
        return f"No {found.kind} forecast of {ticker} is in the ledger yet. {how}{apart}"
    if not found.n:
        first = found.rows["target_session"].iloc[0]
        reason = f" yet: the first target session is {first:%Y-%m-%d}."
        if found.kind == ForecastKind.SAMPLE and first > last:
            reason = f": the sample ends before the first target session, {first:%Y-%m-%d}."
        many = counted(len(found.rows), f"{found.kind} forecast")
        return f"{many} of {ticker}, none scored at horizon {horizon}{reason}{apart}"
    shared = " Neighbouring forecasts share sessions, so they err together." if horizon > 1 else ""
    return (
        f"{found.kind.capitalize()} coverage of the 80 % interval at horizon {horizon}: "
        f"{percent(found.coverage)} of n {found.n}, targets from "
        f"{window_in_words(found.window)}.{shared}{apart} Prices are in units of the close at each "
        "as of."
    )


def coverage_scope(forecast: Forecast) -> str:
    """Whose coverage is shown, where it is not the ticker's own."""
    evaluated, ticker = forecast.model.card.evaluated_tickers, forecast.ticker.symbol
    of = claims.over(forecast.skill_scope, evaluated)
    reason = f"{ticker} alone has too few past forecasts"
    if evaluated is not None and ticker not in evaluated:
        reason = f"{ticker} is not one of the {len(evaluated)} that the model was tested on"
    if not forecast.model.card.knows(ticker, forecast.source):
        reason = f"the model was trained without {ticker}"
    return f"The coverage is that of {of}, since {reason}."


def lineage(model: ModelVersion) -> str:
    """What a version comes from, so that any of its numbers can be traced."""
    card = model.card
    return (
        f"Data {card.data_hash[:_HASH]}, features {card.spec_hash}, program "
        f"{card.commit[:_HASH] or UNKNOWN}, file {model.sha256[:_HASH]}."
    )


def width_sentence(change: "pd.Series[float]", horizon: int, before: pd.Timestamp | None) -> str:
    """How wide the range is against usual, and against the session before.

    `change` holds both, `against_expected` and `moved`, in percent of the width; NaN where it is
    unknown.
    """
    if math.isnan(change["against_expected"]):
        return "There is too little history to say what is usual for this ticker."
    what = (
        f"The {horizon}-session range is {_wider(change['against_expected'])} usual for this ticker"
    )
    if before is None or math.isnan(change["moved"]):
        return f"{what} in its last {EXPECTED_SESSIONS} sessions."
    return (
        f"{what} in its last {EXPECTED_SESSIONS} sessions, and {_wider(change['moved'])} "
        f"that of the session before, {before:%Y-%m-%d}."
    )


def _wider(percent: float) -> str:
    if abs(percent) < 0.5:
        return "as wide as"
    return f"{abs(percent):.0f} % {'wider' if percent > 0 else 'narrower'} than"


def proof_sentence(
    skill: Skill,
    scope: str,
    horizon: int | None = None,
    evaluated: tuple[str, ...] | None = None,
) -> str:
    """The numbers behind a claim: skill, both bands, horizon, n and window.

    Of one horizon where it was measured there, else of all together; `evaluated` as of
    `core.forecasts.claims.claim`.
    """
    one = None if horizon is None else skill.at(horizon)
    over, found = str(claims.over(scope, evaluated)), one or skill
    over = f"{over[0].upper()}{over[1:]}" + (
        "" if one is None else f" at {counted(one.horizon, 'session')}"
    )
    numbers = f"{_against(found, str(claims.named(skill.baseline)))}{_constant(found)}"
    facts = f"n {found.n} past forecasts from {window_in_words(skill.window)}, out of sample."
    if one is None:
        return f"{over}: {numbers}; horizons 1 to {MAX_HORIZON}, {facts}"
    return f"{over}: {numbers}; {facts}"


def _constant(skill: Skill | HorizonSkill) -> str:
    constant = skill.against_constant
    return "" if constant is None else f", {_against(constant, str(claims.NAMES[CONSTANT]))}"


def _against(band: Skill | HorizonSkill | Band, baseline: str) -> str:
    if is_itself(band.value, band.low, band.high):
        return f"it is {baseline} itself"
    low, high = signed_percent(band.low), signed_percent(band.high)
    return f"{signed_percent(band.value)} (90 % band {low} to {high}) against {baseline}"
