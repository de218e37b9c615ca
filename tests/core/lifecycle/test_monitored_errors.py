"""Monitoring follows what people were shown, not what the champion would say of it now."""

from dataclasses import dataclass, replace
from datetime import UTC

import numpy as np
import pandas as pd
import pytest

from core.evaluation.walk_forward.score_quantiles import scored
from core.features.panel import Panel
from core.forecasts.forecast import Forecast
from core.forecasts.ledger.ledger import Ledger
from core.forecasts.ledger.score_entry import score
from core.forecasts.make import make
from core.lifecycle.monitor import build_report, monitoring_input
from core.lifecycle.monitored_errors import MIN_LIVE_SESSIONS
from core.lifecycle.report_store import DriftVerdict, Signal, SignalName
from core.models import create
from core.reference.forecast_kinds import ForecastKind
from core.reference.sessions import SHIPPED
from core.reference.tickers import Ticker
from tests.core.forecasts.ledger.test_ledger import CARD
from tests.support.bars import walk
from tests.support.homes import AT, Home

TICKERS = [Ticker(one) for one in ("AAPL", "IBM", "MSFT")]
SESSIONS, RECENT = 1000, 44
MODEL = create("random_walk")


def bars_of(factor: float = 1.0) -> pd.DataFrame:
    """Three quiet tickers; so many times as restless in the last sessions."""
    volatility = np.r_[np.full(SESSIONS - RECENT, 0.02), np.full(RECENT, 0.02 * factor)]
    walks = [walk(one.symbol, SESSIONS, k, volatility) for k, one in enumerate(TICKERS)]
    return pd.concat(walks, ignore_index=True).assign(source="csv")


def served(home: Home, bars: pd.DataFrame, name: str = "random_walk") -> None:
    """A champion with a proof up to the last sessions, and one of another recipe before it."""
    home.bars.upsert(bars)
    panel = Panel.of(bars)
    dates = pd.DatetimeIndex(np.unique(panel.session))[520 : SESSIONS - RECENT - 20 : 4]
    scores = scored(panel, panel.rows_at(dates), MODEL, MODEL)
    card = replace(CARD, tickers=tuple(map(str, TICKERS)), window="2020-09-01..2024-04-26")
    home.registry.register(create("constant_width").fit(bars), card, AT)
    for _ in range(2):
        home.registry.register(create("random_walk").fit(bars), card, AT, scores)
    home.registry.promote(3, "ann", "newer", AT)


@dataclass(frozen=True)
class Shown:
    """Forecasts of the last sessions by a version, with so many times the champion's width."""

    width: float = 0.25
    sessions: int = RECENT
    version: int = 3
    kind: str = ForecastKind.LIVE


def show(home: Home, bars: pd.DataFrame, *shown: Shown) -> Ledger:
    """Write forecasts down night by night, and score them.

    Each of its last sessions, and of every 15th before those that monitoring looks at.
    """
    ledger, panel = Ledger(home.database), Panel.of(bars)
    newest = bars.groupby("ticker").tail(300)
    one = make(MODEL, home.registry.get(3), newest, TICKERS[0], AT)
    dates = np.sort(bars["session"].unique())
    nights = {k: _nights(dates, plan.sessions) for k, plan in enumerate(shown)}
    for date in dates:
        rows = panel.rows_at(pd.DatetimeIndex([date]))
        for k, plan in enumerate(shown):
            if date not in nights[k]:
                continue
            distribution = MODEL.returns(panel, rows) * plan.width
            made = [
                _at(one, date, *of)
                for of in zip(TICKERS, panel.close[rows], distribution, strict=True)
            ]
            model, source = home.registry.get(plan.version), one.source
            source = ForecastKind.SAMPLE if plan.kind == ForecastKind.SAMPLE else source
            made = [replace(each, model=model, source=source) for each in made]
            kind = (
                ForecastKind.REPLAYED if plan.kind == ForecastKind.REPLAYED else ForecastKind.LIVE
            )
            assert ledger.append(made, made[0].created_at, kind).new == len(made)
    longest = max(plan.sessions for plan in shown)
    recent = bars.groupby("ticker").tail(longest + 1)
    by_ticker = {str(ticker): recent[recent["ticker"] == str(ticker)] for ticker in TICKERS}
    found = [score(entry, by_ticker[entry.ticker], AT, SHIPPED) for entry in ledger.open_entries()]
    ledger.add_scores(pd.concat(found, ignore_index=True))
    return ledger


def _nights(dates: np.ndarray, sessions: int) -> set[np.datetime64]:
    last = dates[-sessions:]
    return {*last[: -RECENT - 1 : 15], *last[-RECENT:]}


