"""Few sessions of a ticker: what a trained forecaster makes of them, and its mean with another."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from core.evaluation.metrics.point_and_interval import pinball
from core.features.panel import Panel
from core.models import Forecaster, create
from core.models.distribution import Distribution
from core.models.short_history import Averaged
from core.reference.schema import HORIZONS, LEVELS
from tests.support.bars import walk
from tests.support.evaluation import FOLDER, large_us

OTHERS = pd.concat(
    [walk(f"T{k}", 500, seed=80 + k, volatility=0.01 * 2 ** (k / 2)) for k in range(5)],
    ignore_index=True,
)
AGES = (22, 30, 41, 60, 90, 130)


@pytest.fixture(scope="module")
def har() -> Forecaster:
    return create("har").fit(OTHERS)


def panel(young: pd.DataFrame, others: pd.DataFrame = OTHERS) -> tuple[Panel, np.ndarray]:
    found = Panel.of(pd.concat([others, young], ignore_index=True))
    return found, found.first[[found.tickers.index("YOUNG") + 1]] - 1


def predicted(har: Forecaster, young: pd.DataFrame, others: pd.DataFrame = OTHERS) -> np.ndarray:
    found = har.young_quantiles(*panel(young, others))
    assert found is not None
    return found[0]


@pytest.mark.parametrize("sessions", [22, 30, 41, 130])
def test_it_is_the_mean_of_both_around_one_place(har: Forecaster, sessions: int) -> None:
    bars = walk("YOUNG", sessions, seed=5)
    found = Averaged(har, create("random_walk_gauss")).quantiles(*panel(bars))[0]
    deviation = np.diff(np.log(bars["close"])).std() * np.sqrt(np.array(HORIZONS))[:, None]
    first = predicted(har, bars)
    middle = Distribution(first).mean()
    np.testing.assert_allclose(
        found, (first + norm.ppf(LEVELS) * deviation + middle[:, None]) / 2.0, atol=1e-12
    )
    np.testing.assert_allclose(Distribution(found).mean(), middle, atol=1e-12)


def test_from_the_end_of_the_warm_up_on_it_is_what_it_says_of_older_ones(har: Forecaster) -> None:
    for sessions in (131, 400):
        whole, row = panel(walk("YOUNG", sessions, seed=5))
        found = har.young_quantiles(whole, row)
        assert found is not None
        np.testing.assert_allclose(found, har.quantiles(whole, row), rtol=1e-12)
        np.testing.assert_allclose(whole.young_features(row), whole.features[row], rtol=1e-12)


def test_one_session_more_changes_little_up_to_the_hand_over(har: Forecaster) -> None:
    whole = walk("YOUNG", 131, seed=5)
    before, after = (predicted(har, whole.tail(sessions)) for sessions in (130, 131))
    width = before[:, 5] - before[:, 1]
    assert np.abs((after[:, 5] - after[:, 1]) / width - 1.0).max() < 0.05


@pytest.mark.parametrize("sessions", [22, 41, 130])
def test_what_comes_later_changes_nothing(har: Forecaster, sessions: int) -> None:
    young = walk("YOUNG", sessions + 30, seed=5)
    listed, last = young.head(sessions), young["session"].iloc[sessions - 1]
    found = predicted(har, listed)
    cut = OTHERS[OTHERS["session"] <= last]
    np.testing.assert_array_equal(predicted(har, listed, cut), found)
    later, row = panel(young)
    np.testing.assert_array_equal(har.young_quantiles(later, row - 30), found[None])


def test_it_reads_no_row_of_another_ticker_but_of_the_market(har: Forecaster) -> None:
    young = walk("YOUNG", 22, seed=5)
    row_before = OTHERS.assign(ticker=OTHERS["ticker"].str.replace("T", "Z"))
    np.testing.assert_allclose(predicted(har, young, row_before), predicted(har, young), rtol=1e-12)


def test_it_is_wider_where_the_ticker_moves_more(har: Forecaster) -> None:
    for sessions in (22, 60, 130):
        both = [
            Averaged(har, create("random_walk_gauss")).quantiles(
                *panel(walk("YOUNG", sessions, seed=5, volatility=volatility))
            )[0]
            for volatility in (0.01, 0.02, 0.04)
        ]
        widths = [found[:, 5] - found[:, 1] for found in both]
        assert (widths[1] > 1.5 * widths[0]).all() and (widths[2] > 1.5 * widths[1]).all()


def test_where_it_knows_nothing_there_is_no_mean(har: Forecaster) -> None:
    gauss, young = create("random_walk_gauss"), walk("YOUNG", 60, seed=5)
    both = Averaged(har, gauss)
    assert np.isfinite(both.quantiles(*panel(young))).all()
    for bars, others in (
        (walk("YOUNG", 21, seed=5), OTHERS),
        (young, OTHERS.assign(ticker=OTHERS["ticker"] + ".TW")),
        (young, OTHERS[OTHERS["session"] < "2024-06-28"]),
        (young, OTHERS.groupby("ticker").tail(130)),
        (young, OTHERS.head(0)),
    ):
        assert np.isnan(both.quantiles(*panel(bars, others))).all()
    for name in ("constant_width", "random_walk"):
        other = Averaged(create(name).fit(OTHERS), gauss)
        assert np.isnan(other.quantiles(*panel(young))).all()


def pretended(since: str, until: str, every: int, thirds: int = 3) -> dict[str, pd.DataFrame]:
    """Losses and hits on stocks cut to their last few sessions, by forecaster; (as_of, horizon).

    A third of them at a time; what is trained has learned from the two other thirds before.
    """
    bars = large_us().assign(session=lambda rows: rows["session"].astype("datetime64[ns]"))
    own_bars, gauss = dict(tuple(bars.groupby("ticker"))), create("random_walk_gauss")
    names = sorted(own_bars)
    whole = Panel.of(bars)
    sessions = np.unique(whole.session)
    found: dict[str, list[tuple[float, ...]]] = {"fallback": [], "averaged": []}
    for third in range(thirds):
        listed = names[third::3]
        others = bars[~bars["ticker"].isin(listed)]
        model = create("har").fit(others, pd.Timestamp(since))
        at = np.flatnonzero((sessions >= np.datetime64(since)) & (sessions < np.datetime64(until)))
        for turn, last in enumerate(at[: -HORIZONS[-1] : every]):
            listings = [(name, AGES[(turn + k) % len(AGES)]) for k, name in enumerate(listed)]
            parts = [others[others["session"].between(sessions[last - 300], sessions[last])]]
            for name, age in listings:
                own = own_bars[name]
                own = own[own["session"] <= sessions[last]].tail(age)
                parts += [own] if own["session"].iloc[-1] == sessions[last] else []
            few = Panel.of(pd.concat(parts, ignore_index=True))
            young = few.first[1:][np.isin(few.tickers, listed)] - 1
            codes = [whole.tickers.index(few.tickers[code]) for code in few.code[young]]
            ends = np.flatnonzero(whole.session == sessions[last])
            actual = whole.actual(ends[np.searchsorted(whole.code[ends], codes)], HORIZONS)
            for source, model_of in (("fallback", gauss), ("averaged", Averaged(model, gauss))):
                quantiles = model_of.quantiles(few, young)
                loss = pinball(actual, quantiles, LEVELS).mean(axis=-1)
                inside = (quantiles[..., 1] <= actual) & (actual <= quantiles[..., 5])
                found[source].append((last, *loss.mean(axis=0), *inside.mean(axis=0)))
    return {source: pd.DataFrame(rows) for source, rows in found.items()}


@pytest.mark.evaluation
@pytest.mark.skipif(not FOLDER, reason="TICKERLENS_EVALUATION_DATA is not set")
def test_on_pretended_listings_it_loses_less_than_the_fallback() -> None:
    found = pretended("2014", "2019", 30, thirds=1)
    fallback, mean = (found[name].to_numpy()[:, 1:] for name in ("fallback", "averaged"))
    assert len(mean) > 40
    assert mean[:, :20].sum() < 0.99 * fallback[:, :20].sum()
    covered = mean[:, 20:].mean(axis=0)[[0, 4, 19]]
    assert ((covered > 0.75) & (covered < 0.85)).all()