def _at(
    one: Forecast, date: np.datetime64, ticker: Ticker, close: float, returns: np.ndarray
) -> Forecast:
    """The same forecast as of another session, of another ticker."""
    as_of = pd.Timestamp(date)
    # The morning after, before New York opens.
    night = (as_of + pd.Timedelta(hours=36)).to_pydatetime().replace(tzinfo=UTC)
    frame = one.frame.sort_values(["horizon", "quantile"])
    frame = frame.assign(price=close * np.exp(returns.ravel()), created_at=night)
    frame["target_session"] = as_of + frame["horizon"].to_numpy() * pd.offsets.BDay()
    same = {"frame": frame, "baseline": frame, "created_at": night}
    return replace(one, ticker=ticker, as_of=as_of, last_close=float(close), **same)


def decay(home: Home, ledger: Ledger | None) -> Signal:
    live_scores = None if ledger is None else ledger.shown_scores
    windows = monitoring_input(home.bars, home.registry, live_scores=live_scores)
    report = build_report(windows, {}, {"mae": 0.3, "reference mae": 0.3}, AT)
    return report.signal(SignalName.DECAY)


def test_errors_that_people_were_shown_grew_and_the_champion_s_did_not(home: Home) -> None:
    bars = bars_of()
    served(home, bars)
    raw = decay(home, None)
    assert (raw.verdict, raw.source, raw.versions) == (DriftVerdict.IN_BAND, "replayed", ())
    ledger = show(home, bars, Shown())
    found = decay(home, ledger)
    assert (found.verdict, found.source, found.reference_source) == (
        DriftVerdict.BEYOND,
        "live",
        "replayed",
    )
    dates = np.sort(bars["session"].unique())[-RECENT:-5]  # the last five have not come whole
    assert found.window == f"{pd.Timestamp(dates[0]):%Y-%m-%d}..{pd.Timestamp(dates[-1]):%Y-%m-%d}"
    assert (found.n, found.versions) == (3 * len(dates), (3,))
    rows = ledger.scores(ForecastKind.LIVE)
    near = rows[(rows["horizon"] <= 5) & rows["as_of"].isin(pd.DatetimeIndex(dates).date)]
    inside = next(one for one in found.measures if one.name == "coverage_80")
    assert len(near) == 5 * found.n and inside.value == pytest.approx(near["inside_80"].mean())
    loss = next(one for one in found.measures if one.name == "loss")
    assert loss.value == pytest.approx((near["pinball"] / near["width_80"]).mean())


def test_the_champion_s_errors_grew_and_those_people_were_shown_did_not(home: Home) -> None:
    bars = bars_of(factor=3.0)
    served(home, bars)
    assert decay(home, None).verdict == DriftVerdict.BEYOND
    found = decay(home, show(home, bars, Shown(2.7)))
    assert (found.verdict, found.source) == (DriftVerdict.IN_BAND, "live")


@pytest.mark.parametrize(
    "shown",
    [
        pytest.param(Shown(kind=ForecastKind.SAMPLE), id="sample rows", marks=pytest.mark.soak),
        pytest.param(Shown(kind=ForecastKind.REPLAYED), id="replayed rows"),
        pytest.param(Shown(version=1), id="another recipe's", marks=pytest.mark.soak),
        pytest.param(Shown(sessions=MIN_LIVE_SESSIONS + 4), id="too few sessions"),
    ],
)
def test_what_is_no_live_row_of_what_serves_does_not_count(home: Home, shown: Shown) -> None:
    bars = bars_of()
    served(home, bars)
    found = decay(home, show(home, bars, shown))
    assert (found.verdict, found.source) == (DriftVerdict.IN_BAND, "replayed")


@pytest.mark.parametrize(
    ("own", "verdict", "versions"),
    [(Shown(1.0, sessions=10), DriftVerdict.IN_BAND, (2, 3)), (Shown(), DriftVerdict.BEYOND, (3,))],
    ids=["young", "old enough"],
)
def test_a_young_champion_is_seen_by_what_its_recipe_showed(
    home: Home, own: Shown, verdict: str, versions: tuple[int, ...]
) -> None:
    """What serves now has its own rows first, as soon as they are old enough."""
    bars = bars_of()
    served(home, bars)
    found = decay(home, show(home, bars, Shown(1.0, version=2), own))
    assert (found.verdict, found.source, found.versions) == (verdict, "live", versions)


def test_live_rows_alone_are_their_own_reference(home: Home) -> None:
    bars = bars_of()
    served(home, bars)
    ledger = show(home, bars, Shown(sessions=RECENT + 345))
    found = decay(home, ledger)
    assert (found.source, found.reference_source, found.verdict) == (
        "live",
        "live",
        DriftVerdict.IN_BAND,
    )


def test_without_a_proof_or_live_rows_there_is_not_enough(home: Home) -> None:
    bars = bars_of()
    home.bars.upsert(bars)
    card = replace(CARD, tickers=tuple(map(str, TICKERS)), window="2020-09-01..2024-04-26")
    home.registry.register(create("random_walk").fit(bars), card, AT)
    home.registry.promote(1, "ann", "first", AT)
    found = decay(home, Ledger(home.database))
    assert (found.verdict, found.source, found.n) == (DriftVerdict.TOO_LITTLE, "replayed", 0)
